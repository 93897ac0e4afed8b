type Item<T, R> = { key: string, value: T, state: 'waiting' | 'writing' | 'late', resolve: (result: R) => void, reject: (error: unknown) => void }

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

/**
 * Group commit: what comes while a write is under way is written together when that has ended. Nothing waits when idle.
 * A value with the key of one that is under way is not written: it shares the result of that one, and is told so.
 */
export function createBatch<T, R> ({ write, size, batches, maxWaiting, timeoutMs, overloaded, unanswered }: Settings<T, R>): (key: string, value: T) => Promise<{ result: R, shared: boolean }> {
  const waiting: Array<Item<T, R>> = []
  const byKey = new Map<string, Promise<R>>()
  let underWay = 0

  async function add (key: string, value: T): Promise<{ result: R, shared: boolean }> {
    const same = byKey.get(key)
    if (same !== undefined) return { result: await same, shared: true }
    return { result: await enter(key, value), shared: false }
  }

  function enter (key: string, value: T): Promise<R> {
    if (waiting.length >= maxWaiting) return Promise.reject(overloaded())
    const result = new Promise<R>((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer)
        byKey.delete(key)
      }
      const item: Item<T, R> = {
        key,
        value,
        state: 'waiting',
        resolve: (result) => {
          end()
          resolve(result)
        },
        reject: (error) => {
          end()
          reject(error)
        }
      }
      const timer = setTimeout(() => {
        item.reject(item.state === 'waiting' ? overloaded() : unanswered())
        item.state = 'late'
      }, timeoutMs)
      waiting.push(item)
    })
    byKey.set(key, result)
    flush()
    return result
  }

  function flush (): void {
    while (underWay < batches && waiting.length > 0) {
      const items = waiting.splice(0, size).filter(({ state }) => state === 'waiting')
      if (items.length === 0) continue
      underWay++
      void writeBatch(items)
    }
  }

  async function writeBatch (items: Array<Item<T, R>>): Promise<void> {
    for (const item of items) item.state = 'writing'
    try {
      const results = await write(items.map((item) => item.value))
      for (const [i, item] of items.entries()) {
        const result = results[i]
        if (result instanceof Error || result === undefined) item.reject(result)
        else item.resolve(result)
      }
    } catch (error) {
      for (const item of items) item.reject(error)
    } finally {
      underWay--
      flush()
    }
  }

  return add
}
