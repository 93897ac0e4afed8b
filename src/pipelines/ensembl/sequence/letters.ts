/** What stands for each byte: one entry per letter code, for sequence in buffers of one byte a base. */
export type LetterMap = Uint8Array

const complements = 'AT TA CG GC UA RY YR KM MK BV VB DH HD SS WW NN XX'

export const upperCase: LetterMap = mapLetters((letter) => letter.toUpperCase())

/** Hard mask from soft mask: only a, c, g, t and n become N; other lower-case codes stay, as in Ensembl's dumps. */
const hardMask: LetterMap = mapLetters((letter) => 'acgtn'.includes(letter) ? 'N' : letter)

/**
 * Text of letters and line ends in upper case, in a buffer of its own. Four bytes at a time: case is one bit of a
 * letter, which a line end has not.
 */
export function toUpperCase (text: Buffer): Buffer {
  const { result, from, to } = asWords(text)
  for (let at = 0; at < to.length; at++) to[at] = from[at]! & 0xdfdfdfdf
  for (let at = to.length * 4; at < text.length; at++) result[at] = upperCase[text[at]!]!
  return result
}

/** Text of letters and line ends hard-masked, likewise. */
export function toHardMask (text: Buffer): Buffer {
  const { result, from, to } = asWords(text)
  for (let at = 0; at < to.length; at++) {
    const word = from[at]!
    to[at] =
      (word & 0x20202020) === 0
        ? word
        : hardMask[word & 255]! |
          (hardMask[(word >>> 8) & 255]! << 8) |
          (hardMask[(word >>> 16) & 255]! << 16) |
          (hardMask[word >>> 24]! << 24)
  }
  for (let at = to.length * 4; at < text.length; at++) result[at] = hardMask[text[at]!]!
  return result
}

function asWords (text: Buffer): { result: Buffer, from: Uint32Array, to: Uint32Array } {
  const words = text.length >> 2
  const result = Buffer.allocUnsafeSlow(text.length)
  const aligned = text.byteOffset % 4 === 0 ? text : Buffer.from(new Uint8Array(text).buffer)
  return {
    result,
    from: new Uint32Array(aligned.buffer, aligned.byteOffset, words),
    to: new Uint32Array(result.buffer, result.byteOffset, words)
  }
}

/** IUPAC complement, case kept. */
export const complement: LetterMap = mapLetters((letter) => {
  const pair = complements.split(' ').find(([from]) => from === letter.toUpperCase())
  const to = pair?.[1] ?? letter
  return letter === letter.toLowerCase() ? to.toLowerCase() : to
})

export const upperComplement: LetterMap = complement.map((code) => upperCase[code]!)

/** 1 for upper and lower case IUPAC nucleotide codes, with U and X. */
export const isNucleotide: Uint8Array = Uint8Array.from({ length: 256 }, (_, code) =>
  'ACGTUNRYKMSWBDHVX'.includes(String.fromCharCode(code).toUpperCase()) ? 1 : 0)

export function reverseComplement (letters: Uint8Array): Buffer {
  const result = Buffer.allocUnsafe(letters.length)
  for (let from = 0, to = letters.length - 1; to >= 0; from++, to--) result[to] = complement[letters[from]!]!
  return result
}

function mapLetters (map: (letter: string) => string): LetterMap {
  return Uint8Array.from({ length: 256 }, (_, code) => {
    const letter = String.fromCharCode(code)
    return /[a-z]/i.test(letter) ? map(letter).charCodeAt(0) : code
  })
}
