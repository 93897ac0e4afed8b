import { setTimeout as delay } from 'node:timers/promises'

type Retry = {
  tries: number
  /** Before the second try. */
  delayMs: number
  /** How much longer each pause is than the one before; the same by default. */
  growth?: number
  /** Whether a repeat may mend an error; all that are not final by default. */
  mayPass?: (error: unknown) => boolean
  signal: AbortSignal
  log: (line: string) => void
}

/** Does `work` again after an error that a repeat may mend: not after an abort. */
export async function retry<T> (work: () => Promise<T>, { tries, delayMs, growth = 1, mayPass = (error) => !isFinal(error), signal, log }: Retry): Promise<T> {
  for (let done = 1; ; done++) {
    try {
      return await work()
    } catch (error) {
      signal.throwIfAborted()
      if (done >= tries || !mayPass(error)) throw error
      const pauseMs = delayMs * growth ** (done - 1)
      log(`${error instanceof Error ? error.message : String(error)}: tried again in ${pauseMs / 1000} s`)
      await delay(pauseMs, undefined, { signal })
    }
  }
}

const isFinal = (error: unknown): boolean => ['FINAL', 'INPUT_REFUSED'].includes(String((error as { code?: unknown } | undefined)?.code))
