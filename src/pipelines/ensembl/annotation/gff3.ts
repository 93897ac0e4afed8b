import { errors } from '../../../base/errors.ts'
import { decode } from './attributes.ts'
import { fromGtf, isGtf } from './gtf.ts'
import { refuseOtherFormat } from './other-formats.ts'
import { readLines } from './text-lines.ts'
import type { LineBatch } from './text-lines.ts'

/**
 * 1-based, inclusive. `phase` only where the row has one; `attributes` is column 9 in GFF3's form, for
 * `readAttribute`.
 */
export type Gff3Row = {
  line: number
  region: string
  type: string
  start: number
  end: number
  strand: '+' | '-' | '.'
  phase: number | undefined
  attributes: string
  /** The form in which column 9 was written. */
  form: 'gff3' | 'gtf'
}

/**
 * `words` of a line such as `##sequence-region ctg123 1 1497228`, which is its name `##sequence-region` and three
 * words.
 */
export type Gff3Part = { row: Gff3Row, text: string } | { directive: string, words: string[] }

export interface Gff3Reader {
  parts: () => AsyncGenerator<Gff3Part[]>
  /** The FASTA behind `##FASTA`, once `parts` has ended; undefined where there is none. */
  sequence: () => AsyncIterable<Uint8Array> | undefined
}

/**
 * Reads GFF3 or GTF, each row by its own form, up to its end or its sequence.
 *
 * @throws INPUT_REFUSED, naming the line, where a row is not one.
 */
export function openGff3 (source: AsyncIterable<Uint8Array>, field: string): Gff3Reader {
  const chunks = source[Symbol.asyncIterator]()
  // Whoever stops at the sequence must not close what is still to be read.
  const batches = readLines({ [Symbol.asyncIterator]: () => ({ next: async () => await chunks.next() }) }, field)
  let sequence: AsyncIterable<Uint8Array> | undefined
  return {
    parts: async function * () {
      let line = 0
      try {
        for (let batch = await batches.next(); batch.done !== true; batch = await batches.next()) {
          const { lines, rest } = batch.value
          if (line === 0) refuseOtherFormat(lines[0]!, field)
          const end = lines.findIndex(isFasta)
          const rows = end === -1 ? lines : lines.slice(0, end)
          if (end !== -1) sequence = joined(rest(lines[end]!.startsWith('>') ? end - 1 : end), batches, chunks)
          yield readParts(rows, line, field)
          if (end !== -1) return
          line += lines.length
        }
      } finally {
        if (sequence === undefined) await chunks.return?.()
      }
    },
    sequence: () => sequence
  }
}

function readParts (lines: string[], before: number, field: string): Gff3Part[] {
  const parts: Gff3Part[] = []
  for (let index = 0; index < lines.length; index++) {
    const text = lines[index]!
    if (text.startsWith('#')) parts.push(readDirective(text))
    else if (text.trim() !== '') parts.push({ row: readRow(text, before + index + 1, field), text })
  }
  return parts
}

/** One row as it stood in the file. */
export function readRow (text: string, line: number, field: string): Gff3Row {
  const columns = text.split('\t')
  const [region = '', , type = '', start, end, , strand = '', phase, attributes = ''] = columns
  const row = { start: Number(start), end: Number(end) }
  const problem = columns.length !== 9
    ? describeColumns(columns.length, text)
    : !Number.isSafeInteger(row.start) || !Number.isSafeInteger(row.end) || row.start < 1 || row.end < row.start
        ? `has the coordinates ${start} and ${end}`
        : !['+', '-', '.', '?'].includes(strand) ? `has the strand ${strand}` : undefined
  if (problem !== undefined) throw errors.inputRefused(field, `line ${line} ${problem}`)
  const kind = decode(type)
  const form = isGtf(attributes) ? 'gtf' : 'gff3'
  return {
    line,
    region: decode(region),
    type: kind,
    ...row,
    strand: strand === '+' || strand === '-' ? strand : '.',
    phase: phase === '0' || phase === '1' || phase === '2' ? Number(phase) : undefined,
    attributes: form === 'gtf' ? fromGtf(attributes, kind) : attributes,
    form
  }
}

/** A longer line that begins with the same letters is a comment. */
function isFasta (text: string): boolean {
  return text.startsWith('>') || (text.startsWith('##') && /^##\s*FASTA\s*$/i.test(text))
}

/** What of a batch is left, then all that comes. The lines held back by `batches` are whole: their bytes come again. */
async function * joined (
  first: Buffer,
  batches: AsyncIterable<LineBatch>,
  chunks: AsyncIterator<Uint8Array>
): AsyncGenerator<Uint8Array> {
  try {
    yield first
    for await (const { rest } of batches) yield rest(-1)
  } finally {
    await chunks.return?.()
  }
}

function readDirective (text: string): Gff3Part {
  const [directive = '', ...words] = text.trim().split(/\s+/)
  return { directive, words }
}

function describeColumns (columns: number, text: string): string {
  const separated = text.trim().split(/\s+/).length >= 8 ? '; they are to be separated by tabs' : ''
  return `has ${columns} columns, not 9${columns < 9 ? separated : ''}`
}
