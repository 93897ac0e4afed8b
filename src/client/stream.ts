import { createParser } from 'eventsource-parser'
import { wait } from '../base/wait.ts'
import type { FeedMessage, StreamMessage } from '../schemas/stream.ts'
import type { CallName, Calls, Given } from './calls.ts'
import { EventClientError } from './event-client-error.ts'
import { retryDelayMs } from './may-retry.ts'
import type { TransportAnswer } from './transport.ts'

/** The service speaks at once: what says nothing for so long is kept back by something between. */
const FIRST_BYTE_MS = 5000
/** The service gives a sign of life every 15 s. */
const SILENCE_MS = 40_000

const EVENT_STREAM = 'text/event-stream'
const PASSING: readonly number[] = [429, 502, 503, 504]

type Options = {
  /** How often in a row it connects again after the stream has broken. */
  retries: number
  /** The same before the first message. */
  firstRetries: number
}

/** The messages of the stream of an event to its end, over as many connections as it takes. */
export function readStream (
  calls: Pick<Calls, 'open'>,
  given: Given,
  options: Options
): AsyncGenerator<StreamMessage, void, undefined> {
  return readMessages<StreamMessage>(calls, 'streamEvent', given, options)
}

/** The same of all events; it has no end. */
export function readFeed (
  calls: Pick<Calls, 'open'>,
  given: Given,
  options: Options
): AsyncGenerator<FeedMessage, void, undefined> {
  return readMessages<FeedMessage>(calls, 'streamEvents', given, options)
}

async function * readMessages<M extends { event: string, data: unknown }> (
  calls: Pick<Calls, 'open'>,
  name: CallName,
  given: Given,
  { retries, firstRetries }: Options
): AsyncGenerator<M, void, undefined> {
  const { signal } = given
  let lastId: string | undefined
  let hasBegun = false
  for (let failures = 0; ;) {
    try {
      for await (const { event, data, id } of connect(calls, name, given, lastId)) {
        lastId = id
        failures = 0
        hasBegun = true
        yield { event, data: parse(data) } as M
        if (event === 'end') return
      }
      return
    } catch (error) {
      signal?.throwIfAborted()
      if (!isBroken(error) || ++failures > (hasBegun ? retries : firstRetries)) throw error
      await wait(retryDelayMs(failures, error), signal)
    }
  }
}

/** One connection. Ends without an error only where the service says that its end was told before. */
async function * connect (
  calls: Pick<Calls, 'open'>,
  name: CallName,
  given: Given,
  lastId: string | undefined
): AsyncGenerator<SseMessage, void, undefined> {
  const headers: Record<string, string> = { accept: EVENT_STREAM }
  if (lastId !== undefined) headers['last-event-id'] = lastId
  const answer = await calls.open(name, given, { headers, timeoutMs: FIRST_BYTE_MS })
  const { statusCode } = answer
  if (statusCode === 204) {
    await answer.text()
    return
  }
  try {
    if (answer.header('content-type')?.startsWith(EVENT_STREAM) !== true) {
      throw new EventClientError('the answer is not a stream of events', { statusCode, code: 'INVALID_ANSWER' })
    }
    yield * messagesOf(answer)
  } finally {
    answer.destroy()
  }
  throw new EventClientError('the stream was closed before its end', { code: 'CONNECTION_FAILED' })
}

async function * messagesOf (answer: TransportAnswer): AsyncGenerator<SseMessage, void, undefined> {
  const decoder = new TextDecoder()
  const { feed } = createSseReader()
  let silent = new EventClientError(
    `the stream sent nothing for ${FIRST_BYTE_MS / 1000} s: something between keeps it back`,
    { code: 'TIMEOUT' }
  )
  let timer = setTimeout(() => { answer.destroy(silent) }, FIRST_BYTE_MS)
  try {
    for await (const chunk of answer.chunks()) {
      clearTimeout(timer)
      silent = new EventClientError(`the stream sent nothing for ${SILENCE_MS / 1000} s`, { code: 'CONNECTION_FAILED' })
      yield * feed(decoder.decode(chunk, { stream: true }))
      timer = setTimeout(() => { answer.destroy(silent) }, SILENCE_MS)
    }
  } catch (cause) {
    throw cause instanceof EventClientError
      ? cause
      : new EventClientError('the stream broke', { code: 'CONNECTION_FAILED', cause })
  } finally {
    clearTimeout(timer)
  }
}

export type SseMessage = { event: string, data: string, id: string | undefined }

/**
 * Server-sent events, piece by piece: `feed` answers the messages that a piece has completed. `id`
 * is the last one so far.
 */
export function createSseReader (): { feed: (text: string) => SseMessage[] } {
  let messages: SseMessage[] = []
  let lastId: string | undefined
  const parser = createParser({
    onEvent: ({ event = 'message', data, id = lastId }) => {
      lastId = id
      messages.push({ event, data, id })
    }
  })
  return {
    feed: (text) => {
      messages = []
      parser.feed(text)
      return messages
    }
  }
}

function isBroken (error: unknown): boolean {
  if (!(error instanceof EventClientError) || error.code === 'TOO_MANY_STREAMS') return false
  return error.code === 'CONNECTION_FAILED' || PASSING.includes(error.statusCode ?? 0)
}

function parse (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new EventClientError('a message of the stream is not JSON', { code: 'INVALID_ANSWER', cause })
  }
}
