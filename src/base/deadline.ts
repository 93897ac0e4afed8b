/** The longest time that a timer of Node can wait; a longer one would go off at once. */
const LONGEST_MS = 2 ** 31 - 1

/**
 * A signal that aborts after so many milliseconds, whatever number that is: timers take whole
 * numbers within their range only.
 */
export const deadline = (ms: number): AbortSignal => AbortSignal.timeout(timerMs(ms))

/** The time of a timer: whole, not before `ms` are over, and within the range of timers. */
export const timerMs = (ms: number): number => Number.isNaN(ms) ? 0 : Math.min(LONGEST_MS, Math.max(0, Math.ceil(ms)))
