import { type Static, Type } from 'typebox'
import { errors } from '../base/errors.ts'

export const ValueSchema = Type.Union([
  Type.String(),
  Type.Object({ env: Type.String({ minLength: 1, description: 'Name of a variable in the environment of the worker' }) }, { additionalProperties: false })
], { description: 'A text, or { "env": "NAME" } for a value that must not stand in the file, such as a token' })

export type Value = Static<typeof ValueSchema>

/** Environment variables as the entry point read them. */
export type Environment = Readonly<Record<string, string | undefined>>

/** The values in clear. A variable that is not set is a final failure that names it. */
export const readValues = (values: Record<string, Value> | undefined, env: Environment): Map<string, string> =>
  new Map(Object.entries(values ?? {}).map(([name, value]) => [name, readValue(name, value, env)]))

const readValue = (name: string, value: Value, env: Environment): string => {
  if (typeof value === 'string') return value
  const found = env[value.env]
  if (found === undefined) throw errors.final(`${name} needs the environment variable ${value.env}, which the worker does not have`)
  return found
}
