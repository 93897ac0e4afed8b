import rateLimit from '@fastify/rate-limit'
import { SignalboxError } from '../../base/errors.ts'
import type { App } from '../dependencies.ts'

const WRONG_KEYS_A_MINUTE = 60
const MINUTE_MS = 60_000

/** Wrong keys of one address within a minute. */
type Tries = { count: number, until: number }

/** Limits requests of one key and address to `perMinute`; 0 means no limit. What monitors ask is never limited. */
export async function limitRequests (app: App, perMinute: number): Promise<void> {
  if (perMinute === 0) return
  await app.register(rateLimit, {
    max: perMinute,
    timeWindow: MINUTE_MS,
    // After the hook that knows who asks.
    hook: 'preParsing',
    keyGenerator: (request) => `${request.caller?.name} ${request.ip}`,
    allowList: (request) => request.routeOptions.config?.scope === 'open',
    errorResponseBuilder: (_request, { ttl, max }) =>
      tooMany(`${max} requests a minute are the most for one key and address`, ttl)
  })
}

/**
 * Counts wrong keys by address, so that nobody guesses for long. Forgets addresses when a minute is over.
 *
 * @throws RATE_EXCEEDED where an address has given too many
 */
export function createTries (): { count: (address: string) => void } {
  const tries = new Map<string, Tries>()
  return { count: count.bind(null, tries) }
}

function count (tries: Map<string, Tries>, address: string): void {
  const now = Date.now()
  for (const [one, { until }] of tries) {
    if (until > now) break
    tries.delete(one)
  }
  const found = tries.get(address)
  if (found === undefined) tries.set(address, { count: 1, until: now + MINUTE_MS })
  else if (++found.count > WRONG_KEYS_A_MINUTE) {
    throw tooMany('too many wrong keys from this address', found.until - now)
  }
}

function tooMany (message: string, ms: number): SignalboxError {
  return new SignalboxError('RATE_EXCEEDED', 429, message, { retryAfter: Math.max(1, Math.ceil(ms / 1000)) })
}
