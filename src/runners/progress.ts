import type { Progress } from '../sdk/process.ts'

const everyMs = 100

/** Lets through at most ten reports a second, and the last one on `flush`: a loop may report every record it reads. */
export const createProgress = (send: (progress: Progress) => void) => {
  let last = -Infinity
  let held: Progress | undefined
  return {
    report: (progress: Progress): void => {
      held = progress
      const now = performance.now()
      if (now - last < everyMs) return
      last = now
      held = undefined
      send(progress)
    },
    flush: (): void => {
      if (held !== undefined) send(held)
      held = undefined
    }
  }
}
