/**
 * The one way in which texts are made ready, for the index and for the questions to it: what is
 * written apart in the one and together in the other would never be found.
 */

/** English words that say nothing of a meeting. Matched as they are written: `The` is kept. */
const STOP_WORDS = `
  i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her hers herself it
  its itself they them their theirs themselves what which who whom this that these those am is are was were be been
  being have has had having do does did doing a an the and but if or because as until while of at by for with about
  against between into through during before after above below to from up down in out on off over under again
  further then once here there when where why how all any both each few more most other some such no nor not only
  own same so than too very s t can will just don should now d ll m o re ve y ain aren couldn didn doesn hadn hasn
  haven isn ma mightn mustn needn shan shouldn wasn weren won wouldn
`.trim().split(/\s+/)

const STOPS = new Set(STOP_WORDS)
/** Whether a word in small letters says nothing of a meeting. */
export const isStopWord = (word: string): boolean => STOPS.has(word)

// \b and \w know ASCII only: "García" would lose its last letter.
const STOP = new RegExp(`(?<![\\p{L}\\p{N}_])(?:${STOP_WORDS.join('|')})(?![\\p{L}\\p{N}_])`, 'gu')
const PUNCTUATION = /[!"#$%&'()*+,\-./:;<=>?@[\\\]^_`{|}~]/g
/** Signs of feeling and the like. The fourth range takes Chinese, Japanese and Korean letters along. */
const PICTOGRAMS = /[\u200d\u231a\u23cf\u23e9\u24c2-\u{1f251}\u{1f300}-\u{1f5ff}\u{1f600}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f926}-\u{1f937}]/gu
/** White space as Python has it: with U+001C to U+001F and U+0085, without U+FEFF. */
// eslint-disable-next-line no-control-regex -- Python splits at them
const BLANKS = /[\t-\r\u001c-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/

const ALL_BLANKS = new RegExp(BLANKS, 'g')

/** Without punctuation, stop words and, unless they are wanted, pictograms; single blanks between words. */
export function clean (text: string, { pictograms = false } = {}): string {
  const words = text.replace(/[\n\t]/g, ' ').replaceAll('--', ' ').replace(PUNCTUATION, '').replace(STOP, '')
  return (pictograms ? words : words.replace(PICTOGRAMS, '')).replace(ALL_BLANKS, ' ').trim()
}

export const splitWords = (text: string): string[] => text.split(BLANKS).filter((word) => word !== '')

/** The words of a sentence that are indexed; none where hardly anything is left of it. */
export function tokensOf (sentence: string): string[] {
  const cleaned = clean(sentence)
  return [...cleaned].length <= 1 ? [] : splitWords(cleaned)
}
