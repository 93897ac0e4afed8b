import { timerMs } from '../base/deadline.ts'
import { wait } from '../base/wait.ts'

const FIRST_MS = 100
const MAX_MS = 1000
const MAX_TIMER_MS = 2 ** 31

export type FollowOptions<T> = {
  /** Time after which the last answer is given as it is; none unless given. */
  timeoutMs?: number | undefined
  /** Called with every answer. */
  onUpdate?: ((answer: T) => void) | undefined
  signal?: AbortSignal | undefined
}

export type Followed<T> = {
  ask: () => Promise<T>
  isEnd: (answer: T) => boolean
  /**
   * Listens until the end or until `late` is aborted. Returns also where nothing can be heard: then it is asked for.
   */
  listen?: ((late: AbortSignal) => Promise<void>) | undefined
}

/**
 * Listens where that is possible, then asks until the answer is the end of it or the time is up:
 * soon at first, then less often. Resolves with the last answer.
 */
export async function follow<T> (
  followed: Followed<T>,
  { timeoutMs = Infinity, onUpdate, signal }: FollowOptions<T>
): Promise<T> {
  const { ask, isEnd, listen } = followed
  const end = performance.now() + timeoutMs
  if (listen !== undefined) await withTimeLimit(listen, timeoutMs)
  for (let pauseMs = FIRST_MS; ; pauseMs = Math.min(pauseMs * 1.5, MAX_MS)) {
    const answer = await ask()
    onUpdate?.(answer)
    const leftMs = end - performance.now()
    if (isEnd(answer) || leftMs <= 0) return answer
    await wait(Math.min(pauseMs, leftMs), signal)
  }
}

async function withTimeLimit (listen: (late: AbortSignal) => Promise<void>, timeoutMs: number): Promise<void> {
  const late = new AbortController()
  const timer = timeoutMs < MAX_TIMER_MS ? setTimeout(() => { late.abort() }, timerMs(timeoutMs)) : undefined
  try {
    await listen(late.signal)
  } finally {
    clearTimeout(timer)
  }
}
