import { errors } from '../../../base/errors.ts'
import { fromGtf, isGtf } from './gtf.ts'
import { kindOf } from './row-kinds.ts'
import type { RowKind } from './row-kinds.ts'
import { createTexts } from './texts.ts'

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

/** A row as it lies in its block, without texts made of it. It is that of the next row when the visit is over. */
export type RowBytes = {
  readonly bytes: Buffer
  readonly line: number
  /** Where each column begins, and behind the end of the row. */
  readonly columns: Int32Array
  readonly type: string
  readonly kind: RowKind
  readonly start: number
  readonly end: number
  /** Whether all is ASCII, with nothing escaped. */
  readonly isPlain: boolean
  /** Of a column that comes again and again. */
  readonly textOf: (bytes: Buffer, from: number, to: number) => string
}

export type RowVisitor = { row: (row: RowBytes) => void, directive?: (text: string) => void }

const COLUMNS = 9
const [TAB, NEWLINE, HASH, PERCENT, TILDE] = [9, 10, 35, 37, 126] as const

/** By its letter; what is on both strands is on none. */
const STRANDS: ReadonlyMap<number, Gff3Row['strand']> = new Map(
  (['+', '-', '.', '?'] as const).map((sign) => [sign.charCodeAt(0), sign === '?' ? '.' : sign])
)

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }
type State = Mutable<RowBytes> & { field: string, found: number }

/**
 * Reads the rows of one block after the other; lines count from 1.
 *
 * @throws INPUT_REFUSED, naming the line, where a row is not one.
 */
export function createRowReader (field: string): (block: Buffer, visitor: RowVisitor) => void {
  const state: State = {
    bytes: Buffer.alloc(0),
    line: 0,
    columns: new Int32Array(COLUMNS + 1),
    type: '',
    kind: 'feature',
    start: 0,
    end: 0,
    isPlain: true,
    textOf: createTexts(),
    field,
    found: 0
  }
  return readRows.bind(null, state)
}

function readRows (state: State, block: Buffer, { row, directive }: RowVisitor): void {
  state.bytes = block
  for (let from = 0; from < block.length;) {
    state.line++
    const end = split(state, from)
    if (block[from] === HASH) directive?.(block.toString('utf8', from, end))
    else if (!isBlank(block, from, end)) {
      check(state, end)
      row(state)
    }
    from = end + 1
  }
}

/** Finds the columns of the line that begins at `from`, and its end. */
function split (state: State, from: number): number {
  const { bytes, columns } = state
  columns[0] = from
  let found = 1
  let isPlain = true
  let at = from
  for (; at < bytes.length; at++) {
    const code = bytes[at]!
    if (code > PERCENT && code <= TILDE) continue
    if (code === NEWLINE) break
    if (code === TAB) {
      if (found < COLUMNS) columns[found] = at + 1
      found++
    } else if (code < 32 || code > TILDE || code === PERCENT) {
      isPlain = false
    }
  }
  columns[COLUMNS] = at + 1
  state.found = found
  state.isPlain = isPlain
  return at
}

function isBlank (bytes: Buffer, from: number, end: number): boolean {
  return bytes[from]! <= 32 && bytes.toString('utf8', from, end).trim() === ''
}

function check (state: State, end: number): void {
  const { bytes, columns, found, textOf } = state
  if (found !== COLUMNS) return refuse(state, describeColumns(state, end))
  state.type = textOf(bytes, columns[2]!, columns[3]! - 1)
  state.kind = kindOf(state.type)
  state.start = readInteger(bytes, columns[3]!, columns[4]! - 1)
  state.end = readInteger(bytes, columns[4]!, columns[5]! - 1)
  if (!isPlace(state)) {
    refuse(state, `has the coordinates ${columnOf(state, 3)} and ${columnOf(state, 4)}`)
  }
  if (columns[7]! - columns[6]! !== 2 || !STRANDS.has(bytes[columns[6]!]!)) {
    refuse(state, `has the strand ${columnOf(state, 6)}`)
  }
}

function isPlace ({ start, end }: State): boolean {
  return Number.isSafeInteger(start) && Number.isSafeInteger(end) && start > 0 && end >= start
}

function refuse ({ field, line }: State, problem: string): never {
  throw errors.inputRefused(field, `line ${line} ${problem}`)
}

function columnOf ({ bytes, columns }: State, column: number): string {
  return bytes.toString('utf8', columns[column], columns[column + 1]! - 1)
}

function describeColumns ({ bytes, columns, found }: State, end: number): string {
  const words = bytes.toString('utf8', columns[0], end).trim().split(/\s+/).length
  return `has ${found} columns, not 9${found < COLUMNS && words >= 8 ? '; they are to be separated by tabs' : ''}`
}

function readInteger (bytes: Buffer, from: number, to: number): number {
  let value = 0
  for (let at = from; at < to; at++) {
    const digit = bytes[at]! - 48
    if (digit < 0 || digit > 9) return Number(bytes.toString('latin1', from, to))
    value = value * 10 + digit
  }
  return value
}

/** The row with its texts, which may be kept. */
export function toRow (row: RowBytes): Gff3Row {
  const { bytes, line, columns, type, start, end, textOf } = row
  const isGff3 = isOfGff3(row)
  const attributes = attributesOf(row)
  return {
    line,
    region: textOf(bytes, columns[0]!, columns[1]! - 1),
    type,
    start,
    end,
    strand: STRANDS.get(bytes[columns[6]!]!)!,
    phase: phaseOf(row),
    attributes: isGff3 ? attributes : fromGtf(attributes, type),
    form: isGff3 ? 'gff3' : 'gtf'
  }
}

/** Column 9 has the form of GFF3: it begins with a tag and `=`, or is not that of GTF either. */
export function isOfGff3 (row: RowBytes): boolean {
  const { bytes, columns } = row
  for (let at = columns[8]!; at < columns[9]! - 1; at++) {
    const code = bytes[at]!
    if (code === 61 && at > columns[8]!) return true
    if (code <= 34 || code === 59 || code === 61) break
  }
  return !isGtf(attributesOf(row))
}

function attributesOf ({ bytes, columns, isPlain }: RowBytes): string {
  return bytes.toString(isPlain ? 'latin1' : 'utf8', columns[8], columns[9]! - 1)
}

function phaseOf ({ bytes, columns }: RowBytes): number | undefined {
  const phase = bytes[columns[7]!]! - 48
  return columns[8]! - columns[7]! === 2 && phase >= 0 && phase <= 2 ? phase : undefined
}
