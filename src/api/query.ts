import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import type { FastifySchemaCompiler, FastifySchema } from 'fastify'
import { errors } from '../base/errors.ts'
import { redriveSchemas } from '../schemas/redrive.ts'

/** Milliseconds of a time that matched the format `date-time`. @throws INVALID_QUERY */
export function readTime (field: string, text: string | undefined): number | undefined {
  const ms = text === undefined ? undefined : Date.parse(text)
  // The format knows leap seconds, which a Date does not.
  if (Number.isNaN(ms)) throw errors.invalidQuery(field, 'is not a time that can be read')
  return ms
}

/** @throws INVALID_QUERY where no datastore could have kept such a text */
export function readText (field: string, text: string | undefined): string | undefined {
  if (text?.includes('\0') === true) throw errors.invalidQuery(field, 'holds U+0000')
  return text
}

const ajv = new Ajv({ strict: false })
addFormats.default(ajv)
for (const schema of redriveSchemas) ajv.addSchema(schema)

/** For routes whose body is a filter: nothing is read into it, because what it matches by mistake is run again. */
export const exactBody: FastifySchemaCompiler<FastifySchema> = ({ schema }) => ajv.compile(schema as object)
