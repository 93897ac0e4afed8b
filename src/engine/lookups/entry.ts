import { Type } from 'typebox'

/** Names of processes and queues. */
export const NAME = '^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$'

/** Parts of the schemas of both lookups. */
export const text = (description: string) => Type.String({ minLength: 1, description })
export const closed = { additionalProperties: false }
export const anyObject = (description: string) => Type.Record(Type.String(), Type.Unknown(), { description })
