type Item<T, R> = {
  key: string
  value: T
  state: 'waiting' | 'writing' | 'late'
  timer: NodeJS.Timeout
  resolve: (result: R) => void
  reject: (error: unknown) => void
}

type Settings<T, R> = {
  /** Writes a batch; answers one result per value, an Error for one that was refused alone. */
  write: (values: T[]) => Promise<Array<R | Error>>
  /** Values in one batch, and batches under way at once. */
  size: number
  batches: number
  /** Values that may wait; the next is turned away. */
  maxWaiting: number
  /** How long one may take in all. One that still waits then is not written; of one that is being written nothing is known. */
  timeoutMs: number
  /** The error of one that was not written, and of one of which nothing is known. */
  overloaded: () => Error
  unanswered: () => Error
}

type State<T, R> = Settings<T, R> & { waiting: Array<Item<T, R>>, byKey: Map<string, Promise<R>>, underWay: number }

export type Add<T, R> = (key: string, value: T) => Promise<{ result: R, shared: boolean }>

/**
 * Group commit: what comes while a write is under way is written together when that has ended. Nothing waits when idle.
 * A value with the key of one that is under way is not written: it shares the result of that one, and is told so.
 */
export function createBatch<T, R> (settings: Settings<T, R>): Add<T, R> {
  const state: State<T, R> = { ...settings, waiting: [], byKey: new Map(), underWay: 0 }
  return async (key, value) => {
    const same = state.byKey.get(key)
    if (same !== undefined) return { result: await same, shared: true }
    return { result: await enter(state, key, value), shared: false }
  }
}

async function enter<T, R> (state: State<T, R>, key: string, value: T): Promise<R> {
  if (state.waiting.length >= state.maxWaiting) throw state.overloaded()
  const result = new Promise<R>((resolve, reject) => {
    const timer = setTimeout(() => { giveUp(state, item) }, state.timeoutMs)
    const item: Item<T, R> = { key, value, state: 'waiting', timer, resolve, reject }
    state.waiting.push(item)
  })
  state.byKey.set(key, result)
  flush(state)
  return await result
}

function giveUp<T, R> (state: State<T, R>, item: Item<T, R>): void {
  const error = item.state === 'waiting' ? state.overloaded() : state.unanswered()
  item.state = 'late'
  end(state, item, error)
}

function end<T, R> ({ byKey }: State<T, R>, item: Item<T, R>, result: R | Error): void {
  clearTimeout(item.timer)
  byKey.delete(item.key)
  if (result instanceof Error) item.reject(result)
  else item.resolve(result)
}

function flush<T, R> (state: State<T, R>): void {
  while (state.underWay < state.batches && state.waiting.length > 0) {
    const items = state.waiting.splice(0, state.size).filter((item) => item.state === 'waiting')
    if (items.length === 0) continue
    state.underWay++
    void writeBatch(state, items)
  }
}

async function writeBatch<T, R> (state: State<T, R>, items: Array<Item<T, R>>): Promise<void> {
  for (const item of items) item.state = 'writing'
  const results = await writeAll(state, items)
  for (const [i, item] of items.entries()) if (item.state === 'writing') end(state, item, results[i] as R | Error)
  state.underWay--
  flush(state)
}

async function writeAll<T, R> (state: State<T, R>, items: Array<Item<T, R>>): Promise<Array<R | Error>> {
  try {
    const results = await state.write(items.map(({ value }) => value))
    // With a result missing, nobody can say whose the others are.
    return results.length === items.length ? results : items.map(() => state.unanswered())
  } catch (error) {
    const thrown = error instanceof Error ? error : new Error(String(error))
    return items.map(() => thrown)
  }
}
