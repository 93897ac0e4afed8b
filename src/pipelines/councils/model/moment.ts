import { readWrittenTime } from '../../../base/datetime.ts'
import { instantOf } from '../../../base/zone.ts'

/** The years 1 to 9999, in seconds since 1970; the last microsecond rounds up. */
const [FIRST, LAST] = [-62_135_596_800, 253_402_300_800]

/**
 * Seconds since 1970, to the microsecond, of a number of them or of an ISO 8601 time, which is of
 * `zone` where it names no offset.
 */
export function readMoment (value: number | string, zone: string): number | undefined {
  const seconds = typeof value === 'number' ? value : readSeconds(value, zone)
  return seconds !== undefined && seconds >= FIRST && seconds <= LAST ? seconds : undefined
}

function readSeconds (text: string, zone: string): number | undefined {
  const written = readWrittenTime(text)
  if (written === undefined) return undefined
  const { seconds, micros, hasOffset } = written
  const utc = hasOffset ? seconds : instantOf(zone, seconds * 1000) / 1000
  // One division of whole numbers, as Python does it: a sum of fractions may differ in its last
  // bit, and with it the id.
  return (utc * 1_000_000 + micros) / 1_000_000
}
