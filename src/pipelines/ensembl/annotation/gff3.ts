import { refuseOtherFormat } from './other-formats.ts'
import { readBlocks } from './text-lines.ts'

export interface Gff3Reader {
  /** Whole lines of rows and directives, up to the end or the sequence. */
  blocks: () => AsyncGenerator<Buffer>
  /** The FASTA behind `##FASTA`, once `blocks` has ended; undefined where there is none. */
  sequence: () => AsyncIterable<Uint8Array> | undefined
}

const [NEWLINE, HASH, GREATER] = [10, 35, 62] as const
const RECORD = Buffer.from('\n>')
const DIRECTIVE = Buffer.from('\n##')

/**
 * Parts the rows of a GFF3 or GTF from the sequence behind them.
 *
 * @throws INPUT_REFUSED where it is of another format.
 */
export function openGff3 (source: AsyncIterable<Uint8Array>, field: string): Gff3Reader {
  const chunks = source[Symbol.asyncIterator]()
  // Whoever stops at the sequence must not close what is still to be read.
  const blocks = readBlocks({ [Symbol.asyncIterator]: () => ({ next: async () => await chunks.next() }) }, field)
  let sequence: AsyncIterable<Uint8Array> | undefined
  return {
    blocks: async function * () {
      let isFirst = true
      try {
        for (let next = await blocks.next(); next.done !== true; next = await blocks.next()) {
          const block = next.value
          if (isFirst) refuseOtherFormat(block.toString('utf8', 0, endOfLine(block, 0)), field)
          isFirst = false
          const end = findFasta(block)
          if (end === undefined) {
            yield block
            continue
          }
          const from = block[end] === GREATER ? end : endOfLine(block, end)
          sequence = joined(block.subarray(from), blocks, chunks)
          yield block.subarray(0, end)
          return
        }
      } finally {
        if (sequence === undefined) await chunks.return?.()
      }
    },
    sequence: () => sequence
  }
}

/** Where the line is that begins the sequence: `##FASTA`, or a record itself. */
function findFasta (block: Buffer): number | undefined {
  const record = findLine(block, RECORD, 0)
  const end = record ?? block.length
  for (let at = findLine(block, DIRECTIVE, 0); at !== undefined && at < end; at = findLine(block, DIRECTIVE, at + 1)) {
    if (isFasta(block, at)) return at
  }
  return record
}

/** The first line from there on that begins so. */
function findLine (block: Buffer, beginning: Buffer, from: number): number | undefined {
  if (from === 0 && block.subarray(0, beginning.length - 1).equals(beginning.subarray(1))) return 0
  const found = block.indexOf(beginning, Math.max(0, from - 1))
  return found === -1 ? undefined : found + 1
}

/** A longer line that begins with the same letters is a comment. */
function isFasta (block: Buffer, from: number): boolean {
  return block[from + 2] !== HASH &&
    /^##\s*FASTA\s*$/i.test(block.toString('latin1', from, endOfLine(block, from)))
}

/** Behind its line end. */
function endOfLine (block: Buffer, from: number): number {
  const end = block.indexOf(NEWLINE, from)
  return end === -1 ? block.length : end + 1
}

/** What of a block is left, then all that comes. */
async function * joined (
  first: Buffer,
  blocks: AsyncIterable<Buffer>,
  chunks: AsyncIterator<Uint8Array>
): AsyncGenerator<Uint8Array> {
  try {
    yield first
    yield * blocks
  } finally {
    await chunks.return?.()
  }
}
