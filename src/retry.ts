import { setTimeout as delay } from 'node:timers/promises'

type Retry = { tries: number, delayMs: number, signal: AbortSignal, log: (line: string) => void }

/** Does `work` again after an error that a repeat may mend: not after one that is final, and not after an abort. */
export async function retry<T> (work: () => Promise<T>, { tries, delayMs, signal, log }: Retry): Promise<T> {
  for (let left = tries - 1; ; left--) {
    try {
      return await work()
    } catch (error) {
      signal.throwIfAborted()
      if (left <= 0 || isFinal(error)) throw error
      log(`${error instanceof Error ? error.message : String(error)}: tried again in ${delayMs / 1000} s`)
      await delay(delayMs, undefined, { signal })
    }
  }
}

const isFinal = (error: unknown): boolean => ['FINAL', 'INPUT_REFUSED'].includes(String((error as { code?: unknown } | undefined)?.code))
