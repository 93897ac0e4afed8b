import { writeInstant } from '../../base/datetime.ts'
import { errors } from '../../base/errors.ts'
import type { Lookups } from '../lookups/lookups.ts'
import type { Ledger } from '../../ledger/contract.ts'
import type { Work } from '../../queues/work.ts'
import { SCHEDULES_QUEUE } from '../own-queues.ts'
import { scheduleNotes, type ScheduleNote } from './note.ts'
import type { ScheduleEntry } from '../lookups/schedule-entry.ts'
import type { ScheduleView } from '../../schemas/schedules.ts'
import { nextTick } from '../../base/ticks.ts'

export interface Schedules {
  list: () => Promise<{ items: ScheduleView[], next: null }>
  /** Kept in the datastore: for all processes, whatever starts again. */
  pause: (name: string) => Promise<ScheduleView>
  resume: (name: string) => Promise<ScheduleView>
}

type Dependencies = {
  ledger: Pick<Ledger, 'get' | 'commit'>
  work: Pick<Work, 'schedules'>
  lookups: () => Pick<Lookups, 'schedules'>
}

export function createSchedules ({ ledger, work, lookups }: Dependencies): Schedules {
  const notes = scheduleNotes(ledger)

  async function list (): Promise<{ items: ScheduleView[], next: null }> {
    const entries = [...lookups().schedules.values()]
    return { items: await view(entries), next: null }
  }

  async function view (entries: ScheduleEntry[]): Promise<ScheduleView[]> {
    const names = entries.map(({ name }) => name)
    const [found, stored] = await Promise.all([notes.read(names), work.schedules(SCHEDULES_QUEUE)])
    const nextOf = new Map(stored.map(({ name, next }) => [name, next]))
    return entries.map((entry, i) => toView(entry, found[i] ?? { v: 1 }, nextOf.get(entry.name)))
  }

  async function set (name: string, paused: boolean): Promise<ScheduleView> {
    const entry = lookups().schedules.get(name)
    if (entry === undefined) throw errors.unknownSchedule(name)
    await notes.change(name, (note) => note.paused === paused ? note : { ...note, paused })
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
