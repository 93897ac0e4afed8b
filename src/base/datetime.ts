const DATE = String.raw`(?<year>\d{4})(?:-(?<month>\d\d)-(?<day>\d\d)|(?<month2>\d\d)(?<day2>\d\d)|-W(?<week>\d\d)(?:-(?<weekday>\d))?|W(?<week2>\d\d)(?<weekday2>\d)?)`
const TIME = String.raw`(?<hour>\d\d)(?::(?<minute>\d\d)(?::(?<second>\d\d)(?:[.,](?<fraction>\d+))?)?|(?<minute2>\d\d)(?:(?<second2>\d\d)(?:[.,](?<fraction2>\d+))?)?)?`
const OFFSET = String.raw` ?(?:(?<utc>Z)|(?<sign>[+-])(?<offsetHour>\d\d)(?::?(?<offsetMinute>\d\d)(?::?(?<offsetSecond>\d\d)(?:[.,]\d+)?)?)?)`
const DATETIME = new RegExp(`^${DATE}(?:.${TIME}(?:${OFFSET})?)?$`, 'su')

const DAY_MS = 86_400_000

/**
 * A time as it was written: whole seconds since 1970 and microseconds after them, as of UTC where no offset is named.
 */
export type WrittenTime = { seconds: number, micros: number, hasOffset: boolean }

/** Reads the forms of ISO 8601 that Python's `datetime.fromisoformat` reads (3.11), undefined for anything else. */
export function readWrittenTime (text: string): WrittenTime | undefined {
  const groups = DATETIME.exec(text)?.groups
  if (groups === undefined) return undefined
  const number = (...names: string[]): number | undefined => {
    const found = names.map((name) => groups[name]).find((value) => value !== undefined)
    return found === undefined ? undefined : Number(found)
  }
  const week = number('week', 'week2')
  const day =
    week === undefined
      ? dayOf(number('year') ?? 0, number('month', 'month2') ?? 0, number('day', 'day2') ?? 0)
      : dayOfWeek(number('year') ?? 0, week, number('weekday', 'weekday2') ?? 1)
  const [hour = 0, minute = 0, second = 0] = [number('hour'), number('minute', 'minute2'), number('second', 'second2')]
  const [offsetHour = 0, offsetMinute = 0, offsetSecond = 0] = [
    number('offsetHour'),
    number('offsetMinute'),
    number('offsetSecond')
  ]
  if (
    day === undefined ||
    hour > 23 ||
    minute > 59 ||
    second > 59 ||
    offsetHour > 23 ||
    offsetMinute > 59 ||
    offsetSecond > 59
  ) {
    return undefined
  }
  const micros = Number(`${groups['fraction'] ?? groups['fraction2'] ?? ''}000000`.slice(0, 6))
  const offset = (groups['sign'] === '-' ? -1 : 1) * ((offsetHour * 60 + offsetMinute) * 60 + offsetSecond)
  const seconds = day / 1000 + (hour * 60 + minute) * 60 + second - offset
  return { seconds, micros, hasOffset: groups['utc'] !== undefined || groups['sign'] !== undefined }
}

/**
 * The same as milliseconds, without an offset UTC; a date alone is its midnight; what is smaller
 * than a millisecond is cut off.
 */
export function readDatetime (text: string): number | undefined {
  const written = readWrittenTime(text)
  return written === undefined ? undefined : written.seconds * 1000 + Math.floor(written.micros / 1000)
}

/** RFC 3339 in UTC, without a fraction of zero. */
export const writeInstant = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z')

function dayOf (year: number, month: number, day: number): number | undefined {
  // Not Date.UTC, which takes the year 99 for 1999.
  const date = new Date(new Date(0).setUTCFullYear(year, month - 1, day))
  return year > 0 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.getTime() : undefined
}

/**
 * The first week of a year is that of its fourth of January; the 53rd has to begin before the first of the next year.
 */
function dayOfWeek (year: number, week: number, weekday: number): number | undefined {
  const [first, next] = [firstMonday(year), firstMonday(year + 1)]
  if (first === undefined || next === undefined || week < 1 || weekday < 1 || weekday > 7) return undefined
  const monday = first + (week - 1) * 7 * DAY_MS
  return monday < next ? monday + (weekday - 1) * DAY_MS : undefined
}

function firstMonday (year: number): number | undefined {
  const fourth = dayOf(year, 1, 4)
  return fourth === undefined ? undefined : fourth - (new Date(fourth).getUTCDay() + 6) % 7 * DAY_MS
}
