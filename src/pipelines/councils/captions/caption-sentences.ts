import { isCapitals, splitSentences } from '../model/sentences.ts'
import { toSentences, wordText, type Token } from '../model/tokens.ts'
import type { Sentence } from '../model/transcript.ts'
import type { Cue } from './cue.ts'
import { readCueText, type Item } from './cue-text.ts'
import { withoutRepeats } from './rolling.ts'

/** What is known of a caption's words; the figure of the Council Data Project. */
const confidence = 0.97

type TimedItems = { startTime: number, endTime: number, items: Item[] }

/**
 * Sentences from cues. Every word of the cues is there once and in order; its times lie in its own cue and never go back;
 * each speaker mark begins a speaker. Cues without words are passed over.
 */
export function captionSentences (cues: Cue[]): Sentence[] {
  const ordered = cues.map((cue) => ({ ...cue, endTime: Math.max(cue.startTime, cue.endTime), lines: readCueText(cue.text) }))
    .filter(({ lines }) => lines.length > 0)
    .sort((one, other) => one.startTime - other.startTime)
  const lines = withoutRepeats(ordered.map((cue) => cue.lines))
  const timed = ordered.map(({ startTime, endTime }, i) => ({ startTime, endTime, items: lines[i]!.flat() }))
  const tokens = toTokens(timed)
  const sentences = splitSentences(tokens)
  return toSentences(isCapitals(tokens) ? sentences.map((sentence) => sentence.map(toSmall)) : sentences)
}

/** From the first to the last word of a caption file, seconds; undefined where it has none. */
export function captionSpan (sentences: Sentence[]): { start: number, end: number } | undefined {
  const first = sentences[0]
  return first === undefined ? undefined : { start: first.start_time, end: sentences.at(-1)!.end_time }
}

/** Spreads the words of a cue over its time, or over what of it comes before the next cue: cues may overlap. */
function toTokens (cues: TimedItems[]): Token[] {
  const tokens: Token[] = []
  let turn = 0
  let begun = false
  let speaker: string | null = null
  for (const group of together(cues)) {
    const count = group.items.filter((item) => 'word' in item && wordText(item.word) !== '').length
    const timeOf = (n: number): number => n >= count ? group.endTime : group.startTime + (group.endTime - group.startTime) * n / count
    let spoken = 0
    for (const item of group.items) {
      if ('word' in item) {
        const start = timeOf(spoken)
        if (wordText(item.word) !== '') spoken++
        tokens.push({ text: item.word, start, end: timeOf(spoken), confidence, turn, speaker })
      } else if ('mark' in item) {
        if (begun) turn++
        speaker = null
      } else if (item.voice !== speaker) {
        if (begun) turn++
        speaker = item.voice
      }
      begun = true
    }
  }
  return tokens
}

/** Cues in the order of their beginnings, each cut where the next one begins; those that begin together are one. */
function together (cues: TimedItems[]): TimedItems[] {
  const groups: TimedItems[] = []
  for (const cue of cues) {
    const last = groups.at(-1)
    if (last?.startTime === cue.startTime) {
      last.endTime = Math.min(last.endTime, cue.endTime)
      last.items = [...last.items, ...cue.items]
    } else {
      if (last !== undefined) last.endTime = Math.min(last.endTime, cue.startTime)
      groups.push({ ...cue })
    }
  }
  return groups
}

const alwaysCapital = new Set("i i'm i'd i'll i've monday tuesday wednesday thursday friday saturday sunday january february april june july august september october november december".split(' '))

/** Captions in capitals are written small, but for what is a name by any account. */
function toSmall (token: Token): Token {
  const text = token.text.toLowerCase()
  const isName = alwaysCapital.has(text.replace(/[’ʼ]/g, "'").replace(/[^\p{L}']/gu, ''))
  return { ...token, text: isName ? text.replace(/\p{L}/u, (letter) => letter.toUpperCase()) : text }
}
