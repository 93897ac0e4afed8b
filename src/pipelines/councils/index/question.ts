import { fold, keyOfTerm, wordsOf, type Word } from './terms.ts'

/** One of the things that are looked for: any of its keys, or two that stand side by side. */
export type Unit = { keys: number[], pairs: Array<readonly [number, number]>, terms: string[] }

export type Asked = {
  units: Unit[]
  /** The words of what stood in quotes, each of which must be said as it is. */
  phrases: string[][]
}

/** More words than a question has would only cost time. */
const MOST_UNITS = 24
const SHORTEST_PART = 3

/**
 * What a question looks for. `landuse`, `land-use` and `land use` are the same, as are `CB120345` and `CB
 * 120345`: a word also stands for its parts, and two words that follow each other for what they are together.
 */
export function readQuestion (query: string): Asked {
  const phrases: string[][] = []
  const rest = query.replace(
    /["\u201c\u201d\u201e]([^"\u201c\u201d\u201e]*)["\u201c\u201d\u201e]/g,
    (_, inner: string) => {
      const terms = wordsOf(inner).words.map(({ term }) => term)
      if (terms.length > 0) phrases.push(terms)
      return ` ${inner} `
    }
  )
  const { words, joins } = wordsOf(rest)
  const units: Unit[] = []
  for (const [i, word] of words.entries()) {
    if (word.isStop) continue
    const joined = joins.filter(({ at }) => at === i || at === i - 1).map(({ term }) => term)
    units.push({
      keys: [word.term, ...joined, ...besides(words, i)].map(keyOfTerm),
      pairs: partsOf(word),
      terms: [word.term]
    })
  }
  const different = units.filter((unit, i) => units.findIndex((one) => one.terms[0] === unit.terms[0]) === i)
  return { units: different.slice(0, MOST_UNITS), phrases }
}

/** The word together with the one before or behind it. */
function besides (words: Word[], at: number): string[] {
  const written = (place: number): string => fold(words[place]?.written ?? '')
  return [
    [at - 1, at],
    [at, at + 1]
  ].flatMap(([first = 0, second = 0]) =>
    written(first) === '' || written(second) === ''
      ? []
      : [...wordsOf(written(first) + written(second)).words].slice(0, 1).map(({ term }) => term)
  )
}

/** A word that may be two: `landuse` is said as `land use`, too. */
function partsOf ({ written }: Word): Array<readonly [number, number]> {
  const folded = fold(written)
  if (/\d/.test(folded)) return []
  const parts: Array<readonly [number, number]> = []
  for (let at = SHORTEST_PART; at <= folded.length - SHORTEST_PART; at++) {
    const [first, second] = [wordsOf(folded.slice(0, at)).words[0], wordsOf(folded.slice(at)).words[0]]
    if (first !== undefined && second !== undefined) parts.push([keyOfTerm(first.term), keyOfTerm(second.term)])
  }
  return parts
}
