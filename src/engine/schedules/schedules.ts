import { writeInstant } from '../../base/datetime.ts'
import { errors } from '../../base/errors.ts'
import type { Lookups } from '../lookups/lookups.ts'
import { FOREVER_MS, changeNote } from '../../queues/notes.ts'
import { SCHEDULES_QUEUE, type Queues } from '../../queues/contract.ts'
import type { ScheduleEntry } from '../lookups/schedule-entry.ts'
import type { ScheduleView } from '../../schemas/schedules.ts'
import { nextTick } from '../../base/ticks.ts'

/** What processes share about a schedule. `paused` stands over that of the lookup; times are RFC 3339. */
export type ScheduleNote = { paused?: boolean, last?: string, event?: string, problem?: string }

export const noteOf = (schedule: string): string => `schedule:${schedule}`

export interface Schedules {
  list: () => Promise<{ items: ScheduleView[], next: null }>
  /** Kept in the datastore: for all processes, whatever starts again. */
  pause: (name: string) => Promise<ScheduleView>
  resume: (name: string) => Promise<ScheduleView>
}

type Dependencies = {
  queues: Pick<Queues, 'schedules' | 'readNotes' | 'writeNote'>
  lookups: () => Pick<Lookups, 'schedules'>
}

export function createSchedules ({ queues, lookups }: Dependencies): Schedules {
  async function list (): Promise<{ items: ScheduleView[], next: null }> {
    const entries = [...lookups().schedules.values()]
    return { items: await view(entries), next: null }
  }

  async function view (entries: ScheduleEntry[]): Promise<ScheduleView[]> {
    const [notes, stored] = await Promise.all([
      queues.readNotes<ScheduleNote>(entries.map(({ name }) => noteOf(name))),
      queues.schedules(SCHEDULES_QUEUE)
    ])
    const nextOf = new Map(stored.map(({ name, next }) => [name, next]))
    return entries.map((entry, i) => toView(entry, notes[i]?.value ?? {}, nextOf.get(entry.name)))
  }

  async function set (name: string, paused: boolean): Promise<ScheduleView> {
    const entry = lookups().schedules.get(name)
    if (entry === undefined) throw errors.unknownSchedule(name)
    await changeNote<ScheduleNote>(
      queues,
      noteOf(name),
      (note = {}) => note.paused === paused ? note : { ...note, paused },
      () => FOREVER_MS
    )
    const [shown] = await view([entry])
    return shown as ScheduleView
  }

  return { list, pause: (name) => set(name, true), resume: (name) => set(name, false) }
}

function toView (entry: ScheduleEntry, note: ScheduleNote, next = nextTick(entry, Date.now())): ScheduleView {
  const paused = note.paused ?? entry.paused
  return {
    schedule: entry.name,
    type: entry.type,
    cron: entry.cron ?? null,
    every: entry.every ?? null,
    timezone: entry.timezone,
    subject: entry.subject ?? null,
    paused,
    next: paused ? null : writeInstant(next),
    last: note.last ?? null,
    event: note.event ?? null,
    problem: note.problem ?? null,
    description: entry.description ?? null
  }
}
