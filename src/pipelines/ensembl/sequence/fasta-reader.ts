import { errors } from '../../../base/errors.ts'
import { isNucleotide } from './letters.ts'

/**
 * A record comes as its header (without `>`) and then any number of pieces of letters, case kept, line ends removed.
 */
export type FastaPart = { header: string } | { letters: Buffer }

const newline = 10
const carriageReturn = 13
const byteOrderMark = Buffer.from('efbbbf', 'hex')
const recordStart = 62
const maxHeaderBytes = 65_536
const letter = 1
const blank = 2
const kinds = Uint8Array.from(isNucleotide, (is, code) =>
  is === 1 ? letter : [9, newline, 13, 32].includes(code) ? blank : 0
)

/**
 * Reads nucleotide FASTA with flat memory: a chromosome may be one line of any length. What it yields is valid until
 * the next step only.
 *
 * @throws INPUT_REFUSED for `field` where the text is not nucleotide FASTA.
 */
export async function * readFasta (source: AsyncIterable<Uint8Array>, field: string): AsyncGenerator<FastaPart> {
  let header: Buffer[] | undefined
  let headerBytes = 0
  let name: string | undefined
  let previous = newline
  const run = { letters: Buffer.alloc(0), length: 0, end: 0 }

  for await (const chunk of withoutMark(source)) {
    if (run.letters.length < chunk.length) run.letters = Buffer.allocUnsafe(chunk.length)
    for (let at = 0; at < chunk.length;) {
      if (header !== undefined) {
        const end = endOfLine(chunk, at)
        header.push(Buffer.from(chunk.subarray(at, end === -1 ? chunk.length : end)))
        headerBytes += header.at(-1)!.length
        if (headerBytes > maxHeaderBytes) {
          throw errors.inputRefused(field, `has a header of more than ${maxHeaderBytes} bytes`)
        }
        if (end === -1) break
        name = Buffer.concat(header).toString('utf8').trim()
        header = undefined
        yield { header: name }
        at = end
      }
      copyRun(chunk, at, run)
      if (run.length > 0 && name !== undefined) yield { letters: run.letters.subarray(0, run.length) }
      const stop = chunk[run.end]
      if (
        (run.length > 0 && name === undefined) ||
        (stop !== undefined && (stop !== recordStart || !isLineEnd(run.end === 0 ? previous : chunk[run.end - 1]!)))
      ) {
        const where = name === undefined ? 'before its first header' : `in record ${name.split(/\s/)[0]}`
        throw errors.inputRefused(field, `is not nucleotide FASTA: ${describe(stop)} ${where}`)
      }
      if (stop !== undefined) {
        header = []
        headerBytes = 0
      }
      at = run.end + 1
    }
    previous = chunk.at(-1) ?? previous
  }
  if (header !== undefined) yield { header: Buffer.concat(header).toString('utf8').trim() }
  else if (name === undefined) throw errors.inputRefused(field, 'has no FASTA record')
}

/** A CR alone ends a line too. */
function isLineEnd (code: number): boolean {
  return code === newline || code === carriageReturn
}

function endOfLine (chunk: Uint8Array, from: number): number {
  const end = chunk.indexOf(newline, from)
  const piece = end === -1 ? chunk : chunk.subarray(0, end)
  const other = piece.indexOf(carriageReturn, from)
  return other === -1 ? end : other
}

/** Editors on Windows put a byte order mark in front. */
async function * withoutMark (source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let first: Uint8Array | undefined = new Uint8Array()
  for await (const chunk of source) {
    if (first === undefined) {
      yield chunk
      continue
    }
    first = first.length === 0 ? chunk : Buffer.concat([first, chunk])
    if (first.length < byteOrderMark.length) continue
    yield byteOrderMark.equals(first.subarray(0, 3)) ? first.subarray(3) : first
    first = undefined
  }
  if (first !== undefined) yield first
}

/**
 * Copies letters and leaves out blanks, up to the first byte that is neither. A plain function of its own, because a
 * loop over bytes inside an async generator is not optimised.
 */
function copyRun (chunk: Uint8Array, start: number, run: { letters: Buffer, length: number, end: number }): void {
  const { letters } = run
  let length = 0
  let at = start
  for (; at < chunk.length; at++) {
    const code = chunk[at]!
    const kind = kinds[code]
    if (kind === letter) letters[length++] = code
    else if (kind !== blank) break
  }
  run.length = length
  run.end = at
}

function describe (code: number | undefined): string {
  return code === undefined ? 'letters' : `byte ${code} (${JSON.stringify(String.fromCharCode(code))})`
}
