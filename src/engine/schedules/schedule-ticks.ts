import type { Logger } from 'pino'
import type { Loops } from '../../base/loops.ts'
import { writeInstant } from '../../base/datetime.ts'
import type { Dispatch } from '../dispatch/dispatch.ts'
import { SignalboxError } from '../../base/errors.ts'
import type { Lookups } from '../lookups/lookups.ts'
import type { Ledger } from '../../ledger/contract.ts'
import { FinalFailure, type Schedule, type Work, type WorkerJob } from '../../queues/work.ts'
import { SCHEDULES_QUEUE } from '../own-queues.ts'
import type { ScheduleEntry } from '../lookups/schedule-entry.ts'
import type { KeyedEvent } from '../../base/event.ts'
import { toEvent, type TickData } from './event.ts'
import { scheduleNotes, type ScheduleNote, type ScheduleNotes } from './note.ts'

const CONCURRENCY = 20
const MAX_STALLED = 1_000_000
/** How often schedules that the datastore has lost are put in again, and what could not be put in is tried again. */
const FOLLOW_MS = 15_000
/** While the lookups are exchanged, a process may not know an event type that another one does. */
const UNKNOWN_TYPE_MS = 10 * 60_000
/** Ticks of one schedule that are remembered by the jobs that make their events. */
const MOST_BEGUN = 50

type Dependencies = {
  ledger: Pick<Ledger, 'get' | 'commit'>
  work: Pick<Work, 'worker' | 'schedule' | 'unschedule' | 'schedules'>
  dispatch: Pick<Dispatch, 'submit'>
  /** By the clock of the datastore, as the ticks. */
  now: () => number
  lookups: () => Lookups
  onLookups: (listener: (lookups: Lookups) => void) => void
  lockMs: number
  stalledMs: number
  log: Logger
  loops: Loops
  onError: (error: Error) => void
}

type State = Dependencies & {
  notes: ScheduleNotes
  /** The lookups have been read anew, and the schedules not followed them yet. */
  isChanged: boolean
}

/** Keeps the schedules of the datastore like those of the lookups, and makes one event of each tick. */
export function startScheduleTicks (dependencies: Dependencies): { close: () => Promise<void> } {
  const { ledger, work, onLookups, lockMs, stalledMs, loops, onError } = dependencies
  const state: State = { ...dependencies, notes: scheduleNotes(ledger), isChanged: true }
  const following = loops.start({ name: 'schedules', everyMs: FOLLOW_MS, act: () => follow(state) })
  following.soon()
  onLookups(() => {
    state.isChanged = true
    following.soon()
  })
  const options = { concurrency: CONCURRENCY, lockMs, stalledMs, maxStalled: MAX_STALLED, onError }
  const worker = work.worker(SCHEDULES_QUEUE, (job) => tick(state, job), options)
  return {
    close: async () => {
      await worker.close()
      await following.close()
    }
  }
}

type TickJob = Pick<WorkerJob, 'id' | 'name' | 'data' | 'tick' | 'createdAt'>

/** However often it is taken up, a tick makes one event. */
export async function tick (
  state: Pick<State, 'notes' | 'dispatch' | 'now' | 'log'>,
  job: TickJob
): Promise<{ event: string } | { skipped: string }> {
  const { notes } = state
  const given = job.data as TickData
  // A second start must make the same event, although others have been missed by then.
  const first = writeInstant(job.tick ?? job.createdAt)
  const note = await notes.change(job.name, (before) => withBegun(before, job.id, first))
  const time = note.begun?.[job.id] ?? first
  if (note.paused ?? given.paused) return { skipped: 'paused' }
  const event = await submit(state, job.name, toEvent(job.name, given, time), Date.parse(time))
  await notes.change(job.name, (before) => withLast(before, time, event))
  return { event }
}

function withBegun (note: ScheduleNote, job: string, time: string): ScheduleNote {
  if (note.begun?.[job] !== undefined) return note
  const others = Object.entries(note.begun ?? {}).slice(1 - MOST_BEGUN)
  return { ...note, begun: Object.fromEntries([...others, [job, time]]) }
}

function withLast ({ problem: _problem, ...note }: ScheduleNote, time: string, event: string): ScheduleNote {
  return note.last !== undefined && Date.parse(note.last) >= Date.parse(time) ? note : { ...note, last: time, event }
}

async function submit (
  { dispatch, notes, now, log }: Pick<State, 'notes' | 'dispatch' | 'now' | 'log'>,
  name: string,
  keyed: KeyedEvent,
  time: number
): Promise<string> {
  try {
    return (await dispatch.submit(keyed)).key
  } catch (error) {
    if (!(error instanceof SignalboxError) || error.statusCode >= 500) {
      log.warn({ err: error, schedule: name }, 'the event of a tick could not be stored; it is tried again')
      throw error
    }
    log.error({ schedule: name, reason: error.message }, 'a tick made no event')
    await notes.change(name, (note) => ({ ...note, problem: error.message }))
    if (error.statusCode === 404 && now() - time < UNKNOWN_TYPE_MS) throw error
    throw new FinalFailure(error.message)
  }
}

async function follow (state: State): Promise<void> {
  const { work, lookups, isChanged } = state
  const wanted = lookups().schedules
  const stored = new Set((await work.schedules(SCHEDULES_QUEUE)).map(({ name }) => name))
  // Only who has just read its lookups changes and removes: another process may have newer ones.
  for (const entry of wanted.values()) {
    if (isChanged || !stored.has(entry.name)) await work.schedule(SCHEDULES_QUEUE, toSchedule(entry))
  }
  for (const name of stored) if (isChanged && !wanted.has(name)) await work.unschedule(SCHEDULES_QUEUE, name)
  if (wanted === lookups().schedules) state.isChanged = false
}

function toSchedule ({ name, pattern, timezone, type, subject, source, data, paused }: ScheduleEntry): Schedule {
  const given: TickData = { type, paused, subject, source, data }
  return { name, pattern, timezone, data: given }
}
