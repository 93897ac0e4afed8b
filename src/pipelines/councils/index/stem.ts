/// <reference path="./snowball-stemmers.d.ts" />
import stemmers from 'snowball-stemmers'

const english = stemmers.newStemmer('english')
/** A corpus has few different words, many times each. */
const known = new Map<string, string>()
const MAX_KNOWN = 200_000

/** Porter2 of the word in lower case. */
export function stem (word: string): string {
  let found = known.get(word)
  if (found === undefined) {
    found = english.stem(word.toLowerCase())
    if (known.size >= MAX_KNOWN) known.clear()
    known.set(word, found)
  }
  return found
}

/** All runs of `n` tokens as the index knows them: each stemmed, with a blank between. */
export function stemmedGrams (tokens: string[], n: number): string[] {
  const stems = tokens.map(stem)
  return Array.from({ length: Math.max(0, stems.length - n + 1) }, (_, i) => stems.slice(i, i + n).join(' '))
}
