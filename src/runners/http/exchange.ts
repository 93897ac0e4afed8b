import { type Dispatcher, request } from 'undici'
import { deadline, timerMs } from '../../base/deadline.ts'
import { errors } from '../../base/errors.ts'
import { readRetryAfter } from '../../base/retry.ts'

export type Answer = {
  status: number
  /** Parsed where it is JSON, else the text; undefined where it is empty. */
  body: unknown
  text: string
  location: string | undefined
  /** From Retry-After, at most five minutes; 0 without one. */
  retryAfterMs: number
}

export type ExchangeOptions = {
  dispatcher: Dispatcher
  headers: Record<string, string>
  timeoutMs: number
  maxBytes: number
  /** Takes secrets out of an answer before a reason quotes its beginning. */
  hide: (text: string) => string
}

export type ExchangeRequest = {
  url: URL
  method: Dispatcher.HttpMethod
  signal: AbortSignal
  body?: string
  headers?: Record<string, string>
}

/** The request may have better luck later: no answer, or one that says so. */
export class TransientError extends Error {
  readonly retryAfterMs: number
  constructor (message: string, retryAfterMs = 0) {
    super(message)
    this.retryAfterMs = retryAfterMs
  }
}

const MAX_RETRY_AFTER_MS = 300_000
/** Of an answer, what is looked through for secrets and what a reason quotes. */
const MAX_HIDDEN = 100_000
const MAX_DETAIL = 300
const transientStatuses = new Set([408, 425, 429])

/**
 * One request, answered with 2xx. Redirects are not followed, as the headers may hold a secret.
 * Throws TransientError on
 * 5xx, 408, 425, 429 and a failing network; `errors.final` on any other status and on an answer that is too long.
 */
export const createExchange = ({ dispatcher, headers, timeoutMs, maxBytes, hide }: ExchangeOptions) =>
  async ({ url, method, signal, body, headers: more }: ExchangeRequest): Promise<Answer> => {
    // a query may hold a token
    const name = `${method} ${url.origin}${url.pathname}`
    const timeout = deadline(timeoutMs)
    try {
      const response = await request(url, {
        dispatcher,
        method,
        body: body ?? null,
        headers: { accept: 'application/json', ...headers, ...more },
        signal: AbortSignal.any([signal, timeout]),
        headersTimeout: timerMs(timeoutMs),
        bodyTimeout: timerMs(timeoutMs)
      })
      const text = await readText(response.body, maxBytes, name)
      const answer: Answer = {
        status: response.statusCode,
        body: parse(text),
        text,
        location: single(response.headers.location),
        retryAfterMs: Math.min(readRetryAfter(single(response.headers['retry-after'])) ?? 0, MAX_RETRY_AFTER_MS)
      }
      if (answer.status >= 200 && answer.status < 300) return answer
      throw refusal(name, answer, hide)
    } catch (thrown) {
      if (signal.aborted) throw thrown
      if (timeout.aborted) throw new TransientError(`${name} was not answered within ${timeoutMs} ms`)
      if (thrown instanceof TransientError || !(thrown instanceof Error)) throw thrown
      const code = 'code' in thrown ? String(thrown.code) : ''
      if (code === 'FINAL') throw thrown
      if (code === 'UND_ERR_INVALID_ARG') throw errors.final(`${name} cannot be sent: ${thrown.message}`)
      throw new TransientError(`${name} failed: ${thrown.message === '' ? code : thrown.message}`)
    }
  }

const refusal = (name: string, { status, text, retryAfterMs }: Answer, hide: (text: string) => string): Error => {
  const detail = text.trim() === '' ? '' : `: ${hide(text.slice(0, MAX_HIDDEN)).trim().slice(0, MAX_DETAIL)}`
  if (status >= 500 || transientStatuses.has(status)) {
    return new TransientError(`${name} answered ${status}${detail}`, retryAfterMs)
  }
  if (status >= 300 && status < 400) return errors.final(`${name} answered ${status}: redirects are not followed`)
  return errors.final(`${name} answered ${status}${detail}`)
}

const readText = async (body: AsyncIterable<Buffer>, maxBytes: number, name: string): Promise<string> => {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body) {
    length += chunk.length
    if (length > maxBytes) throw errors.final(`${name} answered with more than the ${maxBytes} bytes allowed`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

const parse = (text: string): unknown => {
  if (text.trim() === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const single = (value: string | string[] | undefined): string | undefined => Array.isArray(value) ? value[0] : value
