import { Ajv } from 'ajv'
import { BackfillRequestSchema, type BackfillRequest } from '../../schemas/backfills.ts'
import { readDatetime, writeInstant } from '../../base/datetime.ts'
import { errors } from '../../base/errors.ts'

const MAX_WINDOWS = 100_000
const DEFAULT_CONCURRENCY = 4
const UNITS: ReadonlyMap<string, number> = new Map([
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
  ['w', 7 * 86_400_000]
])

/** A backfill as it was asked for, defaults filled in. `begin` and `end` are RFC 3339 in UTC. */
export type BackfillRange = Omit<BackfillRequest, 'id' | 'concurrency'> & { concurrency: number }

/** A half-open piece of the range, RFC 3339. */
export type Window = { begin: string, end: string }

const validate = new Ajv({ allErrors: false, strict: false }).compile(BackfillRequestSchema)

/**
 * Reads a backfill as it was posted.
 *
 * @throws INVALID_BACKFILL with the field that is at fault
 */
export function readBackfill (body: unknown): { id: string | undefined, range: BackfillRange } {
  if (!validate(body)) {
    const { instancePath = '', message = 'is not valid', params = {} } = validate.errors?.[0] ?? {}
    const { missingProperty, additionalProperty } = params as { missingProperty?: string, additionalProperty?: string }
    if (missingProperty !== undefined) throw errors.invalidBackfill(missingProperty, 'is required')
    if (additionalProperty !== undefined) {
      throw errors.invalidBackfill(additionalProperty, 'is not a field of a backfill')
    }
    throw errors.invalidBackfill(instancePath.slice(1), message)
  }
  const { id, begin, end, concurrency = DEFAULT_CONCURRENCY, ...rest } = body as BackfillRequest
  const [from, to] = [readInstant('begin', begin), readInstant('end', end)]
  if (from >= to) throw errors.invalidBackfill('begin', 'must be before end')
  const range = { ...rest, begin: writeInstant(from), end: writeInstant(to), concurrency }
  const windows = countWindows(range)
  if (windows > MAX_WINDOWS) {
    throw errors.invalidBackfill('every', `makes ${windows} windows; ${MAX_WINDOWS} are the most`)
  }
  return { id, range }
}

export const countWindows = ({ begin, end, every }: Pick<BackfillRange, 'begin' | 'end' | 'every'>): number =>
  Math.ceil((Date.parse(end) - Date.parse(begin)) / lengthOf(every))

export function windowAt (
  { begin, end, every }: Pick<BackfillRange, 'begin' | 'end' | 'every'>,
  index: number
): Window {
  const from = Date.parse(begin) + index * lengthOf(every)
  return { begin: writeInstant(from), end: writeInstant(Math.min(from + lengthOf(every), Date.parse(end))) }
}

const lengthOf = (every: string): number => Number(every.slice(0, -1)) * (UNITS.get(every.slice(-1)) ?? Number.NaN)

function readInstant (field: string, text: string): number {
  const ms = readDatetime(text)
  if (ms === undefined) {
    throw errors.invalidBackfill(field, 'must be a date or time such as 2026-01-31 or 2026-01-31T06:00:00Z')
  }
  return ms
}
