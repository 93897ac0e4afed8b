/** How many milliseconds the clock of the datastore is ahead of that of this machine; below 0 where it is behind. */
export type Ahead = () => number

/** Milliseconds since 1970; no duration and no count is so large. */
const FIRST_INSTANT = 1e12

const isInstant = (value: number): boolean => value > FIRST_INSTANT

/**
 * BullMQ reads the clock of its own machine wherever it writes a time: the end of a lock, the time of a delayed job.
 * Of two machines that disagree, one then takes the work of the other for dead, or hands out a job an hour early. Here
 * every time that goes to the datastore is turned into one of its clock.
 */
export const toDatastoreTimes = <T>(values: T[], aheadMs: number): T[] =>
  aheadMs === 0 ? values : values.map((one) => typeof one === 'number' && isInstant(one) ? one + aheadMs as T : one)

/**
 * The same for a call of a schedule, of which only the time at which it is made is one of a clock: a tick is one of the
 * calendar.
 */
export const withCallTime = <T>(values: T[], place: number, aheadMs: number): T[] =>
  values.map((one, i) => i === place && typeof one === 'number' ? one + aheadMs as T : one)

/** A time that the datastore tells, as BullMQ compares it with the clock of this machine. */
export function toLocalTime (value: unknown, aheadMs: number): number {
  const time = Number(value ?? 0)
  return isInstant(time) ? time - aheadMs : time
}
