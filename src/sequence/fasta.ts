import { asGiven } from './letters.ts'
import type { LetterMap } from './letters.ts'

export const fastaColumns = 60

const newline = 10

/**
 * Lines of 60 letters, each with its LF, every letter through `map`. For a long sequence call it piece by piece: all
 * pieces but the last must be a multiple of 60 long.
 */
export function fastaLines (letters: Uint8Array, map: LetterMap): Buffer {
  const lines = Math.ceil(letters.length / fastaColumns)
  const text = Buffer.allocUnsafe(letters.length + lines)
  let to = 0
  for (let line = 0; line < letters.length; line += fastaColumns) {
    const end = Math.min(line + fastaColumns, letters.length)
    for (let from = line; from < end; from++) text[to++] = map[letters[from]!]!
    text[to++] = newline
  }
  return text
}

/** A whole record; an empty sequence is a header alone. */
export function fastaRecord (header: string, sequence: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`>${header}\n`), fastaLines(sequence, asGiven)])
}
