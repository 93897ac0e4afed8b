import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import type { FastifyRequest, FastifySchema, FastifySchemaCompiler } from 'fastify'
import { Type } from 'typebox'
import { errors } from '../base/errors.ts'
import { BackfillRoomSchema } from '../schemas/backfills.ts'
import { JobAddressSchema } from '../schemas/jobs.ts'
import { replaySchemas, retrySchemas } from '../schemas/redrive.ts'
import { closed, IdSchema, nameText } from '../schemas/parts.ts'
import type { App } from './dependencies.ts'

/** Of a list that is read page by page. */
export const pageFields = {
  limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
  cursor: Type.Optional(Type.String({ maxLength: 512, description: '`next` of the page before' }))
}
export const PageQuery = Type.Object(pageFields, closed)

export const JobParams = Type.Object({ process: IdSchema, id: IdSchema }, closed)
export const IdParams = Type.Object({ id: IdSchema }, closed)
/** An event: its key, or the id that its sender gave it. */
export const EventParams = Type.Object({ id: Type.String({ minLength: 1, maxLength: 256 }) }, closed)
export const SourceField = Type.Optional(nameText('Where `id` is the sender\'s own: the source it was sent with'))
export const SourceQuery = Type.Object({ source: SourceField }, closed)
export const NameParams = Type.Object({ name: IdSchema }, closed)

/** Milliseconds of a time that matched the format `date-time`. @throws INVALID_QUERY */
export function readTime (field: string, text: string | undefined): number | undefined {
  const ms = text === undefined ? undefined : Date.parse(text)
  // The format knows leap seconds, which a Date does not.
  if (Number.isNaN(ms)) throw errors.invalidQuery(field, 'is not a time that can be read')
  return ms
}

/** A body with a note need not be there. @throws INVALID_QUERY */
export function readNote (body: unknown): string | undefined {
  if (body === undefined || body === null) return undefined
  const { note, ...rest } = body as Record<string, unknown>
  const [unknown] = Object.keys(rest)
  if (unknown !== undefined) throw errors.invalidQuery(unknown, 'is not a field of this body')
  if (note === undefined) return undefined
  if (typeof note !== 'string' || note === '' || note.length > 1000) {
    throw errors.invalidQuery('note', 'must be a text of at most 1000 characters')
  }
  return readText('note', note)
}

/** @throws INVALID_QUERY where no datastore could have kept such a text */
export function readText (field: string, text: string | undefined): string | undefined {
  if (text?.includes('\0') === true) throw errors.invalidQuery(field, 'holds U+0000')
  if (text?.isWellFormed() === false) throw errors.invalidQuery(field, 'holds a lone surrogate')
  return text
}

const queries = new Ajv({ coerceTypes: 'array', useDefaults: true, removeAdditional: false })
addFormats.default(queries)

/**
 * Checks all but the body: what a query does not know is an error and not noise, as `?dryrun=true`
 * must not queue anything. A body is read by its route, which knows more rules than a schema can tell.
 */
export const compileQuery: FastifySchemaCompiler<FastifySchema> = ({ schema, httpPart }) =>
  httpPart === 'body' ? () => true : queries.compile(schema as object)

const bodies = new Ajv({ strict: false })
addFormats.default(bodies)
for (const schema of [JobAddressSchema, BackfillRoomSchema, ...replaySchemas, ...retrySchemas]) bodies.addSchema(schema)

/** For routes whose body is a filter: nothing is read into it, because what it matches by mistake is run again. */
export const exactBody: FastifySchemaCompiler<FastifySchema> = ({ schema }) => bodies.compile(schema as object)

/** The original service says 400 to what is no JSON. Fastify would read text as a string. */
export function takeJsonOnly (app: App): void {
  app.removeContentTypeParser('text/plain')
  app.addContentTypeParser('*', async ({ headers }: FastifyRequest) => {
    throw errors.notJson(headers['content-type'] ?? '')
  })
}
