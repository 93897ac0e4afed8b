import { EventClientError } from './event-client-error.ts'
import type { TransportAnswer } from './transport.ts'

export const JSON_LINES = 'application/x-ndjson'

/** The values of an answer in JSON lines, as they come. Rejects where it breaks off. */
export async function * readJsonLines<T> (answer: TransportAnswer): AsyncGenerator<T, void, undefined> {
  const { statusCode } = answer
  try {
    if (answer.header('content-type')?.startsWith(JSON_LINES) !== true) {
      throw new EventClientError('the answer is not in JSON lines: is that an older Signalbox?', {
        statusCode,
        code: 'INVALID_ANSWER'
      })
    }
    const decoder = new TextDecoder()
    let rest = ''
    for await (const chunk of chunksOf(answer)) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) yield JSON.parse(line) as T
    }
    if (rest !== '') throw brokenOff()
  } finally {
    answer.destroy()
  }
}

async function * chunksOf ({ chunks }: TransportAnswer): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield * chunks()
  } catch (cause) {
    throw brokenOff(cause)
  }
}

const brokenOff = (cause?: unknown): EventClientError =>
  new EventClientError('the answer broke off before its end', { code: 'CONNECTION_FAILED', cause })
