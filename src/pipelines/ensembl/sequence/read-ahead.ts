/** Has the next value fetched while the one before is worked on. */
export async function * readAhead<Value> (source: AsyncIterable<Value>): AsyncGenerator<Value> {
  const iterator = source[Symbol.asyncIterator]()
  let next = iterator.next()
  try {
    for (;;) {
      const { done, value } = await next
      if (done === true) return
      next = iterator.next()
      // A failure is thrown when its turn comes.
      next.catch(() => {})
      yield value
    }
  } finally {
    await iterator.return?.()
  }
}
