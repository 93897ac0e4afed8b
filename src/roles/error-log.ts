import type { Logger } from 'pino'

/**
 * The same message is logged once in so long: a datastore that is away makes every connection
 * complain, again and again.
 */
const EVERY_MS = 5000
const MAX_MESSAGES = 100

/** Takes the errors of connections in the background. `onFatal` hears of an embedded datastore that has died. */
export function createErrorLog (log: Logger, onFatal: ((error: Error) => void) | undefined): (error: Error) => void {
  const last = new Map<string, number>()
  return (error) => {
    if ((error as { code?: string }).code === 'PGLITE_GONE') onFatal?.(error)
    const now = Date.now()
    if (now - (last.get(error.message) ?? 0) < EVERY_MS) return
    if (last.size >= MAX_MESSAGES) last.clear()
    last.set(error.message, now)
    log.warn({ err: error }, 'datastore connection')
  }
}
