import { Type, type Static } from 'typebox'
import { closed } from './parts.ts'

export const ReadySchema = Type.Object({
  ready: Type.Boolean(),
  backend: Type.String({ description: 'ok, or why it does not answer' }),
  queues: Type.String({ description: 'ok, or the queues that this process should serve and does not' }),
  loops: Type.String({ description: 'ok, or what this process should do again and again and does not' }),
  intake: Type.String({ description: 'open, or why no new event is taken; what there is goes on' }),
  warnings: Type.Array(Type.String(), { description: 'What speaks against the datastore or the disk' }),
  lookups: Type.String({ description: 'ok, or why the files on disk are not in force' }),
  lookups_hash: Type.String()
}, { $id: 'Ready', ...closed })
export type ReadyView = Static<typeof ReadySchema>
