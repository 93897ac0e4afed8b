import type { HistoryRecord } from '../schemas/events.ts'
import { EventClientError } from './event-client-error.ts'
import type { Call, Exchange } from './exchange.ts'

const JSON_LINES = 'application/x-ndjson'
const FIRST_BYTE_MS = 30_000

/** The records of an answer in JSON lines, as they come. Rejects where it breaks off. */
export async function * readJsonLines (exchange: Pick<Exchange, 'open'>, call: Call): AsyncGenerator<HistoryRecord, void, undefined> {
  const { statusCode, contentType, body } = await exchange.open(call, { headers: { accept: JSON_LINES }, timeoutMs: FIRST_BYTE_MS })
  // undici calls a body that is given up an error, which must be heard; who reads it gets it too.
  body.on('error', () => {})
  try {
    if (!contentType.startsWith(JSON_LINES)) throw new EventClientError('the answer is not in JSON lines: is that an older Signalbox?', { statusCode, code: 'INVALID_ANSWER' })
    let rest = ''
    for await (const chunk of chunksOf(body.setEncoding('utf8'))) {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) yield JSON.parse(line) as HistoryRecord
    }
    if (rest !== '') throw brokenOff()
  } finally {
    body.destroy()
  }
}

async function * chunksOf (body: AsyncIterable<unknown>): AsyncGenerator<string, void, undefined> {
  try {
    for await (const chunk of body) yield String(chunk)
  } catch (cause) {
    throw brokenOff(cause)
  }
}

const brokenOff = (cause?: unknown): EventClientError => new EventClientError('the answer broke off before its end', { code: 'CONNECTION_FAILED', cause })
