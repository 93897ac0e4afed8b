import { Type, type Static, type TSchema } from 'typebox'
import { ID_PATTERN } from '../base/event.ts'
import { NotifySchema } from './notify.ts'

/** Schemas of what goes over HTTP, each written once: the routes, the OpenAPI document and the client use these. */

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const instant = (description: string) => Type.String({ format: 'date-time', description })
const closed = { additionalProperties: false }

export const JobStatusSchema = Type.Union(
  ['deferred', 'submitted', 'running', 'complete', 'failed', 'cancelled', 'absorbed'].map((word) => Type.Literal(word)),
  { $id: 'JobStatus', description: 'Where a job stands' })
export type JobStatus = 'deferred' | 'submitted' | 'running' | 'complete' | 'failed' | 'cancelled' | 'absorbed'

export const EventStatusSchema = Type.Union(
  ['incomplete', 'complete', 'failed', 'cancelled'].map((word) => Type.Literal(word)),
  { $id: 'EventStatus', description: '`incomplete` until all jobs of the event have ended; `failed` where one of them failed' })
export type EventStatus = 'incomplete' | 'complete' | 'failed' | 'cancelled'

export const ErrorSchema = Type.Object({
  statusCode: Type.Integer(),
  code: Type.String({ description: 'Stable; for programs' }),
  error: Type.String({ description: 'Name of the status code' }),
  message: Type.String({ description: 'For people; free to change' }),
  field: Type.Optional(Type.String({ description: 'Path of the field that is at fault' }))
}, { $id: 'Error', description: 'What every error looks like' })

export const EventSchema = Type.Object({
  type: Type.String({ minLength: 1, maxLength: 256, description: 'The event type: a key of event_lookup.json, or one that the `match` of an entry takes' }),
  id: Type.Optional(Type.String({ minLength: 1, maxLength: 256, description: 'Of your choosing, so that a repeated event is known as such; made by the service where absent' })),
  source: Type.Optional(Type.String({ minLength: 1, maxLength: 256, description: 'Who sends it; id and source together name the event', default: '/jobs' })),
  subject: Type.Optional(Type.String({ minLength: 1, maxLength: 256, description: 'What it is about; `genome` is taken where it is absent' })),
  time: Type.Optional(instant('When it happened')),
  parent: Type.Optional(nullable(Type.String({ minLength: 1, maxLength: 256, description: 'Id of the job that submits it, which then lists the jobs of this event as its children' }))),
  data: Type.Optional(Type.Unknown({ description: 'What the processes need to know' }))
}, { $id: 'Event', additionalProperties: true, description: 'Something that happened. Any other field is kept as it came' })

/** An array of strings with two items: a TypeBox tuple would become draft-7 `items`, which OpenAPI 3.1 refuses. */
export const JobAddressSchema = Type.Array(Type.String(), { $id: 'JobAddress', minItems: 2, maxItems: 2, description: 'Process and job id' })
export type JobAddress = [process: string, jobId: string]

export const SubmissionSchema = Type.Array(Type.Ref('JobAddress'), { $id: 'Submission', description: 'The jobs that the event started, in the order of event_lookup.json' })

export const VerboseSubmissionSchema = Type.Object({
  processes: Type.Array(Type.Object({ process: Type.String(), job: Type.String(), task: Type.String({ description: 'The event, which is closed when all its jobs have ended' }) }, closed)),
  event: Type.Ref('Event')
}, { $id: 'VerboseSubmission', additionalProperties: false, description: 'The same in the words of the original service' })

export const PlanSchema = Type.Object({
  dry_run: Type.Literal(true),
  type: Type.String(),
  lookups: Type.String({ description: 'Content hash of the lookups' }),
  jobs: Type.Array(Type.Object({
    process: Type.String(),
    queue: Type.String(),
    reason: Type.String({ description: 'The rules that lead from the event to this job' }),
    problems: Type.Array(Type.Object({ field: Type.String(), message: Type.String() }, closed), { description: 'What the event lacks: where there is any, it would be refused' })
  }, closed)),
  rules: Type.Optional(Type.Array(Type.Object({
    entry: Type.String(),
    applied: Type.Boolean(),
    reason: Type.String({ description: 'The clause that decided' })
  }, closed), { description: 'What came of every entry with a `match`' }))
}, { $id: 'Plan', additionalProperties: false, description: 'What the event would start; nothing was queued' })
export type PlanView = Static<typeof PlanSchema>

const DispatchedSchema = Type.Object({
  type: Type.String(),
  id: Type.Optional(Type.String({ description: 'For GET /events/{id}' })),
  refused: Type.Optional(Type.String({ description: 'Why it started nothing' }))
}, closed)

const TimestampsSchema = Type.Object({
  submitted: nullable(instant('When it was accepted')),
  started: nullable(instant('When its last attempt began')),
  ended: nullable(instant('When it ended'))
}, closed)

const ProgressSchema = Type.Object({ complete: Type.Number(), total: Type.Optional(Type.Number()), message: Type.Optional(Type.String()) }, { additionalProperties: true })

export const JobSchema = Type.Object({
  process: Type.String(),
  id: Type.String(),
  status: Type.Ref('JobStatus'),
  input: nullable(Type.Ref('Event')),
  output: Type.Unknown({ description: 'What the process returned; null until then' }),
  progress: nullable(ProgressSchema),
  attempts: Type.Object({ made: Type.Integer({ description: 'Attempts that have begun' }), max: Type.Integer() }, closed),
  worker: Type.Object({ host: nullable(Type.String()), version: nullable(Type.String({ description: 'Of the image or the code' })) }, { ...closed, description: 'Who began its last attempt' }),
  reason: nullable(Type.String({ description: 'Why it failed, or why its last attempt did' })),
  waiting_for: nullable(Type.String({ description: 'What a job that has not begun waits for' })),
  event: Type.String({ description: 'The event that started it, for GET /events/{id}' }),
  parent: nullable(Type.String({ description: 'The job that the sender of the event named as its parent' })),
  absorbed_by: nullable(Type.String({ description: 'The job that does its work, where it was absorbed' })),
  absorbed: Type.Array(Type.Object({ event: Type.String(), type: Type.String(), job: Type.String() }, closed), { description: 'The triggers whose work this job does too' }),
  events: Type.Array(DispatchedSchema, { description: 'The follow-on events that it caused' }),
  timestamps: TimestampsSchema,
  removed: Type.Optional(Type.Boolean({ description: 'Set in the answer to DELETE where the job had ended and is gone now' }))
}, { $id: 'Job', additionalProperties: false })
export type JobView = Omit<Static<typeof JobSchema>, 'status' | 'input'> & { status: JobStatus, input: Record<string, unknown> | null }

export const EmailSchema = Type.Intersect([Type.Ref('Job'), Type.Object({ email: Type.String(), subject: Type.String(), body: Type.String() })], { $id: 'JobEmail' })

export const FailuresSchema = Type.Record(Type.String(), Type.String(), { $id: 'JobFailures', description: 'Job id → why it failed, of the job and of those it has started as their `parent`; empty where none did' })

export const LogSchema = Type.Object({
  lines: Type.Array(Type.String()),
  total: Type.Integer({ description: 'Lines in the log' })
}, { $id: 'JobLog', additionalProperties: false })

export const EventSummarySchema = Type.Object({
  id: Type.String({ description: 'For GET /events/{id}' }),
  type: Type.String(),
  source: Type.String(),
  subject: nullable(Type.String()),
  time: nullable(Type.String()),
  received: instant('When it was accepted'),
  status: Type.Ref('EventStatus'),
  jobs: Type.Array(Type.Ref('JobAddress')),
  root: Type.String({ description: 'The event at the top of its tree' }),
  depth: Type.Integer({ minimum: 0 })
}, { $id: 'EventSummary', additionalProperties: false })
export type EventSummary = Omit<Static<typeof EventSummarySchema>, 'status' | 'jobs'> & { status: EventStatus, jobs: JobAddress[] }

export const HistoryRecordSchema = Type.Object({
  record: Type.Union([Type.Literal('event'), Type.Literal('job')], { description: 'An event that arrived, or the end of one of its jobs' }),
  event: Type.String({ description: 'For GET /events/{id}' }),
  subject: nullable(Type.String()),
  type: Type.String({ description: 'Of the event' }),
  source: Type.String({ description: 'Who sent the event; the address of the job' }),
  at: instant('When it was accepted; when the job ended'),
  details: Type.Object({}, { additionalProperties: true, description: 'The other fields of the event, and the job that caused it; process, job, status and reason of the job' })
}, { $id: 'HistoryRecord', additionalProperties: false, description: 'One line of a history' })
export type HistoryRecord = Omit<Static<typeof HistoryRecordSchema>, 'details'> & { details: Record<string, unknown> }

export const TreeJobSchema = Type.Object({
  process: Type.String(),
  id: Type.String(),
  status: Type.Ref('JobStatus'),
  progress: nullable(ProgressSchema),
  reason: nullable(Type.String()),
  waiting_for: nullable(Type.String({ description: 'What it waits for at its gate' })),
  absorbed_by: nullable(Type.String({ description: 'The job that does its work' })),
  timestamps: TimestampsSchema,
  refused: Type.Array(DispatchedSchema, { description: 'Follow-on events that were not even recorded' }),
  events: Type.Array(Type.Ref('EventTree'), { description: 'The follow-on events that it caused' })
}, { $id: 'TreeJob', additionalProperties: false })

export const EventTreeSchema = Type.Object({
  id: Type.String(),
  event: Type.Ref('Event'),
  status: Type.Ref('EventStatus'),
  tree_status: Type.Ref('EventStatus'),
  received: instant('When it was accepted'),
  lookups: Type.String({ description: 'Content hash of the lookups that routed it' }),
  root: Type.String(),
  depth: Type.Integer({ minimum: 0 }),
  cause: nullable(Type.Object({ event: Type.String(), process: Type.String(), job: Type.String() }, closed)),
  replays: nullable(Type.String({ description: 'The event that this one replays' })),
  parent: nullable(Type.String({ description: 'The job that its sender named as its parent' })),
  refused: nullable(Type.String({ description: 'Why it started nothing although its type is listed' })),
  jobs: Type.Array(Type.Ref('TreeJob')),
  truncated: Type.Boolean({ description: 'Whether the tree has more events than are shown' })
}, { $id: 'EventTree', additionalProperties: false, description: 'An event with the whole tree of what came of it; `tree_status` counts all of it' })

export type TreeJob = { process: string, id: string, status: JobStatus, progress: JobView['progress'], reason: string | null, waiting_for: string | null, absorbed_by: string | null, timestamps: JobView['timestamps'], refused: JobView['events'], events: EventTree[] }
export type EventTree = Omit<Static<typeof EventTreeSchema>, 'event' | 'status' | 'tree_status' | 'jobs'> & { event: Record<string, unknown> & { type: string }, status: EventStatus, tree_status: EventStatus, jobs: TreeJob[] }

export const EventTypeSchema = Type.Object({
  type: Type.String({ description: 'The event type; the name of the entry where it has a `match`' }),
  match: nullable(Type.Object({}, { additionalProperties: true, description: 'Which events the entry applies to, whatever their type' })),
  processes: Type.Array(Type.String()),
  notify: NotifySchema,
  description: nullable(Type.String()),
  example: nullable(Type.Object({}, { additionalProperties: true }))
}, closed)

export const EventTypesSchema = Type.Object({ lookups: Type.String(), items: Type.Array(EventTypeSchema) }, { $id: 'EventTypes', additionalProperties: false })

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
  gate: Type.Object({}, { additionalProperties: true, description: 'When its jobs may run: coalesce, defer, wait_for, limit, expires' }),
  notify: NotifySchema,
  paused: Type.Boolean(),
  description: nullable(Type.String())
}, { $id: 'Process', additionalProperties: false })

export const ProcessesSchema = Type.Object({ lookups: Type.String(), items: Type.Array(Type.Ref('Process')) }, { $id: 'Processes', additionalProperties: false })

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
  failed: Type.Integer()
}, { $id: 'Queue', additionalProperties: false })

export const QueuesSchema = Type.Object({ items: Type.Array(Type.Ref('Queue')) }, { $id: 'Queues', additionalProperties: false })

export const ReadySchema = Type.Object({
  ready: Type.Boolean(),
  backend: Type.String({ description: 'ok, or why it does not answer' }),
  lookups: Type.String({ description: 'ok, or why the files on disk are not in force' }),
  lookups_hash: Type.String()
}, { $id: 'Ready', additionalProperties: false })

export const listOf = (item: string, id: string) => Type.Object({
  items: Type.Array(Type.Ref(item)),
  next: nullable(Type.String({ description: 'The cursor of the next page' }))
}, { $id: id, additionalProperties: false })

export const JobListSchema = listOf('Job', 'JobList')
export const EventListSchema = listOf('EventSummary', 'EventList')

export const IdSchema = Type.String({ pattern: ID_PATTERN })

/** One event's jobs, or those of each event of a batch. */
export const ReceivedSchema = Type.Unsafe({ anyOf: [{ $ref: 'Submission#' }, { type: 'array', items: { $ref: 'Submission#' } }], $id: 'Received', description: 'The jobs that the event started; of a batch, those of each event' })

/** All that other schemas refer to by name, for Fastify and the OpenAPI document. */
export const sharedSchemas = [
  JobStatusSchema, EventStatusSchema, ErrorSchema, EventSchema, JobAddressSchema, SubmissionSchema, VerboseSubmissionSchema, PlanSchema, JobSchema, EmailSchema, FailuresSchema,
  LogSchema, EventSummarySchema, HistoryRecordSchema, TreeJobSchema, EventTreeSchema, EventTypesSchema, ProcessSchema, ProcessesSchema, QueueSchema, QueuesSchema, ReadySchema, JobListSchema, EventListSchema, ReceivedSchema
]
