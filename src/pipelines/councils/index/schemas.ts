import { Type, type Static } from 'typebox'

export const SearchHitSchema = Type.Object({
  event_id: Type.String({ description: 'Of the document in the collection event' }),
  event_datetime: Type.String({ format: 'date-time' }),
  body: Type.String({ description: 'Such as Full Council' }),
  relevance: Type.Number({ description: 'Sum of the TF-IDF of the grams that were found' }),
  weighted: Type.Number({ description: 'The same, less for what is long ago' }),
  contained: Type.Array(Type.String(), { description: 'The words of the query that were found, as they were said' }),
  context_span: Type.String({ description: 'The words around the gram that counts most' }),
  keywords: Type.Array(Type.String(), { description: 'What tells the meeting best from the others' })
}, { $id: 'SearchHit' })

export const SearchAnswerSchema = Type.Object({
  index: Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'date-time', description: 'When the index was built; null where there is none yet' }),
  meetings: Type.Integer({ description: 'How many the index knows' }),
  hits: Type.Array(Type.Ref('SearchHit'))
}, { $id: 'SearchAnswer' })

export type SearchHit = Static<typeof SearchHitSchema>
export type SearchAnswer = { index: string | null, meetings: number, hits: SearchHit[] }
