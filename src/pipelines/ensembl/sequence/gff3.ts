import { errors } from '../../../base/errors.ts'
import { readLines } from './text-lines.ts'

/** 1-based, inclusive. `phase` only where the row has one; `attributes` is column 9 as it stands, for `readAttribute`. */
export type Gff3Row = {
  region: string
  type: string
  start: number
  end: number
  strand: '+' | '-' | '.'
  phase: number | undefined
  attributes: string
}

/** `words` of a line such as `##sequence-region ctg123 1 1497228`, which is its name `##sequence-region` and three words. */
export type Gff3Part = { row: Gff3Row } | { directive: string, words: string[] }

/**
 * Reads GFF3 up to its end or `##FASTA`.
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

/**
 * The values of a tag in column 9, which is split at `;`, `=` and `,` before it is percent-decoded. Undefined where the tag
 * is not there; several values stay several.
 */
export function readAttribute (column: string, tag: string): string[] | undefined {
  for (let at = column.indexOf(`${tag}=`); at !== -1; at = column.indexOf(`${tag}=`, at + 1)) {
    const before = column.slice(column.lastIndexOf(';', at - 1) + 1, at)
    if (at > 0 && before.trim() !== '') continue
    const end = column.indexOf(';', at)
    const value = column.slice(at + tag.length + 1, end === -1 ? undefined : end)
    return value.includes(',') ? value.split(',').map(decode) : [decode(value)]
  }
  return undefined
}

/** The first value of a tag; an empty one counts as none. */
export function readValue (column: string, tag: string): string | undefined {
  const value = readAttribute(column, tag)?.[0]
  return value === '' ? undefined : value
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
    region: decode(region),
    type: decode(type),
    ...row,
    strand: strand === '+' || strand === '-' ? strand : '.',
    phase: phase === '0' || phase === '1' || phase === '2' ? Number(phase) : undefined,
    attributes: attributes!
  }
}

/** A percent sign that begins no escape stands for itself; control characters would break a FASTA header. */
function decode (text: string): string {
  const decoded = text.includes('%') ? unescape8(text) : text
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  return /[\u0000-\u001f\u007f]/.test(decoded) ? decoded.replace(/[\u0000-\u001f\u007f]/g, ' ') : decoded
}

/** As UTF-8, or as Latin-1 where it is none. */
function unescape8 (text: string): string {
  try {
    return decodeURIComponent(text.replace(/%(?![0-9a-f]{2})/gi, '%25'))
  } catch {
    return text.replace(/%([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
  }
}
