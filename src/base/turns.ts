import { createLimit } from './limit.ts'
import { wait } from './wait.ts'

export interface Turns {
  take: <T>(work: () => Promise<T>) => Promise<T>
}

/**
 * One after the other, and after each a rest as long as it took: however many wait, they keep what
 * they ask busy for half of the time at most.
 */
export function createTurns (): Turns {
  const limit = createLimit(1)
  return {
    take: async (work) => {
      const release = await limit.take()
      const started = performance.now()
      try {
        return await work()
      } finally {
        void wait(performance.now() - started).then(release)
      }
    }
  }
}
