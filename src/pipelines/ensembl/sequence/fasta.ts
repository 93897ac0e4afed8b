export const fastaColumns = 60

const newline = 10

/**
 * Lines of 60 letters, each with its LF. For a long sequence call it piece by piece: all pieces but the last must be a
 * multiple of 60 long.
 */
export function fastaLines (letters: Buffer): Buffer {
  const text = Buffer.allocUnsafeSlow(letters.length + Math.ceil(letters.length / fastaColumns))
  putLines(letters, text, 0)
  return text
}

/** A whole record; an empty sequence is a header alone. */
export function fastaRecord (header: string, sequence: Buffer): Buffer {
  const first = Buffer.from(`>${header}\n`)
  const text = Buffer.allocUnsafe(first.length + sequence.length + Math.ceil(sequence.length / fastaColumns))
  first.copy(text)
  putLines(sequence, text, first.length)
  return text
}

function putLines (letters: Buffer, text: Buffer, at: number): void {
  for (let from = 0; from < letters.length; from += fastaColumns) {
    at += letters.copy(text, at, from, from + fastaColumns)
    text[at++] = newline
  }
}
