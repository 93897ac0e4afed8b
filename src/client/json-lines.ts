import { createInterface } from 'node:readline'
import type { HistoryRecord } from '../schemas.ts'
import { EventClientError } from './event-client-error.ts'
import type { Call, Exchange } from './exchange.ts'

const JSON_LINES = 'application/x-ndjson'
const FIRST_BYTE_MS = 30_000

/** The records of an answer in JSON lines, as they come. Rejects where it breaks off. */
export async function * readJsonLines (exchange: Pick<Exchange, 'open'>, call: Call): AsyncGenerator<HistoryRecord, void, undefined> {
  const { statusCode, contentType, body } = await exchange.open(call, { headers: { accept: JSON_LINES }, timeoutMs: FIRST_BYTE_MS })
  let broken: Error | undefined
  body.on('error', (error) => { broken ??= error })
  try {
    if (!contentType.startsWith(JSON_LINES)) throw new EventClientError('the answer is not in JSON lines: is that an older Signalbox?', { statusCode, code: 'INVALID_ANSWER' })
    // Of a body that breaks off, readline gives the last half line and ends.
    for await (const line of createInterface({ input: body, crlfDelay: Infinity })) {
      if (broken !== undefined) break
      yield parse(line)
    }
    if (broken !== undefined) throw new EventClientError('the answer broke off before its end', { code: 'CONNECTION_FAILED', cause: broken })
  } finally {
    body.destroy()
  }
}

function parse (line: string): HistoryRecord {
  try {
    return JSON.parse(line) as HistoryRecord
  } catch (cause) {
    throw new EventClientError('the answer broke off in the middle of a line', { code: 'CONNECTION_FAILED', cause })
  }
}
