import { Type, type Static } from 'typebox'
import { NotifySchema } from './notify.ts'
import { actsField, closed, nullable, refTo } from './parts.ts'

const EventTypeSchema = Type.Object({
  type: Type.String({ description: 'The event type; the name of the entry where it has a `match`' }),
  match: nullable(Type.Object({}, {
    additionalProperties: true,
    description: 'Which events the entry applies to, whatever their type'
  })),
  processes: Type.Array(Type.String()),
  notify: NotifySchema,
  description: nullable(Type.String()),
  example: nullable(Type.Object({}, { additionalProperties: true }))
}, closed)

export const EventTypesSchema = Type.Object({
  lookups: Type.String(),
  items: Type.Array(EventTypeSchema)
}, { $id: 'EventTypes', ...closed })
export type EventTypes = Static<typeof EventTypesSchema>

export const ProcessSchema = Type.Object({
  process: Type.String(),
  queue: Type.String(),
  run: Type.Object({}, { additionalProperties: true, description: 'How it is executed; secrets are masked' }),
  params: Type.Object({}, { additionalProperties: true }),
  attempts: Type.Integer(),
  timeout_ms: nullable(Type.Integer()),
  priority: Type.Integer(),
  concurrency: nullable(Type.Integer()),
  emits: nullable(Type.Array(Type.String())),
  gate: Type.Object({}, {
    additionalProperties: true,
    description: 'When its jobs may run: coalesce, defer, wait_for, limit, expires'
  }),
  notify: NotifySchema,
  paused: Type.Boolean(),
  acts: actsField,
  description: nullable(Type.String())
}, { $id: 'Process', ...closed })
export type ProcessView = Static<typeof ProcessSchema>

export const ProcessesSchema = Type.Object({
  lookups: Type.String(),
  items: Type.Array(refTo<ProcessView>('Process'))
}, { $id: 'Processes', ...closed })
export type Processes = Static<typeof ProcessesSchema>

export const QueueSchema = Type.Object({
  queue: Type.String(),
  processes: Type.Array(Type.String()),
  paused: Type.Boolean(),
  workers: Type.Integer({ description: 'Connected workers' }),
  waiting: Type.Integer(),
  active: Type.Integer(),
  delayed: Type.Integer(),
  blocked: Type.Integer({ description: 'Event records whose jobs have not all ended' }),
  completed: Type.Integer(),
  failed: Type.Integer(),
  acts: actsField
}, { $id: 'Queue', ...closed })
export type QueueView = Static<typeof QueueSchema>

export const QueuesSchema = Type.Object({ items: Type.Array(refTo<QueueView>('Queue')) }, { $id: 'Queues', ...closed })

export const lookupSchemas = [EventTypesSchema, ProcessSchema, ProcessesSchema, QueueSchema, QueuesSchema]
