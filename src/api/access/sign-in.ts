import type { FastifyRequest } from 'fastify'

/** Whether a browser asks, to show the answer to a person. */
export const wantsPage = ({ headers }: Pick<FastifyRequest, 'headers'>): boolean =>
  headers.accept?.includes('text/html') === true

/**
 * Where a person signs in who opened a page without a key that is good; undefined for whom an error is the answer.
 */
export function signInFor (request: FastifyRequest): string | undefined {
  if (request.routeOptions.config.keyInCookie !== true || !wantsPage(request)) return undefined
  return `/console/sign-in?to=${encodeURIComponent(request.url)}`
}
