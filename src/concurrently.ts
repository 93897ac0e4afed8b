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
