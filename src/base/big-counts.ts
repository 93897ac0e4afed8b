/** Up to so many are counted whenever somebody asks. */
export const COUNTED = 5000

/** A count is taken for what it was for so long; after that it is made anew, and the old one told meanwhile. */
const FRESH_MS = 5000
const KNOWN_MS = 60_000

type Counted = { n: number, at: number, counting: Promise<number> | undefined }

/**
 * Counts of what is too much to be counted every time, where counting takes longer the more there is: each a few
 * seconds old, and a minute at most.
 */
export function createBigCounts (
  count: (key: string) => Promise<number>,
  now = Date.now
): (key: string) => Promise<number> {
  const known = new Map<string, Counted>()

  async function anew (key: string): Promise<number> {
    const before = known.get(key)
    if (before?.counting !== undefined) return await before.counting
    const entry: Counted = before ?? { n: 0, at: -Infinity, counting: undefined }
    known.set(key, entry)
    entry.counting = count(key).finally(() => { entry.counting = undefined })
    entry.n = await entry.counting
    entry.at = now()
    return entry.n
  }

  return async (key) => {
    const { n, at } = known.get(key) ?? { n: 0, at: -Infinity }
    const age = now() - at
    if (age < FRESH_MS) return n
    if (age >= KNOWN_MS) return await anew(key)
    // Whoever asks next hears of it, or of why it cannot be counted.
    anew(key).catch(() => {})
    return n
  }
}
