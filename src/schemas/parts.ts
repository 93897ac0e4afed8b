import { Type, type Static, type TSchema } from 'typebox'
import { ID_PATTERN } from '../base/event.ts'

/** Pieces of which the schemas and the routes are made. */

export const closed = { additionalProperties: false }

export const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

export const instant = (description: string) => Type.String({ format: 'date-time', description })

type WordOptions<Word> = { $id?: string, description?: string, default?: Word }

/** One of a few words. */
export const oneOf = <const W extends readonly string[]>(words: W, options: WordOptions<W[number]> = {}) =>
  Type.Unsafe<W[number]>(Type.Union(words.map((word) => Type.Literal(word)), options))

/** A schema that another file defines under this `$id`. */
export const refTo = <T>(id: string) => Type.Unsafe<T>(Type.Ref(id))

/** A name or an id that people give: of an event type, a subject, a source. */
export const nameText = (description: string) => Type.String({ minLength: 1, maxLength: 256, description })

/** What people write for each other. PostgreSQL keeps no U+0000 and no lone surrogates. */
export const freeText = (description: string) =>
  Type.String({ minLength: 1, maxLength: 1000, pattern: '^[^\\u0000\\ud800-\\udfff]*$', description })

/** The id of a job, a process, a queue, a block. */
export const IdSchema = Type.String({ pattern: ID_PATTERN })

const ActSchema = Type.Object({
  act: Type.String({ description: 'What was done: cancel, retry, pause, resume, start, put, …' }),
  by: Type.String({ description: 'The name of the key; `anybody` where the service asks for none' }),
  at: instant('When'),
  note: Type.Optional(Type.String({ description: 'Why, where they said so' }))
}, closed)
export type Act = Static<typeof ActSchema>

/** Of what somebody does: why, for who looks later. */
export const NoteBody = Type.Object({
  note: Type.Optional(freeText('Why, for who looks later'))
}, closed)

/** What people did to a thing; absent where nobody did anything. */
export const actsField = Type.Optional(
  Type.Array(ActSchema, { description: 'What people did to it, the last one last' })
)

/** Whose event it is; absent where the service asks for no key, and of events that were not sent. */
export const submitterField = Type.Optional(
  Type.String({ description: 'The name of the key that submitted or replayed it' })
)

/** One page of a list. */
export const listOf = <T>(item: string, id: string) => Type.Object({
  items: Type.Array(refTo<T>(item)),
  next: nullable(Type.String({ description: 'The cursor of the next page' }))
}, { $id: id, ...closed })

/** Of a list that always fits on one page. */
export const onePage = Type.Null({ description: 'There is one page' })
