import { doubling } from '../base/retry.ts'
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

/** How long to wait before a further try: as the service says, else longer each time. */
export function retryDelayMs (failures: number, error: unknown, random = Math.random()): number {
  const { retryAfterMs } = error as EventClientError
  // Clients that were refused together must not come back together.
  if (retryAfterMs !== undefined) return Math.min(retryAfterMs, MAX_RETRY_AFTER_MS) + random * 100
  return doubling(FIRST_MS, MAX_MS)(failures) * (0.5 + random / 2)
}
