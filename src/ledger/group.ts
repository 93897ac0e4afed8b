import type { Result, Unit } from './contract.ts'

type Waiting<U> = { unit: U, weight: number, resolve: (result: Result) => void, reject: (error: unknown) => void }

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

type State<U> = Required<Settings<U>> & { waiting: Array<Waiting<U>>, underWay: number, idle: Array<() => void> }

export interface Group<U> {
  commit: (unit: U) => Promise<Result>
  /** Resolves when nothing waits and nothing is under way. */
  settled: () => Promise<void>
}

/** Group commit: units that come in one turn of the event loop, or while others are under way, travel together. */
export function createGroup<U extends Unit> (settings: Settings<U>): Group<U> {
  const state: State<U> = { units: 50, weight: 2000, inFlight: 2, ...settings, waiting: [], underWay: 0, idle: [] }
  return { commit: (unit) => commit(state, unit), settled: () => settled(state) }
}

function commit<U extends Unit> (state: State<U>, unit: U): Promise<Result> {
  return new Promise((resolve, reject) => {
    state.waiting.push({ unit, weight: weightOf(unit), resolve, reject })
    if (state.underWay < state.inFlight) void pump(state)
  })
}

async function settled<U> (state: State<U>): Promise<void> {
  if (state.underWay > 0) await new Promise<void>((resolve) => { state.idle.push(resolve) })
}

async function pump<U extends Unit> (state: State<U>): Promise<void> {
  state.underWay++
  await new Promise(setImmediate)
  while (state.waiting.length > 0) await settle(state, takeGroup(state))
  state.underWay--
  if (state.underWay === 0) for (const resolve of state.idle.splice(0)) resolve()
}

async function settle<U extends Unit> (state: State<U>, group: Array<Waiting<U>>): Promise<void> {
  try {
    const results = await state.send(group.map(({ unit }) => unit))
    for (const [i, { resolve }] of group.entries()) resolve(results[i] as Result)
  } catch (error) {
    if (group.length === 1 || !state.isRefusal(error)) {
      for (const { reject } of group) reject(error)
      return
    }
    const half = group.length >> 1
    await settle(state, group.slice(0, half))
    await settle(state, group.slice(half))
  }
}

/**
 * Takes units that do not meet, so that all of a group may be judged before any of it is written: where one expects
 * what another expects or counts, the later one waits for the next group, and so do those behind it. Counters that
 * are only counted may be shared.
 */
function takeGroup<U extends Unit> (state: State<U>): Array<Waiting<U>> {
  const group: Array<Waiting<U>> = []
  const later: Array<Waiting<U>> = []
  const expected = new Set<string>()
  const counted = new Set<string>()
  let weight = 0
  let read = 0
  for (; read < state.waiting.length && group.length < state.units; read++) {
    const item = state.waiting[read] as Waiting<U>
    const { expect, increments = [] } = item.unit
    const meets = expect.some(({ doc }) => expected.has(doc) || counted.has(doc)) ||
      increments.some(({ doc }) => expected.has(doc))
    const fits = group.length === 0 || weight + item.weight <= state.weight
    if (fits && !meets) {
      group.push(item)
      weight += item.weight
    } else later.push(item)
    for (const { doc } of expect) expected.add(doc)
    for (const { doc } of increments) counted.add(doc)
    if (!fits) { read++; break }
  }
  state.waiting = [...later, ...state.waiting.slice(read)]
  return group
}

function weightOf ({ expect, put = [], increments = [], entries = [], enqueue = [], remove = [] }: Unit): number {
  return expect.length + put.length + increments.length + entries.length + enqueue.length + remove.length
}
