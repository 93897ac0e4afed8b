/** The same chunks; rejects at once when `signal` is aborted, also while the source hangs. */
export async function * interruptible<T> (source: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]()
  try {
    for (;;) {
      const next = await new Promise<IteratorResult<T>>((resolve, reject) => {
        const abort = (): void => reject(signal.reason)
        signal.addEventListener('abort', abort)
        if (signal.aborted) abort()
        iterator.next().then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
      })
      if (next.done === true) return
      yield next.value
    }
  } finally {
    // Not awaited: a source that hangs does not end either.
    iterator.return?.().catch(() => {})
  }
}
