import { stopReason } from '../failure.ts'

/** At most `size` holders at a time, first come first served. `take` answers the release; it rejects when told to stop. */
export const createSlots = (size: number) => {
  const waiting = new Set<() => void>()
  let taken = 0

  const release = (): void => {
    taken -= 1
    const [next] = waiting
    next?.()
  }

  const take = async (signal: AbortSignal): Promise<() => void> => {
    if (signal.aborted) throw new Error(stopReason(signal))
    if (taken < size && waiting.size === 0) {
      taken += 1
      return release
    }
    return await new Promise((resolve, reject) => {
      const go = (): void => {
        leave()
        taken += 1
        resolve(release)
      }
      const stop = (): void => {
        leave()
        reject(new Error(stopReason(signal)))
      }
      const leave = (): void => {
        waiting.delete(go)
        signal.removeEventListener('abort', stop)
      }
      waiting.add(go)
      signal.addEventListener('abort', stop)
    })
  }

  return { take }
}
