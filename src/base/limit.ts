/** At most so many at a time, first come first served. */
export interface Limit {
  /** Waits for a place and answers its release. Rejects with the reason of the signal. */
  take: (signal?: AbortSignal) => Promise<() => void>
  run: <T>(work: () => Promise<T>, signal?: AbortSignal) => Promise<T>
}

type State = { free: number, waiting: Set<() => void> }

export function createLimit (most: number): Limit {
  const state: State = { free: most, waiting: new Set() }
  return { take: take.bind(null, state), run: (work, signal) => run(state, work, signal) }
}

async function take (state: State, signal?: AbortSignal): Promise<() => void> {
  signal?.throwIfAborted()
  if (state.free > 0) {
    state.free--
    return releaseOnce(state)
  }
  return await new Promise((resolve, reject) => {
    const go = (): void => {
      leave()
      resolve(releaseOnce(state))
    }
    const stop = (): void => {
      leave()
      reject(signal?.reason)
    }
    const leave = (): void => {
      state.waiting.delete(go)
      signal?.removeEventListener('abort', stop)
    }
    state.waiting.add(go)
    signal?.addEventListener('abort', stop)
  })
}

async function run<T> (state: State, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  const release = await take(state, signal)
  try {
    return await work()
  } finally {
    release()
  }
}

/** Hands the place to the first who waits. A second call does nothing. */
function releaseOnce (state: State): () => void {
  let released = false
  return () => {
    if (released) return
    released = true
    const [next] = state.waiting
    if (next === undefined) state.free++
    else next()
  }
}

/**
 * Runs `work` on all items, `most` at a time. After the first error nothing more is begun, and it is thrown once what
 * runs has ended.
 */
export async function concurrently<T> (
  items: Iterable<T>,
  most: number,
  work: (item: T) => Promise<void>
): Promise<void> {
  const rest = [...items][Symbol.iterator]()
  const failures: unknown[] = []
  const lane = async (): Promise<void> => {
    for (const item of rest) {
      if (failures.length === 0) {
        await work(item).catch((error: unknown) => {
          failures.push(error)
        })
      }
    }
  }
  await Promise.all(Array.from({ length: most }, lane))
  if (failures.length > 0) throw failures[0]
}

/** What `work` makes of the items, in their order, with `most` under way ahead of the one that is waited for. */
export async function * ahead<T, Made> (
  items: Iterable<T>, most: number, work: (item: T) => Promise<Made>
): AsyncGenerator<Made> {
  const underWay: Array<Promise<Made>> = []
  for (const item of items) {
    const made = work(item)
    // It is waited for later, or never where one before it fails.
    made.catch(() => {})
    underWay.push(made)
    if (underWay.length > most) yield await underWay.shift()!
  }
  while (underWay.length > 0) yield await underWay.shift()!
}
