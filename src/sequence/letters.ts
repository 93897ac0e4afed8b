/** What stands for each byte: one entry per letter code, for sequence in buffers of one byte a base. */
export type LetterMap = Uint8Array

const complements = 'AT TA CG GC UA RY YR KM MK BV VB DH HD SS WW NN XX'

export const asGiven: LetterMap = mapLetters((letter) => letter)

export const upperCase: LetterMap = mapLetters((letter) => letter.toUpperCase())

/** Hard mask from soft mask: only a, c, g, t and n become N; other lower-case codes stay, as in Ensembl's dumps. */
export const hardMask: LetterMap = mapLetters((letter) => 'acgtn'.includes(letter) ? 'N' : letter)

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
