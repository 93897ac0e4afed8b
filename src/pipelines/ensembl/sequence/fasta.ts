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
  const first = `>${header}\n`
  const firstBytes = Buffer.byteLength(first)
  const text = Buffer.allocUnsafe(firstBytes + sequence.length + Math.ceil(sequence.length / fastaColumns))
  text.write(first)
  putLines(sequence, text, firstBytes)
  return text
}

/** Letter by letter: a copy of so few bytes takes several times as long. */
function putLines (letters: Buffer, text: Buffer, at: number): void {
  for (let from = 0; from < letters.length;) {
    const end = Math.min(from + fastaColumns, letters.length)
    while (from < end) text[at++] = letters[from++]!
    text[at++] = newline
  }
}
