import type { RouteOptions } from 'fastify'
import { Type, type TSchema } from 'typebox'

/** The answers that a route may give: the good ones, and the errors it names. */
export function responses (good: Record<number, TSchema>, ...bad: number[]): Record<number, unknown> {
  const described = Object.entries(good).map(([code, schema]) => [code, withDescription(schema)])
  return { ...refusals([...bad, ...ALWAYS]), ...Object.fromEntries(described) }
}

/** Of what the console shows too: a browser that opens the address is sent to the page. */
export const PAGE = {
  302: Type.Null({ description: 'To its page in the console, for a browser (`Accept: text/html`)' })
}

/** What every route may answer, whatever it does. */
export const refusals = (codes: readonly number[] = ALWAYS): Record<number, unknown> =>
  Object.fromEntries(codes.map((code) => [code, { ...Type.Ref('Error'), description: MEANINGS.get(code) ?? 'Error' }]))

/** An answer in one of several shapes, each known by its `$id`. */
export const anyOf = (ids: string[], description?: string): TSchema =>
  Type.Unsafe({ anyOf: ids.map((id) => ({ $ref: `${id}#` })), description })

const withDescription = (schema: TSchema): TSchema =>
  (schema as { description?: string }).description === undefined ? { ...schema, description: 'Success' } : schema

/** For `onRoute`: a route that changes something may be sent a body, whether it asks for one or not. */
export function describeWrites (route: RouteOptions): void {
  const { method, schema } = route
  if (schema === undefined || [method].flat().some((one) => SAFE.has(one))) return
  route.schema = { ...schema, response: { ...refusals(OF_WRITES), ...schema.response as object } }
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])
const ALWAYS = [400, 401, 403, 408, 414, 417, 421, 429, 431, 503]
const OF_WRITES = [413, 415, 507]

const MEANINGS: ReadonlyMap<number, string> = new Map([
  [400, 'The input is at fault; `field` says where'],
  [401, 'The token is missing or wrong'],
  [403, 'What is asked for is not allowed here, or not with this key'],
  [404, 'It is not known'],
  [408, 'The request was not sent in time'],
  [409, 'Its state does not allow that'],
  [413, 'The body is too large'],
  [414, 'The address is too long'],
  [415, 'The body is in a format that is not understood'],
  [417, 'The expectation of the request cannot be met'],
  [421, 'The host is none of this service'],
  [429, 'More than the rate that was granted; `Retry-After` says when to try again'],
  [431, 'The headers are too large'],
  [503, 'The datastore does not answer; `Retry-After` says when to try again'],
  [507, 'The datastore or its disk is full; `message` says which']
])
