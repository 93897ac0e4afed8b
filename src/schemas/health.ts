import { Type, type Static } from 'typebox'
import { closed } from './parts.ts'

export const ReadySchema = Type.Object({
  ready: Type.Boolean(),
  backend: Type.String({ description: 'ok, or why it does not answer' }),
  lookups: Type.String({ description: 'ok, or why the files on disk are not in force' }),
  lookups_hash: Type.String()
}, { $id: 'Ready', ...closed })
export type ReadyView = Static<typeof ReadySchema>
