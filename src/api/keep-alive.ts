import type { ServerResponse } from 'node:http'
import type { App } from './dependencies.ts'

/** Clients stay a second or two below what they are told: with less they would use no connection twice. */
const LEAST_S = 4

/** Node tells the client of it, and goes itself by that of the server. A test asserts that. */
type Response = ServerResponse & { _keepAliveTimeout: number }

/**
 * Has clients let go of a connection that they have not used for as long as an api that is replaced serves on. Where
 * the api had to close it, a request might be on its way over it, and fail. Balancers heed no such word, and find it
 * open for as long as ever.
 */
export function tellHowLong (app: App, drainMs: number): void {
  const seconds = Math.floor(drainMs / 1000)
  if (seconds < LEAST_S) return
  app.addHook('onRequest', (_request, { raw }, next) => {
    (raw as Response)._keepAliveTimeout = seconds * 1000
    next()
  })
}
