import { isCapitals, splitSentences } from '../model/sentences.ts'
import { toSentences, wordText, type Token } from '../model/tokens.ts'
import type { Sentence } from '../model/transcript.ts'
import type { Cue } from './cue.ts'
import { readCueText, type Item } from './cue-text.ts'
import { withoutRepeats } from './rolling.ts'
import { toSmall } from './small-letters.ts'
import { matchPerson, nameSpeakers, type KnownPersons } from './speakers.ts'

/** What is known of a caption's words; the figure of the Council Data Project. */
const CONFIDENCE = 0.97

type TimedItems = { startTime: number, endTime: number, items: Item[] }

/**
 * Sentences from cues. Every word of the cues is there once and in order; its times lie in its own cue and never go
 * back; each speaker mark begins a speaker, whom `NAME:` names. Cues without words are passed over; what was heard
 * beside words is an annotation of the sentence that it stands in.
 */
export function captionSentences (cues: Cue[], persons: KnownPersons = []): Sentence[] {
  const ordered = cues
    .map((cue) => ({ ...cue, endTime: Math.max(cue.startTime, cue.endTime), lines: readCueText(cue.text) }))
    .filter(({ lines }) => lines.length > 0)
    .sort((one, other) => one.startTime - other.startTime)
  const capitals = isWrittenInCapitals(ordered.flatMap(({ lines }) => lines.flat()))
  const lines = withoutRepeats(ordered.map((cue) => cue.lines)).map((cue) =>
    cue.map((line) => nameSpeakers(line, { capitals, persons }))
  )
  const timed = ordered.map(({ startTime, endTime }, i) => ({ startTime, endTime, items: (lines[i] ?? []).flat() }))
  const tokens = toTokens(timed)
  return toSentences(inSmallLetters(splitSentences(tokens), persons)).map((sentence) => withPerson(sentence, persons))
}

/** Sentences are parted before: where they end shows by their capitals. */
function inSmallLetters (sentences: Token[][], persons: KnownPersons): Token[][] {
  const tokens = sentences.flat()
  if (!isCapitals(tokens)) return sentences
  const small = toSmall(tokens, persons)[Symbol.iterator]()
  return sentences.map((sentence) => sentence.flatMap(() => small.next().value ?? []))
}

const isWrittenInCapitals = (items: Item[]): boolean =>
  isCapitals(
    items.flatMap((item) =>
      'word' in item ? [{ text: item.word, start: 0, end: 0, confidence: 1, turn: null, speaker: null }] : []
    )
  )

/**
 * A speaker who is one of the persons of the meeting has the name of that one; the annotation says how sure that is.
 */
function withPerson (sentence: Sentence, persons: KnownPersons): Sentence {
  const { speaker_name: said, annotations } = sentence
  const person = said === null || said === undefined ? undefined : matchPerson(said, persons)
  if (person === undefined) return sentence
  return {
    ...sentence,
    speaker_name: person.name,
    annotations: { ...annotations, speaker: { said, confidence: person.confidence } }
  }
}

/** From the first to the last word of a caption file, seconds; undefined where it has none. */
export function captionSpan (sentences: Sentence[]): { start: number, end: number } | undefined {
  const [first, last] = [sentences[0], sentences.at(-1)]
  return first === undefined || last === undefined ? undefined : { start: first.start_time, end: last.end_time }
}

/** Spreads the words of a cue over its time, or over what of it comes before the next cue: cues may overlap. */
function toTokens (cues: TimedItems[]): Token[] {
  const state: TokenState = { tokens: [], turn: 0, begun: false, isFresh: true, speaker: null, sounds: [] }
  for (const { startTime, endTime, items } of together(cues)) {
    const count = items.filter((item) => 'word' in item && wordText(item.word) !== '').length
    const timeOf = (n: number): number => n >= count ? endTime : startTime + (endTime - startTime) * n / count
    let spoken = 0
    for (const item of items) {
      if (!('word' in item)) {
        readSign(item, state)
        continue
      }
      const start = timeOf(spoken)
      if (wordText(item.word) !== '') spoken++
      addWord(item.word, start, timeOf(spoken), state)
    }
  }
  const last = state.tokens.at(-1)
  if (last !== undefined && state.sounds.length > 0) last.sounds = [...last.sounds ?? [], ...state.sounds]
  return state.tokens
}

/** `isFresh`: nothing was said since the turn began. */
type TokenState = {
  tokens: Token[]
  turn: number
  begun: boolean
  isFresh: boolean
  speaker: string | null
  sounds: string[]
}

function addWord (text: string, start: number, end: number, state: TokenState): void {
  const { turn, speaker, sounds } = state
  state.tokens.push({
    text,
    start,
    end,
    confidence: CONFIDENCE,
    turn,
    speaker,
    sounds: sounds.length > 0 ? sounds : undefined
  })
  if (sounds.length > 0) state.sounds = []
  state.begun = true
  state.isFresh = false
}

function readSign (item: Exclude<Item, { word: string }>, state: TokenState): void {
  if ('sound' in item) {
    state.sounds.push(item.sound)
    return
  }
  const isMark = 'mark' in item
  if (!isMark && item.voice === state.speaker) return
  if (state.begun && (isMark || !state.isFresh)) state.turn++
  state.speaker = isMark ? null : item.voice
  state.begun = true
  state.isFresh = true
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
