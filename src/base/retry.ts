import { formatDuration } from './duration.ts'
import { wait } from './wait.ts'

/** Milliseconds before the try after so many failures. Of a list the last one holds for all further tries. */
export type Delays = readonly number[] | ((failures: number, error: unknown) => number)

export type Failed = { error: unknown, failures: number, delayMs: number }

export type Retry = {
  /** How often the work is done at most, the first time included. */
  tries: number
  delays: Delays
  /** Whether another try may mend an error; by default every error that does not call itself final. */
  mayPass?: (error: unknown) => boolean
  /** Once it is aborted, no further try is made and its reason is thrown. */
  signal?: AbortSignal | undefined
  /** Called before each pause. */
  log?: (line: string, failed: Failed) => void
}

/** Does `work`, and does it again after an error that may pass. Rejects with the last error. */
export async function retry<T> (work: (failures: number) => Promise<T>, options: Retry): Promise<T> {
  const { tries, delays, mayPass = isNotFinal, signal, log } = options
  for (let failures = 1; ; failures++) {
    try {
      return await work(failures - 1)
    } catch (error) {
      signal?.throwIfAborted()
      if (failures >= tries || !mayPass(error)) throw error
      const delayMs = delayOf(delays, failures, error)
      log?.(describe(error, failures, tries, delayMs), { error, failures, delayMs })
      await wait(delayMs, signal)
    }
  }
}

/** `firstMs`, then twice as long each time, up to `mostMs`. */
export function doubling (firstMs: number, mostMs = Infinity): (failures: number) => number {
  return (failures) => Math.min(firstMs * 2 ** (failures - 1), mostMs)
}

/** Codes of Node and undici for a network that fails now and may work later. */
const NETWORK: ReadonlySet<string> = new Set([
  'ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'UND_ERR_SOCKET'
])
const FINAL: ReadonlySet<string> = new Set(['FINAL', 'INPUT_REFUSED'])
const MAX_CAUSES = 8

/** Whether the network, a time limit, or an answer of 429 or 5xx stands anywhere in the chain of causes. */
export function isPassing (error: unknown): boolean {
  for (let one = error, depth = 0; isObject(one) && depth < MAX_CAUSES; one = one['cause'], depth++) {
    const { code, status, statusCode, name } = one
    const answered = Number(statusCode ?? status)
    if (FINAL.has(String(code))) return false
    if (NETWORK.has(String(code)) || name === 'TimeoutError' || answered === 429 || answered >= 500) return true
  }
  return false
}

/** Milliseconds of a `Retry-After`, in seconds or as an HTTP date; undefined where there is none that can be read. */
export function readRetryAfter (header: string | undefined, now = Date.now()): number | undefined {
  if (header === undefined) return undefined
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now
  return Number.isNaN(ms) ? undefined : Math.max(0, ms)
}

function delayOf (delays: Delays, failures: number, error: unknown): number {
  if (typeof delays === 'function') return delays(failures, error)
  return delays[failures - 1] ?? delays.at(-1) ?? 0
}

function describe (error: unknown, failures: number, tries: number, delayMs: number): string {
  const message = error instanceof Error ? error.message : String(error)
  const all = tries === Infinity ? '' : ` of ${tries}`
  return `${message}; try ${failures + 1}${all} in ${formatDuration(delayMs)}`
}

const isNotFinal = (error: unknown): boolean => !isObject(error) || !FINAL.has(String(error['code']))

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
