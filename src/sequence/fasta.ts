export const fastaColumns = 60

const newline = 10

/**
 * Lines of 60 letters, each with its LF. For a long sequence call it piece by piece: all pieces but the last must be a
 * multiple of 60 long.
 */
export function fastaLines (letters: Buffer): Buffer {
  const text = Buffer.allocUnsafeSlow(letters.length + Math.ceil(letters.length / fastaColumns))
  let to = 0
  for (let from = 0; from < letters.length; from += fastaColumns) {
    to += letters.copy(text, to, from, from + fastaColumns)
    text[to++] = newline
  }
  return text
}

/** A whole record as text; an empty sequence is a header alone. */
export function fastaRecord (header: string, sequence: string): string {
  let text = `>${header}\n`
  for (let start = 0; start < sequence.length; start += fastaColumns) text += `${sequence.slice(start, start + fastaColumns)}\n`
  return text
}
