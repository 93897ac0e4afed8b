/** What was asked for, and who waits for its answer. */
export type Asked<T, R> = { item: T, resolve: (answer: R) => void, reject: (error: unknown) => void }

type Settings<T, R> = {
  /** Does all of it; answers in the order of the items. */
  send: (items: T[]) => Promise<R[]>
  /** Of those that wait, the oldest first: those that go now, one at least, and those that stay. */
  take: (waiting: Array<Asked<T, R>>) => [group: Array<Asked<T, R>>, rest: Array<Asked<T, R>>]
  /** Whether something in the group was refused and nothing was done: each half is tried by itself then. */
  isRefusal?: (error: unknown) => boolean
  /** Groups under way at once. */
  inFlight?: number
}

type State<T, R> = Required<Settings<T, R>> & {
  waiting: Array<Asked<T, R>>
  underWay: number
  idle: Array<() => void>
}

export interface Together<T, R> {
  ask: (item: T) => Promise<R>
  /** Resolves when nothing waits and nothing is under way. */
  settled: () => Promise<void>
}

/** What is asked for in one turn of the event loop, or while others are under way, travels together. */
export function createTogether<T, R> (settings: Settings<T, R>): Together<T, R> {
  const state: State<T, R> = {
    isRefusal: () => false, inFlight: 2, ...settings, waiting: [], underWay: 0, idle: []
  }
  return {
    ask: (item) => new Promise((resolve, reject) => {
      state.waiting.push({ item, resolve, reject })
      if (state.underWay < state.inFlight) void pump(state)
    }),
    settled: async () => {
      if (state.underWay > 0) await new Promise<void>((resolve) => { state.idle.push(resolve) })
    }
  }
}

async function pump<T, R> (state: State<T, R>): Promise<void> {
  state.underWay++
  await new Promise(setImmediate)
  while (state.waiting.length > 0) {
    const [group, rest] = state.take(state.waiting)
    state.waiting = rest
    await answer(state, group)
  }
  state.underWay--
  if (state.underWay === 0) for (const resolve of state.idle.splice(0)) resolve()
}

async function answer<T, R> (state: State<T, R>, group: Array<Asked<T, R>>): Promise<void> {
  try {
    const answers = await state.send(group.map(({ item }) => item))
    for (const [i, { resolve }] of group.entries()) resolve(answers[i] as R)
  } catch (error) {
    if (group.length === 1 || !state.isRefusal(error)) {
      for (const { reject } of group) reject(error)
      return
    }
    const half = group.length >> 1
    await answer(state, group.slice(0, half))
    await answer(state, group.slice(half))
  }
}
