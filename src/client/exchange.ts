import { Agent, type Dispatcher } from 'undici'
import { readRetryAfter, retry } from '../base/retry.ts'
import { EventClientError } from './event-client-error.ts'
import { mayRetry, retryDelayMs } from './may-retry.ts'

const CONNECT_TIMEOUT_MS = 10_000

export type Call = {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Parts of the path, not yet encoded. */
  path: string[]
  query?: Record<string, string | number | boolean | undefined> | undefined
  body?: unknown
  /** Whether a second request does no more than the first. */
  repeatable: boolean
  /** How much longer than usual the answer may take. */
  waitMs?: number | undefined
  /** A status of 400 or more that is an answer here and not an error. */
  accept?: number | undefined
  signal?: AbortSignal | undefined
}

export type Answer = { statusCode: number, location: string | undefined, body: unknown }

/** An answer whose body is still to come, for as long as that takes. Who takes it reads it or destroys it. */
export type Opened = { statusCode: number, contentType: string, body: Dispatcher.ResponseData['body'] }

export interface Exchange {
  send: (call: Call) => Promise<Answer>
  /** Sends once, and answers with the beginning of the answer; `timeoutMs` is for that. */
  open: (call: Call, options: { headers: Record<string, string>, timeoutMs: number }) => Promise<Opened>
  close: () => Promise<void>
}

type Options = { url: string, token?: string | undefined, retries: number, timeoutMs: number, dispatcher?: Dispatcher | undefined }

/** Requests and answers with one service: addresses, retries, and errors in their one shape. */
export function createExchange ({ url, token, retries, timeoutMs, dispatcher }: Options): Exchange {
  const { origin, prefix } = readUrl(url)
  const own = dispatcher === undefined ? new Agent({ connect: { timeout: CONNECT_TIMEOUT_MS } }) : undefined
  const connection = dispatcher ?? own as Dispatcher
  const headers = { accept: 'application/json', ...(token === undefined || token === '' ? {} : { authorization: `Bearer ${token}` }) }
  let closed: Promise<void> | undefined

  async function send (call: Call): Promise<Answer> {
    // Written once, so that what is sent again is the same to the byte.
    const body = call.body === undefined ? undefined : JSON.stringify(call.body)
    return await retry(() => attemptOnce(call, body), {
      tries: retries + 1,
      delays: retryDelayMs,
      mayPass: (error) => error instanceof EventClientError && mayRetry(error, call.repeatable),
      signal: call.signal
    })
  }

  async function attemptOnce ({ method, path, query = {}, waitMs = 0, accept, signal }: Call, body: string | undefined): Promise<Answer> {
    const target = prefix + toPath(path) + toQuery(query)
    const { response, text } = await connection.request({
      origin,
      path: target,
      method,
      body,
      headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
      headersTimeout: timeoutMs + waitMs,
      bodyTimeout: timeoutMs,
      signal
    }).then(async (response) => ({ response, text: await response.body.text() }))
      .catch((error: unknown) => { throw signal?.aborted === true ? signal.reason : unanswered(error, origin, timeoutMs + waitMs) })
    const { statusCode } = response
    const parsed = parse(text)
    if (statusCode >= 300 && statusCode !== accept) throw refused(statusCode, parsed, readRetryAfter(one(response.headers['retry-after'])), `${method} ${origin}${target}`)
    if (parsed === undefined) throw new EventClientError(`${method} ${origin}${target} was answered with something that is not JSON: is that a Signalbox?`, { statusCode, code: 'INVALID_ANSWER' })
    return { statusCode, location: one(response.headers['location']), body: parsed }
  }

  async function open ({ method, path, query = {}, signal }: Call, { headers: more, timeoutMs: headersTimeout }: { headers: Record<string, string>, timeoutMs: number }): Promise<Opened> {
    const target = prefix + toPath(path) + toQuery(query)
    const { statusCode, headers: answered, body } = await connection.request({ origin, path: target, method, headers: { ...headers, ...more }, headersTimeout, bodyTimeout: 0, signal })
      .catch((error: unknown) => { throw signal?.aborted === true ? signal.reason : unanswered(error, origin, headersTimeout) })
    if (statusCode < 300) return { statusCode, contentType: one(answered['content-type']) ?? '', body }
    const text = await body.text().catch(() => '')
    throw refused(statusCode, parse(text), readRetryAfter(one(answered['retry-after'])), `${method} ${origin}${target}`)
  }

  return {
    send,
    open,
    close: async () => {
      closed ??= own?.close() ?? Promise.resolve()
      await closed
    }
  }
}

function readUrl (text: string): { origin: string, prefix: string } {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) throw new EventClientError(`${JSON.stringify(text)} is not an http or https address`, { code: 'INVALID_ARGUMENT', field: 'url' })
  return { origin: url.origin, prefix: url.pathname.replace(/\/+$/, '') }
}

/** An empty part would make the address of something else: that of a job that of the whole list. */
function toPath (parts: string[]): string {
  if (parts.includes('')) throw new EventClientError('a name or an id is empty', { code: 'INVALID_ARGUMENT' })
  return parts.map((part) => `/${encodeURIComponent(part)}`).join('')
}

function toQuery (query: NonNullable<Call['query']>): string {
  const given = Object.entries(query).flatMap(([name, value]) => value === undefined ? [] : [[name, String(value)] as [string, string]])
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`
}

function parse (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const one = (header: string | string[] | undefined): string | undefined => Array.isArray(header) ? header[0] : header

function refused (statusCode: number, body: unknown, retryAfterMs: number | undefined, request: string): EventClientError {
  const { code, message, field } = (typeof body === 'object' && body !== null ? body : {}) as { code?: unknown, message?: unknown, field?: unknown }
  return new EventClientError(typeof message === 'string' ? message : `${request} was answered with ${statusCode}`, {
    statusCode,
    code: typeof code === 'string' ? code : `HTTP_${statusCode}`,
    field: typeof field === 'string' ? field : undefined,
    retryAfterMs
  })
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'nothing listens there; is the service running?'],
  ['ENOTFOUND', 'there is no host of that name'],
  ['EAI_AGAIN', 'the name service does not answer'],
  ['ECONNRESET', 'the connection was reset'],
  ['UND_ERR_SOCKET', 'the connection was closed before the answer'],
  ['UND_ERR_CONNECT_TIMEOUT', 'it does not accept the connection']
])

function unanswered (cause: unknown, origin: string, timeoutMs: number): EventClientError {
  const { code = '', message = '' } = cause as { code?: string, message?: string }
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') return new EventClientError(`${origin} did not answer within ${timeoutMs / 1000} s`, { code: 'TIMEOUT', cause })
  return new EventClientError(`cannot reach ${origin}: ${REASONS.get(code) ?? (message === '' ? code : message)}`, { code: 'CONNECTION_FAILED', cause })
}
