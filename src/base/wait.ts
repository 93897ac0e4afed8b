import { timerMs } from './deadline.ts'

/** Waits, and rejects with the reason of the signal once that is aborted. */
export async function wait (ms: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted()
  await new Promise<void>((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, timerMs(ms))
    signal?.addEventListener('abort', stop, { once: true })
  })
}
