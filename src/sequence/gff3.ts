import { errors } from '../errors.ts'
import { readLines } from './text-lines.ts'

/** The values of column 9 by tag; every tag may have several values. */
export type Attributes = ReadonlyMap<string, readonly string[]>

/** 1-based, inclusive. `phase` only where the row has one. */
export type Gff3Row = {
  line: number
  region: string
  type: string
  start: number
  end: number
  strand: '+' | '-' | '.'
  phase: number | undefined
  attributes: Attributes
}

/** `words` of a line such as `##sequence-region ctg123 1 1497228`, which is its name `##sequence-region` and three words. */
export type Gff3Part = { row: Gff3Row } | { directive: string, words: string[] }

/**
 * Reads GFF3 up to its end or `##FASTA`. Column 9 is split at `;`, `=` and `,` before it is percent-decoded.
 *
 * @throws INPUT_REFUSED, naming the line, where a row is not one.
 */
export async function * readGff3 (source: AsyncIterable<Uint8Array>, field: string): AsyncGenerator<Gff3Part[]> {
  let line = 0
  for await (const lines of readLines(source, field)) {
    const parts: Gff3Part[] = []
    for (const text of lines) {
      line++
      if (text.startsWith('##FASTA') || text.startsWith('>')) {
        yield parts
        return
      }
      if (text.startsWith('#')) parts.push(readDirective(text))
      else if (text.trim() !== '') parts.push({ row: readRow(text, line, field) })
    }
    yield parts
  }
}

function readDirective (text: string): Gff3Part {
  const [directive = '', ...words] = text.trim().split(/\s+/)
  return { directive, words }
}

function readRow (text: string, line: number, field: string): Gff3Row {
  const columns = text.split('\t')
  const [region = '', , type = '', start, end, , strand = '', phase, attributes] = columns
  const row = { start: Number(start), end: Number(end) }
  const problem = columns.length !== 9
    ? `has ${columns.length} columns, not 9`
    : !Number.isSafeInteger(row.start) || !Number.isSafeInteger(row.end) || row.start < 1 || row.end < row.start
        ? `has the coordinates ${start} and ${end}`
        : !['+', '-', '.', '?'].includes(strand) ? `has the strand ${strand}` : undefined
  if (problem !== undefined) throw errors.inputRefused(field, `line ${line} ${problem}`)
  return {
    line,
    region: decode(region),
    type: decode(type),
    ...row,
    strand: strand === '+' || strand === '-' ? strand : '.',
    phase: phase === '0' || phase === '1' || phase === '2' ? Number(phase) : undefined,
    attributes: readAttributes(attributes!)
  }
}

function readAttributes (column: string): Attributes {
  const attributes = new Map<string, string[]>()
  for (const attribute of column.split(';')) {
    const at = attribute.indexOf('=')
    if (at > 0) attributes.set(decode(attribute.slice(0, at).trim()), attribute.slice(at + 1).split(',').map(decode))
  }
  return attributes
}

/** A percent sign that begins no escape stands for itself; control characters would break a FASTA header. */
function decode (text: string): string {
  if (!text.includes('%')) return text
  const bytes = text.replace(/%(?![0-9a-f]{2})/gi, '%25')
  let decoded: string
  try {
    decoded = decodeURIComponent(bytes)
  } catch {
    decoded = unescapeLatin1(bytes)
  }
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  return decoded.replace(/[\u0000-\u001f\u007f]/g, ' ')
}

function unescapeLatin1 (text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
}
