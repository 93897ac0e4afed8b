import { uuidv7 } from 'uuidv7'
import { writeInstant } from '../../base/datetime.ts'
import { errors } from '../../base/errors.ts'
import type { Accepted, Dispatch } from '../dispatch/dispatch.ts'
import type { EventStatus } from '../../schemas/events.ts'
import { toActs, withAct } from '../documents/acts.ts'
import type { Lookups } from '../lookups/lookups.ts'
import type { Ledger } from '../../ledger/contract.ts'
import type { Work } from '../../queues/work.ts'
import { SCHEDULES_QUEUE } from '../own-queues.ts'
import { toEvent } from './event.ts'
import { scheduleNotes, type ScheduleNote } from './note.ts'
import type { ScheduleEntry } from '../lookups/schedule-entry.ts'
import type { ScheduleView } from '../../schemas/schedules.ts'
import { nextTick } from '../../base/ticks.ts'

export interface Schedules {
  list: () => Promise<{ items: ScheduleView[], next: null }>
  /** Kept in the datastore: for all processes, whatever starts again. */
  pause: (name: string, by?: string, note?: string) => Promise<ScheduleView>
  resume: (name: string, by?: string) => Promise<ScheduleView>
  /** Makes an event now, also where it is paused; its ticks stay as they are. @throws UNKNOWN_SCHEDULE */
  run: (name: string, by?: string) => Promise<Accepted>
}

type Dependencies = {
  ledger: Pick<Ledger, 'get' | 'commit'>
  work: Pick<Work, 'schedules'>
  lookups: () => Pick<Lookups, 'schedules'>
  dispatch: Pick<Dispatch, 'submit'>
  now: () => number
  /** What events came to with all that followed, by their keys; of one that is gone nothing is known. */
  treeStatuses: (keys: string[]) => Promise<Map<string, EventStatus>>
}

const NEXT_TICKS = 5

export function createSchedules ({ ledger, work, lookups, dispatch, now, treeStatuses }: Dependencies): Schedules {
  const notes = scheduleNotes(ledger)

  async function list (): Promise<{ items: ScheduleView[], next: null }> {
    const entries = [...lookups().schedules.values()]
    return { items: await view(entries), next: null }
  }

  async function view (entries: ScheduleEntry[]): Promise<ScheduleView[]> {
    const names = entries.map(({ name }) => name)
    const [found, stored] = await Promise.all([notes.read(names), work.schedules(SCHEDULES_QUEUE)])
    const nextOf = new Map(stored.map(({ name, next }) => [name, next]))
    const keys = found.flatMap((note) => note?.event ?? [])
    const statuses = await treeStatuses(keys)
    return entries.map((entry, i) => {
      const note = found[i] ?? { v: 1 }
      const next = nextOf.get(entry.name) ?? nextTick(entry, now())
      return toView(entry, note, statuses.get(note.event ?? '') ?? null, next)
    })
  }

  async function set (name: string, paused: boolean, by?: string, why?: string): Promise<ScheduleView> {
    const entry = lookups().schedules.get(name)
    if (entry === undefined) throw errors.unknownSchedule(name)
    const act = paused ? 'pause' : 'resume'
    await notes.change(name, (note) => {
      if (note.paused === paused) return note
      const acts = by === undefined ? note.acts : withAct(note.acts, { act, by, note: why, at: now() })
      return { ...note, paused, acts }
    })
    const [shown] = await view([entry])
    return shown as ScheduleView
  }

  async function run (name: string, by?: string): Promise<Accepted> {
    const entry = lookups().schedules.get(name)
    if (entry === undefined) throw errors.unknownSchedule(name)
    return await dispatch.submit(toEvent(name, entry, writeInstant(now()), `run.${uuidv7()}`), { by })
  }

  return { list, run, pause: (name, by, why) => set(name, true, by, why), resume: (name, by) => set(name, false, by) }
}

function ticksFrom (entry: ScheduleEntry, first: number): string[] {
  const ticks = [first]
  while (ticks.length < NEXT_TICKS) ticks.push(nextTick(entry, ticks.at(-1) ?? first))
  return ticks.map(writeInstant)
}

function toView (
  entry: ScheduleEntry,
  note: ScheduleNote,
  status: EventStatus | null,
  next: number
): ScheduleView {
  const paused = note.paused ?? entry.paused
  return {
    schedule: entry.name,
    type: entry.type,
    cron: entry.cron ?? null,
    every: entry.every ?? null,
    timezone: entry.timezone,
    subject: entry.subject ?? null,
    paused,
    source: entry.source ?? `/schedules/${entry.name}`,
    next: paused ? null : writeInstant(next),
    next_ticks: paused ? [] : ticksFrom(entry, next),
    last: note.last ?? null,
    event: note.event ?? null,
    event_status: status,
    problem: note.problem ?? null,
    acts: toActs(note.acts),
    description: entry.description ?? null
  }
}
