import { Agent, type Dispatcher } from 'undici'
import { timerMs } from '../base/deadline.ts'
import type { Transport, TransportAnswer } from './transport.ts'

const CONNECT_TIMEOUT_MS = 10_000

/** Over connections of its own, or over a dispatcher that stays open when this is closed. */
export function createUndiciTransport (dispatcher: Dispatcher | undefined): Transport {
  const own = dispatcher === undefined ? new Agent({ connect: { timeout: CONNECT_TIMEOUT_MS } }) : undefined
  const connection = dispatcher ?? own as Dispatcher
  let closing: Promise<void> | undefined
  return {
    request: async ({ origin, path, method, headers, body, headersTimeoutMs, bodyTimeoutMs, signal }) =>
      toAnswer(await connection.request({
        origin,
        path,
        method: method as 'GET',
        headers,
        body,
        headersTimeout: timerMs(headersTimeoutMs),
        bodyTimeout: timerMs(bodyTimeoutMs),
        signal
      })),
    close: () => (closing ??= own?.close() ?? Promise.resolve())
  }
}

function toAnswer ({ statusCode, headers, body }: Dispatcher.ResponseData): TransportAnswer {
  // undici calls a body that is given up an error, which must be heard; whoever reads it gets it too.
  body.on('error', () => {})
  return {
    statusCode,
    header: (name) => {
      const value = headers[name]
      return Array.isArray(value) ? value[0] : value
    },
    text: () => body.text(),
    chunks: () => body,
    destroy: (error) => { body.destroy(error) }
  }
}
