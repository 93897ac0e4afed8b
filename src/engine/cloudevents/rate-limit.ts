const MINUTE_MS = 60_000
/** More senders than these within a minute count as one. */
const MAX_SENDERS = 10_000

/**
 * Counts deliveries per sender and minute, in this process. Answers 0 for one that is within the rate, else the seconds
 * until the next may come. `ratePerMinute` 0 means no limit.
 */
export function createRateLimit (ratePerMinute: number, now: () => number = Date.now): (sender: string) => number {
  const counts = new Map<string, number>()
  let begin = now()
  return (sender) => {
    if (ratePerMinute === 0) return 0
    const at = now()
    if (at - begin >= MINUTE_MS) {
      counts.clear()
      begin = at
    }
    const key = counts.has(sender) || counts.size < MAX_SENDERS ? sender : ''
    const count = (counts.get(key) ?? 0) + 1
    counts.set(key, count)
    return count <= ratePerMinute ? 0 : Math.max(1, Math.ceil((begin + MINUTE_MS - at) / 1000))
  }
}
