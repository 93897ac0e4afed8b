/** What `work` makes of the items, in their order, with `most` of them under way ahead of the one that is waited for. */
export async function * ahead<T, Made> (items: Iterable<T>, most: number, work: (item: T) => Promise<Made>): AsyncGenerator<Made> {
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

/** Runs `run` on all items, `most` at once. After the first error nothing more is begun, and it is thrown when the rest has ended. */
export async function concurrently<T> (items: Iterable<T>, most: number, run: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items]
  const failures: unknown[] = []
  const lane = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined && failures.length === 0; item = queue.shift()) {
      await run(item).catch((error: unknown) => { failures.push(error) })
    }
  }
  await Promise.all(Array.from({ length: most }, lane))
  if (failures.length > 0) throw failures[0]
}
