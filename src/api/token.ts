import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { SignalboxError } from '../base/errors.ts'

/** Lets a request in that carries the token, or whose route is open. */
export function createTokenCheck (token: string): (request: FastifyRequest) => Promise<void> {
  const expected = digest(`Bearer ${token}`)
  return async (request) => {
    const { access } = request.routeOptions.config ?? {}
    if (access === 'open') return
    const query = access === 'query-token' ? (request.query as { access_token?: unknown }).access_token : undefined
    const given = request.headers.authorization ?? (typeof query === 'string' ? `Bearer ${query}` : '')
    // Digests are compared, so that neither the length nor the first wrong character shows in the time it takes.
    if (!timingSafeEqual(digest(given), expected)) {
      throw new SignalboxError('UNAUTHORIZED', 401, 'a valid bearer token is needed')
    }
  }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
