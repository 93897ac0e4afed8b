import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { timeWords, type HeardWord, type WrittenWord } from './time-words.ts'

// Servers differ: only what is used is looked at, and all but the text may be missing.
const Numeric = Type.Union([Type.Number(), Type.String({ pattern: '^\\d+(\\.\\d+)?$' })])
const AnswerSchema = Type.Object({
  text: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  duration: Type.Optional(Type.Union([Numeric, Type.Null()])),
  words: Type.Optional(Type.Union([Type.Array(Type.Object({ word: Type.String(), start: Numeric, end: Numeric })), Type.Null()])),
  segments: Type.Optional(Type.Union([Type.Array(Type.Object({ start: Numeric, end: Numeric, text: Type.String(), avg_logprob: Type.Optional(Type.Union([Type.Number(), Type.Null()])) })), Type.Null()]))
})

export type Heard = {
  words: WrittenWord[]
  /** How sure the server is of it, 0 to 1, where it says so. */
  probability: number | undefined
}

/** The words of a verbose_json answer for `seconds` of audio; undefined where it is none. */
export function readAnswer (answer: unknown, seconds: number): Heard | undefined {
  if (!Value.Check(AnswerSchema, answer)) return undefined
  const segments = (answer.segments ?? []).map(({ start, end, text, avg_logprob: logprob }) => ({ word: text, start: Number(start), end: Number(end), logprob }))
  const heard: HeardWord[] = (answer.words ?? []).map(({ word, start, end }) => ({ word, start: Number(start), end: Number(end) }))
  const text = answer.text ?? segments.map(({ word }) => word).join(' ')
  const written = (text.trim() === '' ? heard.map(({ word }) => word).join(' ') : text).replace(/>|[\u266a-\u266c]/g, ' ').split(/\s+/).filter((word) => /[^.,\s]/.test(word))
  const timed = timeWords(written, heard.length > 0 ? heard : segments.length > 0 ? segments : [{ word: text, start: 0, end: seconds }])
  // A server may count its time a little otherwise than the audio; what is far off is no clock at all.
  const claimed = Number(answer.duration ?? 0)
  const ratio = claimed > 0 ? seconds / claimed : 1
  const scale = ratio > 0.5 && ratio < 2 ? ratio : 1
  const at = (time: number): number => Math.min(seconds, time * scale)
  const logprobs = segments.flatMap(({ logprob }) => typeof logprob === 'number' ? [logprob] : [])
  return {
    words: timed.map(({ text: word, start, end }) => ({ text: word, start: at(start), end: at(end) })),
    probability: logprobs.length === 0 ? undefined : Math.min(1, Math.exp(logprobs.reduce((sum, one) => sum + one, 0) / logprobs.length))
  }
}
