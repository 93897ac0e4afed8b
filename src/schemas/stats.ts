import { Type, type Static } from 'typebox'
import { closed, instant, nullable, oneOf } from './parts.ts'

export const STEPS = ['hour', 'day'] as const
export type StatsStep = typeof STEPS[number]

const OutcomesSchema = Type.Object({
  complete: Type.Integer(),
  failed: Type.Integer(),
  cancelled: Type.Integer(),
  absorbed: Type.Integer()
}, closed)
export type Outcomes = Static<typeof OutcomesSchema>

const SpreadSchema = Type.Object({
  p50: nullable(Type.Integer({ description: 'Half took no longer, milliseconds' })),
  p95: nullable(Type.Integer({ description: '95 of 100 took no longer, milliseconds' }))
}, { ...closed, description: 'At most one and a half times what it is; null where nothing was counted' })

const StepSchema = Type.Object({
  at: instant('When it begins'),
  events: Type.Integer({ description: 'Events that were accepted, of all types' }),
  jobs: OutcomesSchema,
  run: SpreadSchema,
  wait: SpreadSchema
}, closed)

const TypeStatsSchema = Type.Object({
  type: Type.String({ description: 'The entry of event_lookup.json; empty for events that no entry names' }),
  events: Type.Integer()
}, closed)

const ProcessStatsSchema = Type.Object({
  process: Type.String(),
  jobs: OutcomesSchema,
  run: SpreadSchema,
  wait: SpreadSchema,
  open: Type.Integer({ description: 'Jobs that have not ended, now' }),
  failed: Type.Integer({ description: 'Failed jobs that somebody has to look at, now' }),
  oldest: nullable(instant('When the oldest event was accepted whose job has not ended'))
}, closed)
export type ProcessStats = Static<typeof ProcessStatsSchema>

export const StatsSchema = Type.Object(
  {
    since: instant('From the beginning of this hour or day on'),
    until: instant('Now'),
    step: oneOf(STEPS),
    steps: Type.Array(StepSchema, { description: 'The oldest first; those of which nothing is known too' }),
    types: Type.Array(TypeStatsSchema, { description: 'The most first' }),
    processes: Type.Array(ProcessStatsSchema)
  },
  {
    $id: 'Stats',
    ...closed,
    description: 'What came and what became of it. Written every few seconds: the lists are the truth'
  }
)
export type Stats = Static<typeof StatsSchema>

const RunningSchema = Type.Object(
  { process: Type.String(), job: Type.String(), since: instant('When its attempt began') },
  closed
)

export const WorkerSchema = Type.Object({
  id: Type.String({ description: 'Of this start of it' }),
  name: Type.String({ description: 'SIGNALBOX_WORKER_NAME, or its host' }),
  host: Type.String(),
  version: Type.String(),
  processes: Type.Array(Type.String(), { description: 'What it serves' }),
  running: Type.Array(RunningSchema, { description: 'At most 100 of the jobs that it works on' }),
  running_count: Type.Integer(),
  started: instant('When it was started'),
  last_seen: instant('When it last gave a sign of life'),
  lost: Type.Boolean({ description: 'No sign of life for longer than a worker that lives leaves out' })
}, { $id: 'Worker', ...closed })
export type WorkerView = Static<typeof WorkerSchema>

export const WorkersSchema = Type.Object({
  items: Type.Array(Type.Unsafe<WorkerView>(Type.Ref('Worker')))
}, { $id: 'Workers', ...closed, description: 'Those of this service; foreign workers are told by their queues alone' })

export const statsSchemas = [StatsSchema, WorkerSchema, WorkersSchema]
