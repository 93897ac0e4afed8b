import { CronExpressionParser } from 'cron-parser'

/** The times of a cron expression on the face of a clock: milliseconds since 1970, as if the clock showed UTC. */
export type CronFaces = { next: () => number, prev: () => number }

/**
 * A day as cron-parser does not know it. `15W`: the weekday nearest to the 15th. `L-3`: the third day before the last.
 */
type SpecialDay = { day: number, isBeforeLast: boolean, isWeekday: boolean }
type Month = { year: number, month: number }

const SPECIAL = /^(?:(?<day>\d{1,2})(?=W)|L(?=[-W])(?:-(?<before>\d{1,2}))?)(?<weekday>W)?$/
const MAX_DAY = 31
/** Leap days are at most eight years apart; the ninth year covers both ends. */
const MAX_MONTHS = 9 * 12
const [SUNDAY, SATURDAY] = [0, 6]

/**
 * The times after `face` by next, and those before it by prev.
 *
 * cron-parser reads expressions. One with `W`, `LW` or `L-3` is given to it a month at a time, with
 * the days of that month.
 *
 * @throws where the expression is not valid, or never ticks
 */
export function cronFaces (pattern: string, face: number): CronFaces {
  const fields = fieldsOf(pattern)
  const items = (dayField(fields) ?? '').split(',')
  const special = items.flatMap(readSpecial)
  if (special.length > 0) return monthly(fields, items.filter((item) => !SPECIAL.test(item)), special, face)
  const faces = read(fields.join(' '), face)
  return { next: () => faces.next().getTime(), prev: () => faces.prev().getTime() }
}

/** The hours that an expression names. */
export function cronHours (pattern: string): ReadonlySet<number> {
  const fields = fieldsOf(pattern)
  return new Set(read(dayField(fields) === undefined ? pattern : withDays(fields, '*'), 0).fields.hour.values)
}

const read = (pattern: string, face: number) =>
  CronExpressionParser.parse(pattern, { tz: 'UTC', currentDate: new Date(face) })

/** Quartz takes letters of either case; macros are small. */
const fieldsOf = (pattern: string): string[] =>
  (pattern.startsWith('@') ? pattern : pattern.toUpperCase()).trim().split(/\s+/)
/** Days, month and day of the week come last, with or without a field of seconds; a macro has no fields. */
const dayField = (fields: string[]): string | undefined => fields.length < 5 ? undefined : fields.at(-3)
const withDays = (fields: string[], days: string, month = fields.at(-2)): string =>
  [...fields.slice(0, -3), days, month, fields.at(-1)].join(' ')

function readSpecial (item: string): SpecialDay[] {
  const groups = SPECIAL.exec(item)?.groups
  if (groups === undefined) return []
  const day = Number(groups['day'] ?? groups['before'] ?? 0)
  const isBeforeLast = groups['day'] === undefined
  if (day > (isBeforeLast ? MAX_DAY - 1 : MAX_DAY) || (!isBeforeLast && day < 1)) {
    throw new Error(`${item} is no day of any month`)
  }
  return [{ day, isBeforeLast, isWeekday: groups['weekday'] !== undefined }]
}

function monthly (fields: string[], plain: string[], special: SpecialDay[], face: number): CronFaces {
  const { month, dayOfMonth, dayOfWeek } = read(
    withDays(fields, plain.length === 0 ? '*' : plain.join(',')),
    face
  ).fields
  const months = new Set<number>(month.values)
  const plainDays = plain.length === 0 ? [] : dayOfMonth.values
  let at = face

  /** The expression as it is in one month; undefined where it names none of its days. */
  function patternIn (one: Month): string | undefined {
    if (!months.has(one.month)) return undefined
    const last = lastDayOf(one)
    const named = [
      ...plainDays.map((day) => day === 'L' ? last : day),
      ...special.flatMap((day) => dayIn(one, last, day))
    ]
    const days = [...new Set(named.filter((day) => day <= last))]
    // A day of the month or one of the week is enough: without the former the latter stands alone.
    if (days.length === 0) return dayOfWeek.isWildcard ? undefined : withDays(fields, '*', String(one.month))
    return withDays(fields, days.join(','), String(one.month))
  }

  function step (direction: 1 | -1): number {
    let one = monthOf(at)
    for (let from = at, i = 0; i < MAX_MONTHS; i++) {
      const pattern = patternIn(one)
      const faces = pattern === undefined ? undefined : read(pattern, from)
      const found = (direction === 1 ? faces?.next() : faces?.prev())?.getTime()
      if (found !== undefined && isSame(monthOf(found), one)) {
        at = found
        return at
      }
      one = monthOf(Date.UTC(one.year, one.month - 1 + direction))
      const begin = Date.UTC(one.year, one.month - 1)
      from = direction === 1 ? begin - 1 : Date.UTC(one.year, one.month)
    }
    throw new Error('it never ticks')
  }

  return { next: () => step(1), prev: () => step(-1) }
}

/** Which day it is in a month, or none. A weekday that is looked for does not leave the month. */
function dayIn ({ year, month }: Month, last: number, { day: given, isBeforeLast, isWeekday }: SpecialDay): number[] {
  const day = isBeforeLast ? last - given : given
  if (day < 1 || day > last) return []
  const weekday = new Date(Date.UTC(year, month - 1, day)).getUTCDay()
  if (!isWeekday || (weekday !== SATURDAY && weekday !== SUNDAY)) return [day]
  if (weekday === SATURDAY) return [day === 1 ? 3 : day - 1]
  return [day === last ? day - 2 : day + 1]
}

const monthOf = (face: number): Month => ({
  year: new Date(face).getUTCFullYear(),
  month: new Date(face).getUTCMonth() + 1
})
const isSame = (one: Month, other: Month): boolean => one.year === other.year && one.month === other.month
const lastDayOf = ({ year, month }: Month): number => new Date(Date.UTC(year, month, 0)).getUTCDate()
