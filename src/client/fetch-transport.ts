import { timerMs } from '../base/deadline.ts'
import type { Transport, TransportAnswer, TransportRequest } from './transport.ts'

/** For browsers. Why a connection failed is not told there: every failure is one of the network. */
export function createFetchTransport (): Transport {
  return { request, close: async () => {} }
}

async function request ({
  origin, path, method, headers, body, headersTimeoutMs, bodyTimeoutMs, signal
}: TransportRequest): Promise<TransportAnswer> {
  const stop = new AbortController()
  const late = (): void => {
    stop.abort(new DOMException('the answer took too long', 'TimeoutError'))
  }
  const timer = setTimeout(late, timerMs(headersTimeoutMs))
  const signals = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal])
  try {
    const response = await fetch(origin + path, { method, headers, body: body ?? null, signal: signals })
    return toAnswer(response, stop, bodyTimeoutMs === 0 ? undefined : { late, ms: bodyTimeoutMs })
  } finally {
    clearTimeout(timer)
  }
}

type Limit = { late: () => void, ms: number }

function toAnswer (response: Response, stop: AbortController, limit: Limit | undefined): TransportAnswer {
  return {
    statusCode: response.status,
    header: (name) => response.headers.get(name) ?? undefined,
    text: async () => {
      const timer = limit === undefined ? undefined : setTimeout(limit.late, timerMs(limit.ms))
      return await response.text().finally(() => { clearTimeout(timer) })
    },
    chunks: () => chunksOf(response.body),
    destroy: (error) => { stop.abort(error) }
  }
}

async function * chunksOf (body: Response['body']): AsyncGenerator<Uint8Array, void, undefined> {
  if (body === null) return
  const reader = body.getReader()
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) yield piece.value
  } finally {
    reader.releaseLock()
  }
}
