import type { Dispatcher } from 'undici'
import { readRetryAfter, retry } from '../base/retry.ts'
import { EventClientError } from './event-client-error.ts'
import { mayRetry, retryDelayMs } from './may-retry.ts'
import { openTransport } from './open-transport.ts'
import type { Transport, TransportAnswer } from './transport.ts'

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

export type OpenOptions = { headers: Record<string, string>, timeoutMs: number }

export interface Exchange {
  send: (call: Call) => Promise<Answer>
  /** Sends once, and answers with the beginning of the answer; `timeoutMs` is for that. */
  open: (call: Call, options: OpenOptions) => Promise<TransportAnswer>
  close: () => Promise<void>
}

type Options = {
  url: string
  token?: string | undefined
  retries: number
  timeoutMs: number
  dispatcher?: Dispatcher | undefined
}

type State = Options & {
  origin: string
  /** A path before the routes. */
  prefix: string
  headers: Record<string, string>
  transport?: Promise<Transport>
}

/** Requests and answers with one service: addresses, retries, and errors in their one shape. */
export function createExchange (options: Options): Exchange {
  const headers: Record<string, string> = { accept: 'application/json' }
  if (options.token !== undefined && options.token !== '') headers['authorization'] = `Bearer ${options.token}`
  const state: State = { ...options, ...readUrl(options.url), headers }
  return { send: send.bind(null, state), open: open.bind(null, state), close: close.bind(null, state) }
}

async function send (state: State, call: Call): Promise<Answer> {
  // Written once, so that what is sent again is the same to the byte.
  const body = call.body === undefined ? undefined : JSON.stringify(call.body)
  return await retry(() => attempt(state, call, body), {
    tries: state.retries + 1,
    delays: retryDelayMs,
    mayPass: (error) => error instanceof EventClientError && mayRetry(error, call.repeatable),
    signal: call.signal
  })
}

async function attempt (state: State, call: Call, body: string | undefined): Promise<Answer> {
  const headersTimeoutMs = state.timeoutMs + (call.waitMs ?? 0)
  const headers: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' }
  const limits = { headersTimeoutMs, bodyTimeoutMs: state.timeoutMs }
  const answer = await request(state, call, { headers, body, ...limits })
  const text = await answer.text().catch((cause: unknown) => { throw toError(cause, state, call, headersTimeoutMs) })
  const { statusCode } = answer
  if (statusCode >= 300 && statusCode !== call.accept) throw refused(answer, text, addressOf(state, call))
  const parsed = parse(text)
  if (parsed === undefined) {
    const message = `${addressOf(state, call)} was answered with something that is not JSON: is that a Signalbox?`
    throw new EventClientError(message, { statusCode, code: 'INVALID_ANSWER' })
  }
  return { statusCode, location: answer.header('location'), body: parsed }
}

async function open (state: State, call: Call, { headers, timeoutMs }: OpenOptions): Promise<TransportAnswer> {
  const answer = await request(state, call, { headers, headersTimeoutMs: timeoutMs, bodyTimeoutMs: 0 })
  if (answer.statusCode < 300) return answer
  throw refused(answer, await answer.text().catch(() => ''), addressOf(state, call))
}

type Sent = {
  headers: Record<string, string>
  body?: string | undefined
  headersTimeoutMs: number
  bodyTimeoutMs: number
}

async function request (state: State, call: Call, sent: Sent): Promise<TransportAnswer> {
  const { origin } = state
  const { method, signal } = call
  // The address is checked before anything is opened for it.
  const path = pathOf(state, call)
  const transport = await (state.transport ??= openTransport(state.dispatcher))
  const headers = { ...state.headers, ...sent.headers }
  return await transport.request({ ...sent, method, origin, path, headers, signal })
    .catch((cause: unknown) => { throw toError(cause, state, call, sent.headersTimeoutMs) })
}

async function close (state: State): Promise<void> {
  await (await state.transport)?.close()
}

function readUrl (text: string): { origin: string, prefix: string } {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    const message = `${JSON.stringify(text)} is not an http or https address`
    throw new EventClientError(message, { code: 'INVALID_ARGUMENT', field: 'url' })
  }
  return { origin: url.origin, prefix: url.pathname.replace(/\/+$/, '') }
}

const addressOf = (state: State, call: Call): string => `${call.method} ${state.origin}${pathOf(state, call)}`

function pathOf ({ prefix }: State, { path, query = {} }: Call): string {
  // An empty part would make the address of something else: that of a job that of the whole list.
  if (path.includes('')) throw new EventClientError('a name or an id is empty', { code: 'INVALID_ARGUMENT' })
  const parts = path.map((part) => `/${encodeURIComponent(part)}`).join('')
  const given = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined) given.set(name, String(value))
  return `${prefix}${parts}${given.size === 0 ? '' : `?${given.toString()}`}`
}

function parse (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The error that the service describes. */
function refused ({ statusCode, header }: TransportAnswer, text: string, address: string): EventClientError {
  const body = parse(text)
  const { code, message, field } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>
  return new EventClientError(typeof message === 'string' ? message : `${address} was answered with ${statusCode}`, {
    statusCode,
    code: typeof code === 'string' ? code : `HTTP_${statusCode}`,
    field: typeof field === 'string' ? field : undefined,
    retryAfterMs: readRetryAfter(header('retry-after'))
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

/** Why there was no answer; the reason of the caller's own signal goes out as it is. */
function toError (cause: unknown, { origin }: State, { signal }: Call, timeoutMs: number): unknown {
  if (signal?.aborted === true) return signal.reason
  const { code = '', message = '', name = '' } = cause as { code?: string, message?: string, name?: string }
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT' || name === 'TimeoutError') {
    return new EventClientError(`${origin} did not answer within ${timeoutMs / 1000} s`, { code: 'TIMEOUT', cause })
  }
  const reason = REASONS.get(code) ?? (message === '' ? code : message)
  return new EventClientError(`cannot reach ${origin}: ${reason}`, { code: 'CONNECTION_FAILED', cause })
}
