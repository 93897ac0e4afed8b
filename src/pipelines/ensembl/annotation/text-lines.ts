import { errors } from '../../../base/errors.ts'

const MAX_LINE_BYTES = 16 * 1024 * 1024
const NEWLINE = 10
const RETURN = 13
const BYTE_ORDER_MARK = Buffer.from('efbbbf', 'hex')

/**
 * Whole lines of a text as they come, each with its LF; the last one may have none. CR LF and CR alone end a line too
 * and become LF; a byte order mark is left out.
 *
 * @throws INPUT_REFUSED past 16 MB a line.
 */
export async function * readBlocks (source: AsyncIterable<Uint8Array>, field: string): AsyncGenerator<Buffer> {
  let held = Buffer.alloc(0)
  let isStart = true
  for await (const chunk of source) {
    const bytes =
      held.length === 0 ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length) : Buffer.concat([held, chunk])
    const end = lastEnd(bytes)
    if (end > 0) {
      yield toBlock(bytes.subarray(0, end), isStart)
      isStart = false
    }
    held = Buffer.from(bytes.subarray(end))
    if (held.length > MAX_LINE_BYTES) {
      throw errors.inputRefused(field, `has a line of more than ${MAX_LINE_BYTES} bytes`)
    }
  }
  if (held.length > 0) yield toBlock(held, isStart)
}

/** The lines of a block, without their ends. */
export function toLines (block: Buffer): string[] {
  const lines = block.toString('utf8').split('\n')
  // Behind the end of the last line there is nothing.
  if (lines.at(-1) === '') lines.pop()
  return lines
}

/** Behind the last line end. A CR that comes last is not counted: an LF may follow it. */
function lastEnd (bytes: Buffer): number {
  const last = bytes.lastIndexOf(RETURN, bytes.length - 2)
  return Math.max(bytes.lastIndexOf(NEWLINE), bytes.length < 2 ? -1 : last) + 1
}

function toBlock (given: Buffer, isStart: boolean): Buffer {
  const bytes = isStart && given.subarray(0, 3).equals(BYTE_ORDER_MARK) ? given.subarray(3) : given
  return bytes.includes(RETURN) ? withoutReturns(bytes) : bytes
}

function withoutReturns (bytes: Buffer): Buffer {
  const block = Buffer.allocUnsafe(bytes.length)
  let to = 0
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] !== RETURN) block[to++] = bytes[at]!
    else if (bytes[at + 1] !== NEWLINE) block[to++] = NEWLINE
  }
  return block.subarray(0, to)
}
