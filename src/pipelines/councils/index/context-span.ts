import { splitWords } from './clean.ts'

const WORDS_BEFORE = 8
const WORDS_AFTER = 7

/** The words around the place in `sentence` that is most like `token`, with dots where something was left out. */
export function contextSpan (sentence: string, token: string): string {
  const words = splitWords(sentence)
  const anchor = anchorOf(words, token)
  const left = Math.max(0, anchor - WORDS_BEFORE)
  const right = anchor + WORDS_AFTER >= words.length - 1 ? undefined : anchor + WORDS_AFTER
  return `${left > 0 ? '... ' : ''}${words.slice(left, right).join(' ')}${right === undefined ? '' : '...'}`
}

/**
 * The first of the words that are most like the token. One that was made of a word of the sentence
 * is like that at least.
 */
function anchorOf (words: string[], token: string): number {
  let [best, at] = [0, 0]
  for (const [i, word] of words.entries()) {
    // Letters in common cannot be more than the shorter has: most words need no closer look.
    if (
      200 * Math.min(word.length, token.length) <= best * (word.length + token.length) &&
      !PAIRS.test(word + token)
    ) {
      continue
    }
    const likeness = word === token ? 100 : ratio(word, token)
    if (likeness > best) [best, at] = [likeness, i]
    if (best === 100) break
  }
  return at
}

/** Letters that are two units of a text. */
const PAIRS = /[\ud800-\udfff]/

/** 0 to 100: twice the length of the longest common subsequence against both lengths, in code points. */
export function ratio (a: string, b: string): number {
  const [one, two] = [lettersOf(a), lettersOf(b)]
  return one.length === 0 || two.length === 0 ? 0 : 200 * longestCommon(one, two) / (one.length + two.length)
}

const lettersOf = (text: string): ArrayLike<string> => PAIRS.test(text) ? [...text] : text

function longestCommon (a: ArrayLike<string>, b: ArrayLike<string>): number {
  const row = new Uint16Array(b.length + 1)
  for (let i = 0; i < a.length; i++) {
    let diagonal = 0
    for (let j = 1; j <= b.length; j++) {
      const above = row[j] as number
      row[j] = a[i] === b[j - 1] ? diagonal + 1 : Math.max(above, row[j - 1] as number)
      diagonal = above
    }
  }
  return row[b.length] as number
}
