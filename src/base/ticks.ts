import { cronFaces, cronHours } from './cron-faces.ts'
import { toMilliseconds } from './duration.ts'
import { offsetAt, untilOffsetChanges } from './zone.ts'

/**
 * When a schedule ticks. `pattern` is a cron expression in `timezone`, or `every 15m`: the multiples of that length of
 * time since 1970-01-01T00:00Z, whatever the zone.
 */
export type Ticks = { pattern: string, timezone: string }

const EVERY = /^every (\d+(?:ms|s|m|h|d))$/
const MACRO = /^@(yearly|annually|monthly|weekly|daily|hourly)$/
/** `H` is another moment with every reading. */
const RANDOM = /(?<![A-Za-z])H(?![A-Za-z])/i
const MIN_EVERY_MS = 1000
const HOURS = 24

/** Says what is wrong with a pattern, or nothing. */
export function patternProblem ({ pattern, timezone }: Ticks): string | undefined {
  const [, every] = EVERY.exec(pattern) ?? []
  if (every !== undefined) return toMilliseconds(every) < MIN_EVERY_MS ? 'is less than a second' : undefined
  const fields = pattern.trim().split(/\s+/).length
  if (!MACRO.test(pattern) && fields !== 5 && fields !== 6) {
    return 'does not have the five fields of a cron expression (or six, the first of them seconds)'
  }
  if (RANDOM.test(pattern)) return 'has an H, which means another moment with every reading'
  try {
    nextTick({ pattern, timezone }, Date.now())
  } catch (error) {
    return `is no cron expression: ${(error as Error).message}`
  }
}

/**
 * The first tick after an instant; both are milliseconds. Where the clocks change:
 * - an expression that names hours ticks once for each time of day: one that the clock skips ticks at the moment when
 *   the clock has been put forward, one that comes twice ticks the first time;
 * - an expression of every hour ticks by elapsed time: not in the hour that is skipped, in both that are alike.
 *
 * cron-parser's own zones are not used: they tick twice in a doubled hour after a restart, and miss a skipped midnight.
 */
export function nextTick ({ pattern, timezone }: Ticks, after: number): number {
  const [, every] = EVERY.exec(pattern) ?? []
  if (every !== undefined) return (Math.floor(after / toMilliseconds(every)) + 1) * toMilliseconds(every)
  return isHourly(pattern) ? nextElapsed(pattern, timezone, after) : nextOfDay(pattern, timezone, after)
}

/** The latest tick at an instant or before it. */
export function lastTick ({ pattern, timezone }: Ticks, at: number): number {
  const [, every] = EVERY.exec(pattern) ?? []
  if (every !== undefined) return Math.floor(at / toMilliseconds(every)) * toMilliseconds(every)
  return isHourly(pattern) ? lastElapsed(pattern, timezone, at) : lastOfDay(pattern, timezone, at)
}

// Cron is read on the face of the clock: an instant plus the offset of the zone, as if that were UTC.
const isHourly = (pattern: string): boolean => cronHours(pattern).size === HOURS

function nextOfDay (pattern: string, zone: string, after: number): number {
  const faces = cronFaces(pattern, after + offsetAt(zone, after))
  for (;;) {
    const tick = instantOf(zone, faces.next())
    // The second of two hours that are alike: its times have ticked.
    if (tick > after) return tick
  }
}

function lastOfDay (pattern: string, zone: string, at: number): number {
  // In the second of two hours that are alike, the times of the whole first one have ticked.
  const ahead = Math.max(offsetAt(zone, at), offsetAt(zone, at - MAX_CHANGE_MS))
  const faces = cronFaces(pattern, at + ahead + 1)
  for (;;) {
    const tick = instantOf(zone, faces.prev())
    if (tick <= at) return tick
  }
}

function nextElapsed (pattern: string, zone: string, after: number): number {
  for (let from = after; ;) {
    const offset = offsetAt(zone, from + 1)
    const tick = cronFaces(pattern, from + offset).next() - offset
    if (offsetAt(zone, tick) === offset) return tick
    from = untilOffsetChanges(zone, from + 1, tick) - 1
  }
}

function lastElapsed (pattern: string, zone: string, at: number): number {
  for (let to = at; ;) {
    const offset = offsetAt(zone, to)
    const tick = cronFaces(pattern, to + offset + 1).prev() - offset
    if (offsetAt(zone, tick) === offset) return tick
    to = untilOffsetChanges(zone, tick, to) - 1
  }
}

/** Clocks have been put by a day at most, when a country went over the date line. */
const MAX_CHANGE_MS = 25 * 3_600_000

/** When a clock shows a face the first time; where it never does, when it has passed it. */
function instantOf (zone: string, face: number): number {
  const [earlier, later] = [offsetAt(zone, face - MAX_CHANGE_MS), offsetAt(zone, face + MAX_CHANGE_MS)]
  for (const offset of new Set([earlier, later])) if (offsetAt(zone, face - offset) === offset) return face - offset
  return untilOffsetChanges(zone, face - Math.max(earlier, later), face - Math.min(earlier, later))
}
