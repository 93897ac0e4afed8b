/** What the counts of an hour are called in the ledger, and in which pieces times are counted. */

export const HOUR_MS = 3_600_000
/** Two weeks. */
export const KEPT_HOURS = 14 * 24

export const hourOf = (ms: number): number => Math.floor(ms / HOUR_MS) * HOUR_MS

export const tallies = {
  /** Hours of which something is counted; score: when they begin. */
  hours: 'tallies',
  /** Members: `e ENTRY` for events, `p PROCESS` for jobs. */
  labels: (hour: number): string => `tally:${hour}`
} as const

export const labelDoc = (hour: number, label: string): string => `tally:${hour}:${label}`

/** Each piece is longer than the one before by the square root of two; the last one ends after weeks. */
const PER_DOUBLING = 2
const LAST = 63
const LETTERS = 'abcdefghijklmnopqrstuvwxyz'

/** Two letters: names of counters hold nothing else. */
export function bucketOf (ms: number): string {
  const at = Math.min(LAST, Math.max(0, Math.ceil(Math.log2(Math.max(1, ms)) * PER_DOUBLING)))
  return `${LETTERS[Math.floor(at / LETTERS.length)]}${LETTERS[at % LETTERS.length]}`
}

/** The longest time that is counted in a piece, milliseconds. */
export function endOfBucket (bucket: string): number {
  const at = LETTERS.indexOf(bucket[0] ?? 'a') * LETTERS.length + LETTERS.indexOf(bucket[1] ?? 'a')
  return Math.round(2 ** (at / PER_DOUBLING))
}
