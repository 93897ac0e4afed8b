import { Type, type Static } from 'typebox'

const orNull = (description: string) => Type.Unsafe<string | null>({ type: ['string', 'null'], description })

export const SearchMomentSchema = Type.Object({
  session_id: Type.String({ description: 'Of the document in the collection session' }),
  session_index: Type.Integer({ description: 'Its place among the sessions of the meeting' }),
  transcript_id: Type.String({ description: 'Of the transcript that is in force' }),
  sentence_index: Type.Integer({ description: 'In that transcript, from 0' }),
  start_time: Type.Number({ description: 'Seconds from the begin of the video' }),
  end_time: Type.Number(),
  speaker: orNull('Who says it, where it is known'),
  text: Type.String({ description: 'The sentence' }),
  before: orNull('The sentence before it'),
  after: orNull('The sentence behind it'),
  video_uri: Type.String(),
  link: Type.String({ description: 'The video at this second' })
}, { $id: 'SearchMoment' })

export const SearchHitSchema = Type.Object({
  event_id: Type.String({ description: 'Of the document in the collection event' }),
  event_datetime: Type.String({ format: 'date-time' }),
  body: Type.String({ description: 'Such as Full Council' }),
  relevance: Type.Number({ description: 'By BM25, and by the best moment' }),
  weighted: Type.Number({ description: 'The same, less for what is long ago' }),
  contained: Type.Array(Type.String(), { description: 'The words of the query that were found, as they were said' }),
  context_span: Type.String({ description: 'The words around the first that was found, in the best moment' }),
  keywords: Type.Array(Type.String(), { description: 'What tells the meeting best from the others' }),
  moments: Type.Array(Type.Ref('SearchMoment'), {
    description:
    'Where it was said, best first: three, or a hundred within one meeting. None where only the record has the ' +
    'words'
  })
}, { $id: 'SearchHit' })

export const SearchAnswerSchema = Type.Object(
  {
    index: Type.Unsafe<string | null>({
      type: ['string', 'null'],
      format: 'date-time',
      description: 'When the index was built; null where there is none yet'
    }),
    meetings: Type.Integer({ description: 'How many the index knows' }),
    hits: Type.Array(Type.Ref('SearchHit'))
  },
  { $id: 'SearchAnswer' }
)

export type SearchHit = Omit<Static<typeof SearchHitSchema>, 'moments'> & {
  moments: Array<Static<typeof SearchMomentSchema>>
}
export type SearchAnswer = { index: string | null, meetings: number, hits: SearchHit[] }
