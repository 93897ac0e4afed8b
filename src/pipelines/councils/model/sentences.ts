import type { Token } from './tokens.ts'

/** Never the end of a sentence: a name or a number follows. */
const openers = new Set(`
  mr mrs ms mx dr prof sen rep gov hon st lt col gen capt cmdr sgt maj rev supt pres fr no nos vs e.g i.e fig approx
  cf viz dept mt ft
`.trim().split(/\s+/))
/** May end one: it does where the next word is one that sentences begin with. */
const closers = new Set(`
  a.m p.m etc inc corp co ltd llc bros jr sr ave blvd rd hwy est u.s u.k d.c ph.d m.d b.a m.a jan feb mar apr jun
  jul aug sep sept oct nov dec
`.trim().split(/\s+/))
const starters = new Set(`
  the we i i'm i'd i'll i've this that these those it it's he she they you so and but please thank there there's
  let's if when what who how is are do does our my thanks okay ok yes no now well first next then all in on at for
`.trim().split(/\s+/))

/** What an unpunctuated transcript is cut by. */
const pauseSeconds = 1
const longWords = 30
/** Fewer ends than one in so many words: the text has no punctuation to go by. */
const wordsPerEnd = 100

/** Parts tokens into sentences. A sentence ends at its mark, also inside a line, and wherever the speaker changes. */
export function splitSentences (tokens: Token[]): Token[][] {
  const isPunctuated = tokens.filter(({ text }) => endMark(text) !== undefined).length * wordsPerEnd >= tokens.length
  const hasCase = !isCapitals(tokens) && tokens.some(({ text }) => /^\p{Lu}.*\p{Ll}/u.test(text))
  const sentences: Token[][] = []
  let sentence: Token[] = []
  for (const [i, token] of tokens.entries()) {
    sentence.push(token)
    const next = tokens[i + 1]
    if (
      next === undefined ||
      next.turn !== token.turn ||
      isEnd(token, next, hasCase) ||
      (!isPunctuated && isPause(token, next, sentence.length))
    ) {
      sentences.push(sentence)
      sentence = []
    }
  }
  return sentences
}

/** Whether it is written in capitals; a small letter here and there (McDonald) makes no difference. */
export function isCapitals (tokens: Token[]): boolean {
  const letters = tokens.map(({ text }) => text).join('')
  return letters.replace(/\P{Ll}/gu, '').length * 10 <= letters.replace(/[^\p{Lu}\p{Ll}]/gu, '').length
}

/**
 * Where nothing is punctuated: at a pause, and in a long run of words wherever one word does not begin as another ends.
 */
function isPause ({ end }: Token, { start }: Token, length: number): boolean {
  return start - end >= pauseSeconds || (length >= longWords && start - end > 0.05) || length >= 2 * longWords
}

function endMark (text: string): string | undefined {
  return /([.?!\u2026])["'\u201d\u2019)\]]*$/.exec(text)?.[1]
}

function isEnd ({ text }: Token, next: Token, hasCase: boolean): boolean {
  const mark = endMark(text)
  if (mark === undefined) return false
  const nextWord = next.text.replace(/^["'\u201c\u2018([]+/, '')
  if (hasCase && /^\p{Ll}/u.test(nextWord) && mark !== '?' && mark !== '!') return false
  if (mark !== '.' || /\.{2,}/.test(text)) return true
  const stem = text.toLowerCase().replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '')
  if (openers.has(stem)) return false
  const isStart = starters.has(nextWord.toLowerCase().replace(/[^\p{L}']/gu, ''))
  // An initial, or letters with dots between them such as N.A.A.C.P.
  if (closers.has(stem) || /^(?:\p{L}\.)+\p{L}$/u.test(stem)) return isStart
  return !/^\p{L}$/u.test(stem) || stem === 'i'
}
