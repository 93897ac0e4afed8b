import { createTogether, type Asked } from '../base/together.ts'
import type { Result, Unit } from './contract.ts'

type Settings<U> = {
  /** Applies the units, each whole or not at all, as if one after the other; answers in their order. */
  send: (units: U[]) => Promise<Result[]>
  /** Whether the datastore refused something in the group, and applied nothing: each half is tried by itself then. */
  isRefusal: (error: unknown) => boolean
  /**
   * At most so many units in a group, and so many documents, counters, entries and jobs unless one unit alone has
   * more.
   */
  units?: number
  weight?: number
  /** Groups under way at once. */
  inFlight?: number
}

export interface Group<U> {
  commit: (unit: U) => Promise<Result>
  /** Resolves when nothing waits and nothing is under way. */
  settled: () => Promise<void>
}

type Waiting<U> = Array<Asked<U, Result>>

/** Group commit: units that come in one turn of the event loop, or while others are under way, travel together. */
export function createGroup<U extends Unit> (
  { units = 50, weight = 2000, ...settings }: Settings<U>
): Group<U> {
  const { ask, settled } = createTogether<U, Result>({
    ...settings,
    take: (waiting) => takeGroup(waiting, { units, weight })
  })
  return { commit: ask, settled }
}

/**
 * Takes units that do not meet, so that all of a group may be judged before any of it is written: where one expects
 * what another expects or counts, the later one waits for the next group, and so do those behind it. Counters that
 * are only counted may be shared.
 */
function takeGroup<U extends Unit> (
  waiting: Waiting<U>,
  most: { units: number, weight: number }
): [group: Waiting<U>, rest: Waiting<U>] {
  const group: Waiting<U> = []
  const later: Waiting<U> = []
  const expected = new Set<string>()
  const counted = new Set<string>()
  let weight = 0
  let read = 0
  for (; read < waiting.length && group.length < most.units; read++) {
    const asked = waiting[read] as Asked<U, Result>
    const { expect, increments = [] } = asked.item
    const own = weightOf(asked.item)
    const meets = expect.some(({ doc }) => expected.has(doc) || counted.has(doc)) ||
      increments.some(({ doc }) => expected.has(doc))
    const fits = group.length === 0 || weight + own <= most.weight
    if (fits && !meets) {
      group.push(asked)
      weight += own
    } else later.push(asked)
    for (const { doc } of expect) expected.add(doc)
    for (const { doc } of increments) counted.add(doc)
    if (!fits) { read++; break }
  }
  return [group, [...later, ...waiting.slice(read)]]
}

function weightOf ({ expect, put = [], increments = [], entries = [], enqueue = [], remove = [] }: Unit): number {
  return expect.length + put.length + increments.length + entries.length + enqueue.length + remove.length
}
