import { setTimeout as sleep } from 'node:timers/promises'

const FIRST_MS = 100
const MAX_MS = 1000

export type PollOptions<T> = {
  /** Time after which the last answer is given as it is; none unless given. */
  timeoutMs?: number | undefined
  /** Called with every answer. */
  onUpdate?: ((answer: T) => void) | undefined
  signal?: AbortSignal | undefined
}

/** Asks until the answer is the end of it or the time is up: soon at first, then less often. Resolves with the last answer. */
export async function poll<T> (ask: () => Promise<T>, isEnd: (answer: T) => boolean, { timeoutMs = Infinity, onUpdate, signal }: PollOptions<T>): Promise<T> {
  const end = performance.now() + timeoutMs
  for (let pauseMs = FIRST_MS; ; pauseMs = Math.min(pauseMs * 1.5, MAX_MS)) {
    const answer = await ask()
    onUpdate?.(answer)
    const leftMs = end - performance.now()
    if (isEnd(answer) || leftMs <= 0) return answer
    await sleep(Math.min(pauseMs, leftMs), undefined, { signal })
  }
}
