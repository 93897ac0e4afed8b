import type { EventClientError } from './event-client-error.ts'

const FIRST_MS = 250
const MAX_MS = 10_000
const MAX_RETRY_AFTER_MS = 30_000

/** Codes of a connection that was never made: the service cannot have seen the request. */
const UNSENT = new Set(['ECONNREFUSED', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'])
/** Codes of a connection that broke: whether the service has taken the request is not known. */
const BROKEN = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'])

/**
 * Whether the same request may succeed later. One that is not `repeatable` goes out again only where the service cannot
 * have acted on it.
 */
export function mayRetry ({ statusCode, code, cause }: EventClientError, repeatable: boolean): boolean {
  if (statusCode === 429 || code === 'OVERLOADED') return true
  if (statusCode !== undefined) return repeatable && (statusCode === 502 || statusCode === 503 || statusCode === 504)
  const reason = (cause as { code?: string } | undefined)?.code ?? ''
  return UNSENT.has(reason) || (repeatable && BROKEN.has(reason))
}

/** How long to wait before attempt `attempt` (1 is the first repeat): as the service says, else longer each time. */
export function retryDelayMs (attempt: number, retryAfterMs: number | undefined, random = Math.random()): number {
  // Clients that were refused together must not come back together.
  if (retryAfterMs !== undefined) return Math.min(retryAfterMs, MAX_RETRY_AFTER_MS) + random * 100
  return Math.min(FIRST_MS * 2 ** (attempt - 1), MAX_MS) * (0.5 + random / 2)
}

/** `Retry-After`: seconds, or an HTTP date. */
export function readRetryAfter (header: string | undefined, now = Date.now()): number | undefined {
  if (header === undefined) return undefined
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now
  return Number.isNaN(ms) ? undefined : Math.max(0, ms)
}
