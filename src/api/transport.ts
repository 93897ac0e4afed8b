import { isUtf8 } from 'node:buffer'
import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyRequest } from 'fastify'
import { errors } from '../base/errors.ts'
import { isTooDeep } from '../base/json-depth.ts'
import { readRepr } from '../base/python-repr.ts'
import type { DispatchEvent } from '../base/event.ts'
import { readTraceparent } from '../base/trace.ts'
import type { App } from './dependencies.ts'

type ReadJson = (request: FastifyRequest, body: Buffer, done: (error: Error | null, value?: unknown) => void) => void

/**
 * Refuses JSON that is not UTF-8, as a reader that mends it would keep another event than the one that was sent; and
 * JSON so deep that a reader which recurses would fail on it.
 */
export function jsonReader (app: App): ReadJson {
  const parse = app.getDefaultJsonParser('error', 'error')
  return (request, body, done) => {
    const text = isUtf8(body) ? body.toString() : undefined
    // Python's repr of the JSON begins with a quote that JSON does not have.
    const json = text?.trimStart().startsWith("'") === true ? readRepr(text) : text
    if (text === undefined) done(errors.notUtf8())
    else if (json === undefined) done(errors.notJsonText())
    else if (isTooDeep(body)) done(errors.tooDeep())
    else void parse(request, json, done)
  }
}

/** Has bodies of JSON read by `read`, or as they are on every route that says nothing else. */
export function takeJson (app: App, read = jsonReader(app)): void {
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, read)
}

/** Answers in the one shape of errors what Node would answer itself: without a body, or by closing the connection. */
export function answerInOneShape (app: App): void {
  app.server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
    const body = errorBody(417, 'EXPECTATION_FAILED', 'no expectation but 100-continue can be met')
    response
      .writeHead(417, {
        'content-type': 'application/json; charset=utf-8',
        'content-length': Buffer.byteLength(body)
      })
      .end(body)
  })
}

const REFUSALS: ReadonlyMap<string, [status: number, code: string, message: string]> = new Map([
  ['HPE_HEADER_OVERFLOW', [431, 'HEADERS_TOO_LARGE', 'the headers are too large']],
  ['ERR_HTTP_REQUEST_TIMEOUT', [408, 'REQUEST_TIMEOUT', 'the request was not sent in time']]
])

/** What is no HTTP never comes to a route. */
export function refuseConnection (error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  const [status, code, message] = REFUSALS.get(error.code ?? '') ?? [400, 'INVALID_HTTP', 'this is no HTTP request']
  const body = errorBody(status, code, message)
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close'
  ]
  if (socket.writable) socket.write(`${head.join('\r\n')}\r\n\r\n${body}`)
  socket.destroy(error)
}

const errorBody = (statusCode: number, code: string, message: string): string =>
  JSON.stringify({ statusCode, code, error: STATUS_CODES[statusCode], message })

/** The trace context of the request is that of its event, where the event itself has none. */
export function withTrace<T extends { event: DispatchEvent }> (
  keyed: T,
  { headers }: Pick<FastifyRequest, 'headers'>
): T {
  const traceparent = readTraceparent(headers['traceparent'])
  if (traceparent === undefined || keyed.event['traceparent'] !== undefined) return keyed
  return { ...keyed, event: { ...keyed.event, traceparent } }
}
