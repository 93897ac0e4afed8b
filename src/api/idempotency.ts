import type { FastifyReply } from 'fastify'
import { Type } from 'typebox'
import { errors } from '../base/errors.ts'

const KEY = 'idempotency-key'

/** The header that names a request, so that the same again makes nothing twice. */
export const IdempotencyHeader = Type.Object({
  [KEY]: Type.Optional(Type.String({
    minLength: 1,
    maxLength: 256,
    pattern: '^[ -~]+$',
    description: 'Names this request, as `id` in the body does'
  }))
})

/**
 * The name of a request, which may stand in the header or in the body.
 *
 * @throws INVALID_QUERY where it stands in both, and they differ
 */
export function readRequestName (headers: object, id: unknown): string | undefined {
  const header = (headers as { [KEY]?: string })[KEY]
  if (id === undefined || id === null) return header
  if (header !== undefined && header !== id) throw errors.invalidQuery('id', 'is another than the Idempotency-Key')
  return id as string
}

/** A body with the name of its request as its `id`. */
export function withRequestName (body: unknown, headers: object): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body
  const id = readRequestName(headers, (body as { id?: unknown }).id)
  return id === undefined ? body : { ...body, id }
}

/** Tells a client that what it gets is the answer of the first time. */
export function markRepeat (reply: Pick<FastifyReply, 'header'>, known: boolean): void {
  if (known) reply.header('idempotent-replayed', 'true')
}
