import { setTimeout as sleep } from 'node:timers/promises'

export interface Turns {
  take: <T>(run: () => Promise<T>) => Promise<T>
}

/**
 * One after the other, and after each a rest as long as it took: however many wait, they keep what they ask busy for half
 * of the time at most.
 */
export function createTurns (): Turns {
  let free: Promise<unknown> = Promise.resolve()
  return {
    take: async <T>(run: () => Promise<T>): Promise<T> => {
      let tookMs = 0
      const result = free.then(async () => {
        const started = performance.now()
        try {
          return await run()
        } finally {
          tookMs = performance.now() - started
        }
      })
      free = result.then(() => sleep(tookMs), () => sleep(tookMs))
      return await result
    }
  }
}
