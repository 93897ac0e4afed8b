import { splitWords, isStopWord } from './clean.ts'
import { halvesOf } from './key.ts'
import { stem } from './stem.ts'

/**
 * The one way in which texts and questions become terms: small letters without accents, stems, without words that say
 * nothing. What may be written apart or together, `land-use` and `CB 120345`, is there in both ways.
 */

/** A word of a text: as it is written, and what it is compared by. */
export type Word = { written: string, term: string, isStop: boolean }

const LETTERS_AND_DIGITS = /^(\p{L}{1,4})(\d+)$/u

/** The words of a text in order. A hyphen parts words; in `joins` are the terms of those that may be one. */
export function wordsOf (text: string): { words: Word[], joins: Array<{ at: number, term: string }> } {
  const words: Word[] = []
  const joins: Array<{ at: number, term: string }> = []
  const plain = text.replace(/(\d),(?=\d{3}(?!\d))/g, '$1').replace(/[\u2018\u2019\u02bc]/g, "'")
  for (const chunk of splitWords(plain)) {
    const from = words.length
    for (const part of chunk.split(/[^\p{L}\p{M}\p{N}']+/u).flatMap(splitDigits)) {
      const folded = fold(part)
      if (folded !== '') words.push({ written: part, term: stem(folded), isStop: isStopWord(folded) })
    }
    if (words.length - from > 1) {
      joins.push({
        at: from,
        term: stem(
          words
            .slice(from)
            .map(({ written }) => fold(written))
            .join('')
        )
      })
    }
  }
  for (const [i, { written }] of words.entries()) {
    const joined = fold(written) + fold(words[i + 1]?.written ?? '')
    if (LETTERS_AND_DIGITS.test(joined) && !/\d/.test(written)) joins.push({ at: i, term: stem(joined) })
  }
  return { words, joins }
}

/** `CB120345` is a name and a number. */
function splitDigits (part: string): string[] {
  const [, letters, digits] = LETTERS_AND_DIGITS.exec(part) ?? []
  return letters === undefined || digits === undefined ? [part] : [letters, digits]
}

/** Small letters without accents and apostrophes. */
export const fold = (text: string): string => text.normalize('NFKD').replace(/\p{Mn}|'/gu, '').toLowerCase()

/** The terms by which a text is found, each once. */
export function termsOf (text: string): Set<string> {
  const { words, joins } = wordsOf(text)
  return new Set([...words.filter(({ isStop }) => !isStop).map(({ term }) => term), ...joins.map(({ term }) => term)])
}

/** 52 bits of a term, as a number: what is searched by instead of texts. */
export function keyOfTerm (term: string): number {
  const { high, low } = halvesOf(term)
  return (high & 0xfffff) * 2 ** 32 + low
}
