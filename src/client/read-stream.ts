import type { StreamMessage } from '../schemas/stream.ts'
import { EventClientError } from './event-client-error.ts'
import type { Call, Exchange, Opened } from './exchange.ts'
import { wait } from '../base/wait.ts'
import { retryDelayMs } from './may-retry.ts'
import { createSseReader, type SseMessage } from './sse.ts'

/** The service speaks at once: what says nothing for so long is kept back by something between. */
const FIRST_BYTE_MS = 5000
/** The service gives a sign of life every 15 s. */
const SILENCE_MS = 40_000

type Options = {
  /** How often in a row it connects again after the stream has broken. */
  retries: number
  /** The same before the first message. */
  firstRetries: number
  signal?: AbortSignal | undefined
}

/** The messages of a stream to its end, over as many connections as it takes. */
export async function * readStream (exchange: Pick<Exchange, 'open'>, call: Call, { retries, firstRetries, signal }: Options): AsyncGenerator<StreamMessage, void, undefined> {
  let lastId: string | undefined
  let hasBegun = false
  for (let failures = 0; ;) {
    try {
      for await (const { event, data, id } of connect(exchange, { ...call, signal }, lastId)) {
        lastId = id
        failures = 0
        hasBegun = true
        const message = { event, data: parse(data) } as StreamMessage
        yield message
        if (message.event === 'end') return
      }
      return
    } catch (error) {
      if (signal?.aborted === true) throw signal.reason
      if (!isBroken(error) || ++failures > (hasBegun ? retries : firstRetries)) throw error
      await wait(retryDelayMs(failures, error), signal)
    }
  }
}

/** One connection. Ends without an error only where the service says that its end was told before. */
async function * connect (exchange: Pick<Exchange, 'open'>, call: Call, lastId: string | undefined): AsyncGenerator<SseMessage, void, undefined> {
  const { statusCode, contentType, body } = await exchange.open(call, { headers: { accept: 'text/event-stream', ...(lastId === undefined ? {} : { 'last-event-id': lastId }) }, timeoutMs: FIRST_BYTE_MS })
  // undici calls a body that is given up an error, which must be heard; who reads it gets it too.
  body.on('error', () => {})
  if (statusCode === 204) {
    await body.dump()
    return
  }
  if (!contentType.startsWith('text/event-stream')) {
    body.destroy()
    throw new EventClientError('the answer is not a stream of events', { statusCode, code: 'INVALID_ANSWER' })
  }
  yield * messagesOf(body)
  throw new EventClientError('the stream was closed before its end', { code: 'CONNECTION_FAILED' })
}

async function * messagesOf (body: Opened['body']): AsyncGenerator<SseMessage, void, undefined> {
  const decoder = new TextDecoder()
  const reader = createSseReader()
  let silent = new EventClientError(`the stream sent nothing for ${FIRST_BYTE_MS / 1000} s: something between keeps it back`, { code: 'TIMEOUT' })
  let timer = setTimeout(() => { body.destroy(silent) }, FIRST_BYTE_MS)
  try {
    for await (const chunk of body) {
      clearTimeout(timer)
      silent = new EventClientError(`the stream sent nothing for ${SILENCE_MS / 1000} s`, { code: 'CONNECTION_FAILED' })
      yield * reader.feed(decoder.decode(chunk as Buffer, { stream: true }))
      timer = setTimeout(() => { body.destroy(silent) }, SILENCE_MS)
    }
  } catch (error) {
    throw error instanceof EventClientError ? error : new EventClientError('the stream broke', { code: 'CONNECTION_FAILED', cause: error })
  } finally {
    clearTimeout(timer)
  }
}

const isBroken = (error: unknown): error is EventClientError => error instanceof EventClientError && error.code !== 'TOO_MANY_STREAMS' &&
  (error.code === 'CONNECTION_FAILED' || [429, 502, 503, 504].includes(error.statusCode ?? 0))

function parse (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new EventClientError('a message of the stream is not JSON', { code: 'INVALID_ANSWER', cause })
  }
}
