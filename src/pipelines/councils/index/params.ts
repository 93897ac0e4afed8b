import { Type, type Static } from 'typebox'
import { LENGTHS } from './lengths.ts'

/** The parameters of index. */
export const IndexParamsSchema = Type.Object({
  n_grams: Type.Optional(
    Type.Array(Type.Union(LENGTHS.map((length) => Type.Literal(length))), {
      uniqueItems: true,
      description:
        'The lengths of grams that are exported as Parquet; 1, 2 and 3 by default. A search knows all of them in ' +
        'any case'
    })
  ),
  ngrams_per_chunk: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'Rows in a file of the export; 50000 by default' })
  ),
  datetime_weighting_days_decay: Type.Optional(
    Type.Number({ exclusiveMinimum: 0, description: 'How slowly what is long ago counts less, days; 30 by default' })
  )
})
export type IndexParams = Static<typeof IndexParamsSchema>
