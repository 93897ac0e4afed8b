import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import { readAnswer, type Heard, type VerboseAnswer } from './openai-answer.ts'

const Offsets = Type.Object({ from: Type.Number(), to: Type.Number() })
/** whisper.cpp with -oj: milliseconds; -ojf has the tokens, too. */
const WhisperCppSchema = Type.Object({
  transcription: Type.Array(
    Type.Object({
      offsets: Offsets,
      text: Type.String(),
      tokens: Type.Optional(
        Type.Array(
          Type.Object({ text: Type.String(), offsets: Type.Optional(Offsets), p: Type.Optional(Type.Number()) })
        )
      )
    })
  )
})
/** vosk: one of these for each utterance. */
const VoskSchema = Type.Object({
  text: Type.String(),
  result: Type.Optional(
    Type.Array(
      Type.Object({
        word: Type.String(),
        start: Type.Number(),
        end: Type.Number(),
        conf: Type.Optional(Type.Number())
      })
    )
  )
})
/** faster-whisper and whisper: segments with their words. */
const SegmentsSchema = Type.Object({
  segments: Type.Array(
    Type.Object({
      text: Type.String(),
      words: Type.Optional(Type.Union([Type.Array(Type.Object({ word: Type.String() })), Type.Null()]))
    })
  )
})

/** The words that a program wrote as JSON, in the form of whisper.cpp, of Whisper and faster-whisper, or of vosk. */
export function readCommandAnswer (text: string, seconds: number): Heard | undefined {
  const found = documentsOf(text)
  const [first] = found
  if (first === undefined) return undefined
  if (Value.Check(WhisperCppSchema, first)) return readAnswer(fromWhisperCpp(first), seconds)
  const utterances = found.flatMap((one) => Array.isArray(one) ? one as unknown[] : [one])
  if (utterances.length > 0 && utterances.every(isUtterance)) return readVosk(utterances, seconds)
  const whole = Array.isArray(first) ? { segments: first } : found.length > 1 ? { segments: found } : first
  return Value.Check(SegmentsSchema, whole) ? readAnswer(withWords(whole), seconds) : readAnswer(whole, seconds)
}

/** A segment has times of its own, an answer as a whole has words or segments. */
function isUtterance (one: unknown): one is Static<typeof VoskSchema> {
  return Value.Check(VoskSchema, one) && !['start', 'words', 'segments'].some((name) => name in one)
}

/** One JSON document, or one on each of several lines, with lines between them that are none. */
function documentsOf (text: string): unknown[] {
  const whole = parse(text)
  if (whole !== undefined) return [whole]
  const lines = text.split('\n').map(parse).filter((one) => typeof one === 'object' && one !== null)
  if (lines.length > 0) return lines
  return text.split(/(?<=\})\s*\n(?=\{)/).map(parse).filter((one) => typeof one === 'object' && one !== null)
}

function fromWhisperCpp ({ transcription }: Static<typeof WhisperCppSchema>): VerboseAnswer {
  const words = transcription.flatMap(({ tokens = [] }) =>
    tokens
      .filter(({ text }) => !/^\[_.*\]$/.test(text))
      .flatMap(({ text, offsets }) =>
        offsets === undefined ? [] : [{ word: text, start: offsets.from / 1000, end: offsets.to / 1000 }]
      )
  )
  return {
    segments: transcription.map(({ offsets, text }) => ({
      start: offsets.from / 1000,
      end: offsets.to / 1000,
      text
    })),
    words: words.length > 0 ? words : undefined
  }
}

/** It knows no segments and no punctuation. */
function readVosk (utterances: Array<Static<typeof VoskSchema>>, seconds: number): Heard | undefined {
  const words = utterances.flatMap(({ result = [] }) => result)
  const heard = readAnswer({ text: utterances.map(({ text }) => text).join(' '), words }, seconds)
  const sure = words.flatMap(({ conf }) => conf === undefined ? [] : [conf])
  return heard === undefined || sure.length === 0
    ? heard
    : { ...heard, probability: sure.reduce((sum, one) => sum + one, 0) / sure.length }
}

function withWords (answer: Static<typeof SegmentsSchema>): unknown {
  const given = answer as Static<typeof SegmentsSchema> & { words?: unknown }
  const words = answer.segments.flatMap((one) => one.words ?? [])
  return { ...given, words: given.words ?? (words.length > 0 ? words : undefined) }
}

function parse (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
