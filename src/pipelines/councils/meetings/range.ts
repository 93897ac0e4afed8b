import { writeInstant } from '../../../base/datetime.ts'
import { readMoment } from '../model/moment.ts'
import type { Problem } from '../model/read-event.ts'

/** Milliseconds since 1970; half-open. */
export type Range = { begin: number, end: number }

const DAY_MS = 86_400_000
/** What the original calls `default_event_gather_from_days_timedelta`. */
const DEFAULT_DAYS = 2

/** Which meetings are asked for: `begin` two days before now and `end` now, where they are null, empty or absent. */
export function readRange (
  params: Record<string, unknown>,
  now: number
): { range: Range, problems?: undefined } | { range?: undefined, problems: Problem[] } {
  const { timezone = 'UTC', default_event_gather_from_days_timedelta: days = DEFAULT_DAYS } = params
  if (typeof days !== 'number' || !(days > 0)) {
    return { problems: [{ field: 'default_event_gather_from_days_timedelta', message: 'must be a number of days' }] }
  }
  const problems: Problem[] = []
  const read = (field: 'begin' | 'end', otherwise: number): number => {
    const value = params[field]
    if (value === undefined || value === null || value === '') return otherwise
    const seconds = typeof value === 'string' ? readMoment(value, String(timezone)) : undefined
    if (seconds === undefined) {
      problems.push({
        field,
        message: 'must be an ISO 8601 date or time such as 2021-08-16 or 2021-08-16T07:42:10-07:00'
      })
    }
    return (seconds ?? 0) * 1000
  }
  const at = typeof params['tick'] === 'string' ? (readMoment(params['tick'], 'UTC') ?? now / 1000) * 1000 : now
  const [begin, end] = [read('begin', at - days * DAY_MS), read('end', at)]
  if (problems.length === 0 && begin >= end) {
    problems.push({
      field: 'begin',
      message: `must be before end: ${writeInstant(begin)} is not before ${writeInstant(end)}`
    })
  }
  return problems.length > 0 ? { problems } : { range: { begin, end } }
}
