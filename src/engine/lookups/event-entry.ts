import { Type, type Static } from 'typebox'
import { NotifySchema, toNotify, type Notify, type NotifyEntry } from '../../schemas/notify.ts'
import { NAME, anyObject, closed, text } from './entry.ts'

/** `"new_assembly": ["dump_dna"]`, or the same with more to say about it. With a `match` the key is only a name. */
export const EventEntrySchema = Type.Union([
  Type.Array(Type.String({ pattern: NAME }), { uniqueItems: true }),
  Type.Object({
    processes: Type.Array(Type.String({ pattern: NAME }), { uniqueItems: true }),
    keep: Type.Optional(Type.Boolean({ description: 'Whether its events are never removed, however old' })),
    match: Type.Optional(anyObject('Which events it applies to, whatever their type')),
    notify: Type.Optional(NotifySchema),
    description: Type.Optional(text('For people')),
    example: Type.Optional(anyObject('An event of this type, shown in the documentation'))
  }, closed)
])

export type EventType = {
  type: string
  processes: string[]
  keep?: true
  notify?: Notify[]
  notifyEntry?: NotifyEntry
  description?: string
  example?: Record<string, unknown>
}

export function toEventType (type: string, entry: Static<typeof EventEntrySchema>): EventType {
  if (Array.isArray(entry)) return { type, processes: entry }
  const { processes, keep, notify, description, example } = entry
  return {
    type,
    processes,
    keep: keep === true ? keep : undefined,
    notify: notify === undefined ? undefined : toNotify(notify),
    notifyEntry: notify,
    description,
    example
  }
}
