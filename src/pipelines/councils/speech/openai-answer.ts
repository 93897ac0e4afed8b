import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import { takeSounds } from '../captions/sounds.ts'
import { withoutDoubtful, withoutLoops, type Segment } from './doubtful.ts'
import { timeWords, type HeardWord, type WrittenWord } from './time-words.ts'

// Servers differ: only what is used is looked at, and all but the text may be missing.
const Numeric = Type.Union([Type.Number(), Type.String({ pattern: '^\\d+(\\.\\d+)?$' })])
const maybe = <T extends Parameters<typeof Type.Optional>[0]>(schema: T) =>
  Type.Optional(Type.Union([schema, Type.Null()]))
const AnswerSchema = Type.Object({
  text: maybe(Type.String()),
  duration: maybe(Numeric),
  words: maybe(Type.Array(Type.Object({ word: Type.String(), start: maybe(Numeric), end: maybe(Numeric) }))),
  segments: maybe(Type.Array(Type.Object({
    start: maybe(Numeric),
    end: maybe(Numeric),
    text: Type.String(),
    avg_logprob: maybe(Type.Number()),
    no_speech_prob: maybe(Type.Number()),
    compression_ratio: maybe(Type.Number())
  })))
})
export type VerboseAnswer = Static<typeof AnswerSchema>

export type Heard = {
  words: WrittenWord[]
  /** How sure the server is of it, 0 to 1, where it says so. */
  probability: number | undefined
}

/** The words of a verbose_json answer for `seconds` of audio; undefined where it is none. */
export function readAnswer (answer: unknown, seconds: number): Heard | undefined {
  if (!Value.Check(AnswerSchema, answer)) return undefined
  const segments = segmentsOf(answer, seconds)
  const { kept, dropped } = withoutDoubtful(segments)
  const heard = wordsOf(answer, seconds).filter((word) => !dropped.some((one) => isWithin(word, one)))
  const written = textOf(answer, heard, kept, dropped.length > 0)
  const timed = timeWords(written, clockOf(heard, kept, written, seconds))
  const at = createClock(answer, seconds)
  const logprobs = kept.flatMap(({ logprob }) => logprob === undefined ? [] : [logprob])
  return {
    words: withoutLoops(timed.map(({ text: word, start, end }) => ({ text: word, start: at(start), end: at(end) }))),
    probability:
      logprobs.length === 0
        ? undefined
        : Math.min(1, Math.exp(logprobs.reduce((sum, one) => sum + one, 0) / logprobs.length))
  }
}

function segmentsOf ({ segments }: VerboseAnswer, seconds: number): Segment[] {
  const spans = repaired(segments ?? [], seconds)
  return (segments ?? []).map(
    ({ text, avg_logprob: logprob, no_speech_prob: noSpeech, compression_ratio: compression }, i) => ({
      text,
      start: spans[i]?.start ?? 0,
      end: spans[i]?.end ?? seconds,
      logprob: logprob ?? undefined,
      noSpeech: noSpeech ?? undefined,
      compression: compression ?? undefined
    })
  )
}

function wordsOf ({ words }: VerboseAnswer, seconds: number): HeardWord[] {
  const spans = repaired(words ?? [], seconds)
  return (words ?? []).map(({ word }, i) => ({ word, start: spans[i]?.start ?? 0, end: spans[i]?.end ?? 0 }))
}

type Loose = { start?: number | string | null, end?: number | string | null }

/** A begin that is missing is the end before it; an end that is missing is the next begin, or its own. */
function repaired (given: readonly Loose[], seconds: number): Array<{ start: number, end: number }> {
  const number = (value: number | string | null | undefined): number | undefined =>
    value === null || value === undefined ? undefined : Number(value)
  let latest = 0
  return given.map(({ start, end }, i) => {
    const begin = number(start) ?? latest
    const next = number(given[i + 1]?.start)
    latest = Math.max(begin, number(end) ?? (next === undefined ? begin : Math.min(next, seconds)))
    return { start: begin, end: latest }
  })
}

const isWithin = ({ start, end }: HeardWord, segment: Segment): boolean =>
  (start + end) / 2 >= segment.start && (start + end) / 2 < segment.end

/**
 * The text with its punctuation: that of the answer, or of what is left of it. Sounds such as
 * `[BLANK_AUDIO]` are no words.
 */
function textOf ({ text }: VerboseAnswer, heard: HeardWord[], kept: Segment[], isCut: boolean): string[] {
  const told = isCut || text === null || text === undefined ? kept.map((one) => one.text).join(' ') : text
  const said = told.trim() === '' ? heard.map(({ word }) => word).join(' ') : told
  const { rest, sounds } = takeSounds(said)
  return rest
    .replace(/>|[\u266a-\u266c]/g, ' ')
    .split(/\s+/)
    .filter((word) => /[^.,\s]/.test(word) && !sounds.has(word))
}

/** What the written words are laid beside: the heard words, or the segments, or nothing but the length of the audio. */
function clockOf (heard: HeardWord[], kept: Segment[], written: string[], seconds: number): HeardWord[] {
  if (heard.length > 0) return heard
  if (kept.length > 0) return kept.map(({ text, start, end }) => ({ word: text, start, end }))
  return [{ word: written.join(' '), start: 0, end: seconds }]
}

/** A server may count its time a little otherwise than the audio; what is far off is no clock at all. */
function createClock ({ duration }: VerboseAnswer, seconds: number): (time: number) => number {
  const claimed = Number(duration ?? 0)
  const ratio = claimed > 0 ? seconds / claimed : 1
  const scale = ratio > 0.5 && ratio < 2 ? ratio : 1
  return (time) => Math.min(seconds, time * scale)
}
