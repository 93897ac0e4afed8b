import { Type, type Static } from 'typebox'
import { closed, oneOf } from './parts.ts'

/**
 * What a key may do. `submit` may be narrowed to types and sources; `operate` cancels, retries,
 * pauses, replays and backfills.
 */
export const SCOPES = ['read', 'submit', 'operate', 'blocks', 'metrics'] as const
export type Scope = typeof SCOPES[number]

export const MeSchema = Type.Object({
  name: Type.String({ description: 'Of the key, as the audit lines have it; `anybody` where no key is asked for' }),
  scopes: Type.Array(oneOf(SCOPES), { description: 'What may be done with it' }),
  key_needed: Type.Boolean({ description: 'Whether this service asks for a key' })
}, { $id: 'Me', ...closed, description: 'Who asks, and what that caller may do' })
export type Me = Static<typeof MeSchema>
