import { Type, type Static } from 'typebox'

/**
 * The transcript of a session as it is stored: `<content hash>-…-transcript.json`. Times are
 * seconds from the begin of the video.
 */

const confidence = () => Type.Number({ minimum: 0, maximum: 1 })
const index = (description: string) => Type.Integer({ minimum: 0, description })
const seconds = (description: string) => Type.Number({ minimum: 0, description })
const orNull = <T extends string | number>(type: 'string' | 'integer', description: string) =>
  Type.Optional(Type.Unsafe<T | null>({ type: [type, 'null'], description }))
const annotations = () => Type.Optional(Type.Unsafe<Record<string, unknown> | null>({ type: ['object', 'null'] }))

export const WordSchema = Type.Object({
  index: index('In its sentence, from 0'),
  start_time: seconds('Begin'),
  end_time: seconds('End'),
  text: Type.String({ description: 'Lower case, without punctuation' }),
  annotations: annotations()
})

export const SentenceSchema = Type.Object({
  index: index('In the transcript, from 0'),
  confidence: confidence(),
  start_time: seconds('Begin'),
  end_time: seconds('End'),
  words: Type.Array(WordSchema),
  text: Type.String(),
  speaker_index: orNull<number>('integer', 'Turns are counted from 0'),
  speaker_name: orNull<string>('string', 'Where it is known'),
  annotations: annotations()
})

export const SectionSchema = Type.Object({
  name: Type.String(),
  start_sentence_index: index('First sentence'),
  stop_sentence_index: index('The sentence after the last'),
  generator: Type.String(),
  description: orNull<string>('string', 'For people')
})

export type Section = Static<typeof SectionSchema>

export const TranscriptSchema = Type.Object({
  generator: Type.String({ description: 'What made it' }),
  confidence: confidence(),
  session_datetime: orNull<string>('string', 'When the session began, ISO 8601'),
  created_datetime: Type.String({ description: 'ISO 8601' }),
  sentences: Type.Array(SentenceSchema),
  annotations: Type.Optional(
    Type.Unsafe<{ sections?: Section[] | null } | null>({
      type: ['object', 'null'],
      properties: { sections: { type: ['array', 'null'], items: SectionSchema } }
    })
  )
})

export type Word = Static<typeof WordSchema>
export type Sentence = Static<typeof SentenceSchema>
export type Transcript = Static<typeof TranscriptSchema>
