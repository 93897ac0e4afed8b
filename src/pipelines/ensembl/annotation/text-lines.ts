import { errors } from '../../../base/errors.ts'

/**
 * Whole lines without their ends. `rest` gives the bytes behind the line of that index, for who reads on by other
 * rules.
 */
export type LineBatch = { lines: string[], rest: (index: number) => Buffer }

const MAX_LINE_BYTES = 16 * 1024 * 1024
const NEWLINE = 10
const RETURN = 13
const BYTE_ORDER_MARK = Buffer.from('efbbbf', 'hex')

/**
 * Lines of UTF-8 text in batches as they come. LF, CR LF and CR alone end a line; a byte order mark is left out.
 *
 * @throws INPUT_REFUSED past 16 MB a line.
 */
export async function * readLines (source: AsyncIterable<Uint8Array>, field: string): AsyncGenerator<LineBatch> {
  let held = Buffer.alloc(0)
  let isStart = true
  for await (const chunk of source) {
    const bytes =
      held.length === 0 ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length) : Buffer.concat([held, chunk])
    const end = lastEnd(bytes)
    if (end > 0) {
      yield toBatch(bytes.subarray(0, end), isStart)
      isStart = false
    }
    held = Buffer.from(bytes.subarray(end))
    if (held.length > MAX_LINE_BYTES) {
      throw errors.inputRefused(field, `has a line of more than ${MAX_LINE_BYTES} bytes`)
    }
  }
  if (held.length > 0) yield toBatch(held, isStart)
}

/** Behind the last line end. A CR that comes last is not counted: an LF may follow it. */
function lastEnd (bytes: Buffer): number {
  const last = bytes.lastIndexOf(RETURN, bytes.length - 2)
  return Math.max(bytes.lastIndexOf(NEWLINE), bytes.length < 2 ? -1 : last) + 1
}

function toBatch (given: Buffer, isStart: boolean): LineBatch {
  const bytes = isStart && given.subarray(0, 3).equals(BYTE_ORDER_MARK) ? given.subarray(3) : given
  const text = bytes.toString('utf8')
  const lines = text.includes('\r') ? text.split(/\r\n|\n|\r/) : text.split('\n')
  // Behind the end of the last line there is nothing.
  if (lines.at(-1) === '') lines.pop()
  return { lines, rest: (index) => bytes.subarray(endOfLine(bytes, index)) }
}

function endOfLine (bytes: Buffer, index: number): number {
  let at = 0
  for (let line = 0; line <= index; line++) {
    while (at < bytes.length && bytes[at] !== NEWLINE && bytes[at] !== RETURN) at++
    at += bytes[at] === RETURN && bytes[at + 1] === NEWLINE ? 2 : 1
  }
  return at
}
