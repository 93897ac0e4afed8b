import type { Logger } from 'pino'
import { writeInstant } from '../../base/datetime.ts'
import type { Dispatch } from '../dispatch/dispatch.ts'
import { SignalboxError } from '../../base/errors.ts'
import { readEvent, type KeyedEvent } from '../../base/event.ts'
import type { Lookups } from '../lookups/lookups.ts'
import { FOREVER_MS, changeNote } from '../../queues/notes.ts'
import { FinalFailure, SCHEDULES_QUEUE, type Queues, type Schedule, type WorkerJob } from '../../queues/contract.ts'
import type { ScheduleEntry } from '../lookups/schedule-entry.ts'
import { noteOf, type ScheduleNote } from './schedules.ts'

const CONCURRENCY = 20
const MAX_STALLED = 1_000_000
/** How often schedules that the datastore has lost are put in again, and what could not be put in is tried again. */
const FOLLOW_MS = 15_000
/** While the lookups are exchanged, a process may not know an event type that another one does. */
const UNKNOWN_TYPE_MS = 10 * 60_000

/**
 * All that an event needs travels with the tick: it may be taken by a process that has other
 * lookups. `tick` is RFC 3339.
 */
type TickData = Pick<ScheduleEntry, 'type' | 'subject' | 'source' | 'data' | 'paused'> & { tick?: string }

type Dependencies = {
  queues: Pick<Queues, 'worker' | 'schedule' | 'unschedule' | 'schedules' | 'updateData' | 'readNotes' | 'writeNote'>
  dispatch: Pick<Dispatch, 'submit'>
  lookups: () => Lookups
  onLookups: (listener: (lookups: Lookups) => void) => void
  lockMs: number
  stalledMs: number
  log: Logger
  onError: (error: Error) => void
}

/** Keeps the schedules of the datastore like those of the lookups, and makes one event of each tick. */
export function startScheduleTicks ({
  queues, dispatch, lookups, onLookups, lockMs, stalledMs, log, onError
}: Dependencies): { close: () => Promise<void> } {
  async function tick (job: WorkerJob): Promise<{ event: string } | { skipped: string }> {
    const given = job.data as TickData
    const time = given.tick ?? writeInstant(job.tick ?? job.createdAt)
    // A second start must make the same event, although others have been missed by then.
    if (given.tick === undefined) await queues.updateData(SCHEDULES_QUEUE, job.id, { ...given, tick: time })
    const [note] = await queues.readNotes<ScheduleNote>([noteOf(job.name)])
    if (note?.value.paused ?? given.paused) return { skipped: 'paused' }
    const event = await submit(job.name, toEvent(job.name, given, time), Date.parse(time))
    await remember(job.name, (note) =>
      note.last !== undefined && Date.parse(note.last) >= Date.parse(time)
        ? note
        : { ...withoutProblem(note), last: time, event }
    )
    return { event }
  }

  async function submit (name: string, keyed: KeyedEvent, time: number): Promise<string> {
    try {
      return (await dispatch.submit(keyed)).key
    } catch (error) {
      if (!(error instanceof SignalboxError) || error.statusCode >= 500) {
        log.warn({ err: error, schedule: name }, 'the event of a tick could not be stored; it is tried again')
        throw error
      }
      log.error({ schedule: name, reason: error.message }, 'a tick made no event')
      await remember(name, (note) => ({ ...note, problem: error.message }))
      if (error.statusCode === 404 && Date.now() - time < UNKNOWN_TYPE_MS) throw error
      throw new FinalFailure(error.message)
    }
  }

  async function remember (name: string, change: (note: ScheduleNote) => ScheduleNote): Promise<void> {
    await changeNote<ScheduleNote>(
      queues,
      noteOf(name),
      (note = {}) => change(note),
      () => FOREVER_MS
    )
  }

  let isChanged = true
  async function follow (): Promise<void> {
    const wanted = lookups().schedules
    const stored = new Set((await queues.schedules(SCHEDULES_QUEUE)).map(({ name }) => name))
    // Only who has just read its lookups changes and removes: another process may have newer ones.
    for (const entry of wanted.values()) {
      if (isChanged || !stored.has(entry.name)) {
        await queues.schedule(SCHEDULES_QUEUE, toSchedule(entry))
      }
    }
    for (const name of stored) if (isChanged && !wanted.has(name)) await queues.unschedule(SCHEDULES_QUEUE, name)
    if (wanted === lookups().schedules) isChanged = false
  }

  let following = Promise.resolve()
  const followSoon = (): void => {
    following = following.then(follow).catch(onError)
  }
  onLookups(() => {
    isChanged = true
    followSoon()
  })
  followSoon()
  const timer = setInterval(followSoon, FOLLOW_MS)
  const worker = queues.worker(SCHEDULES_QUEUE, tick, {
    concurrency: CONCURRENCY,
    lockMs,
    stalledMs,
    maxStalled: MAX_STALLED,
    onError
  })

  return {
    close: async () => {
      clearInterval(timer)
      await worker.close()
      await following
    }
  }
}

function toSchedule ({ name, pattern, timezone, type, subject, source, data, paused }: ScheduleEntry): Schedule {
  const given: TickData = {
    type,
    paused,
    ...(subject === undefined ? {} : { subject }),
    ...(source === undefined ? {} : { source }),
    ...(data === undefined ? {} : { data })
  }
  return { name, pattern, timezone, data: given }
}

/**
 * The same tick is always the same event. A source of the entry's own may be shared, so that the id names the schedule.
 */
function toEvent (schedule: string, { type, subject, source, data = {} }: TickData, time: string): KeyedEvent {
  return readEvent({
    type,
    source: source ?? `/schedules/${schedule}`,
    id: source === undefined ? time : `${schedule}/${time}`,
    time,
    ...(subject === undefined ? {} : { subject }),
    data: { ...data, tick: time }
  })
}

function withoutProblem ({ problem: _problem, ...note }: ScheduleNote): ScheduleNote {
  return note
}
