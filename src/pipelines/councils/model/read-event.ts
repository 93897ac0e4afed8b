import { Ajv } from 'ajv'
import { createValidation } from '../../../base/validation.ts'
import { cleanName } from './clean-name.ts'
import { readMoment } from './moment.ts'
import { DEFINITIONS, type IngestionEvent, type Session } from './model.ts'

export type Problem = { field: string, message: string }

/** What a field looks like in the schema of its class. */
type Shape = { type?: string | string[], $ref?: string, items?: { $ref: string } }

/** The JSON Schema of a class, whole: with the classes that it refers to. */
export const schemaOf = (name: keyof typeof DEFINITIONS) => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $ref: `#/$defs/${name}`,
  type: 'object',
  $defs: DEFINITIONS
})

let validation: ReturnType<typeof createValidation> | undefined

/** Compiled for the first event: who only names the process need not wait for it. */
function validate (given: unknown): ReturnType<ReturnType<typeof createValidation>> {
  const schema = { $ref: '#/$defs/EventIngestionModel', type: 'object', $defs: DEFINITIONS }
  const ajv = (allErrors: boolean): Ajv => new Ajv({ allErrors, strictTypes: false, strictRequired: false })
  validation ??= createValidation((allErrors) => ajv(allErrors).compile(schema))
  return validation(given)
}

/**
 * The kept form of an event as a source or a sender gives it, or every reason why it is none, with paths such as
 * `sessions/0/video_uri`. Fields that the model does not know are left out. Datetimes that name no offset are of
 * `zone`.
 */
export function readIngestionEvent (
  given: unknown,
  zone = 'UTC'
): { event: IngestionEvent, problems?: undefined } | { event?: undefined, problems: Problem[] } {
  const problems: Problem[] = []
  for (const { instancePath, message = 'is not valid', params } of validate(given)) {
    const { missingProperty } = params as { missingProperty?: string }
    problems.push({
      field: [...instancePath.split('/').slice(1), ...(missingProperty === undefined ? [] : [missingProperty])].join(
        '/'
      ),
      message: missingProperty === undefined ? message : 'is required'
    })
  }
  const kept = keep('EventIngestionModel', given, '', { zone, problems })
  if (problems.length > 0) return { problems: unique(problems) }
  const event = kept as IngestionEvent
  for (const [i, session] of event.sessions.entries()) problems.push(...timeProblems(session, `sessions/${i}`))
  return problems.length > 0 ? { problems } : { event }
}

type Reading = { zone: string, problems: Problem[] }

/** Goes by the schema of the class; what has a wrong type was found already and is passed over. */
function keep (name: string, given: unknown, at: string, reading: Reading): unknown {
  if (typeof given !== 'object' || given === null) return null
  const fields = given as Record<string, unknown>
  const { properties } = DEFINITIONS[name as keyof typeof DEFINITIONS] as unknown as {
    properties: Record<string, Shape>
  }
  return Object.fromEntries(Object.entries(properties).map(([field, shape]) => {
    const value = Object.hasOwn(fields, field) ? fields[field] : null
    return [field, keepField(shape, value, at === '' ? field : `${at}/${field}`, reading)]
  }))
}

function keepField ({ type, $ref, items }: Shape, value: unknown, at: string, reading: Reading): unknown {
  if ($ref !== undefined) return keep(className($ref), value, at, reading)
  if (items !== undefined) {
    return Array.isArray(value)
      ? value.map((item, i) => keep(className(items.$ref), item, `${at}/${i}`, reading))
      : []
  }
  const types = Array.isArray(type) ? type : [type]
  if (types.includes('boolean')) return value ?? true
  if (value === null || value === undefined) return null
  if (types.includes('number')) return keepDatetime(value, at, reading)
  if (types.includes('string')) return keepText(at.endsWith('name') ? cleanName(String(value)) : String(value))
  return value
}

function keepDatetime (value: unknown, at: string, { zone, problems }: Reading): number | null {
  const seconds = typeof value === 'number' || typeof value === 'string' ? readMoment(value, zone) : undefined
  if (seconds === undefined) {
    problems.push({
      field: at,
      message: 'must be seconds since 1970 or an ISO 8601 time such as 2021-09-13T09:30:00-07:00'
    })
  }
  return seconds ?? null
}

/** An empty text says as much as none. */
function keepText (value: string): string | null {
  const trimmed = value.trim()
  return trimmed === '' ? null : trimmed
}

function timeProblems (session: Session, at: string): Problem[] {
  session.video_start_time = fillTime(session.video_start_time)
  session.video_end_time = fillTime(session.video_end_time)
  const { video_start_time: start, video_end_time: end } = session
  if (start === null || end === null || start < end) return []
  return [{ field: `${at}/video_end_time`, message: `must be after video_start_time: ${end} is not after ${start}` }]
}

/** `37:50` is 37 minutes and 50 seconds. Two digits each, so that times compare as texts. */
function fillTime (time: string | null): string | null {
  if (time === null) return null
  const parts = time.split(':').map((part) => part.padStart(2, '0'))
  return [...Array.from({ length: 3 - parts.length }, () => '00'), ...parts].join(':')
}

/** A datetime of a wrong type is found twice, by the schema and by its reading. */
function unique (problems: Problem[]): Problem[] {
  const seen = new Set<string>()
  return problems.filter(({ field }) => !seen.has(field) && seen.add(field))
}

const className = ($ref: string): string => $ref.slice('#/$defs/'.length)
