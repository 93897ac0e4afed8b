import { Type, type Static } from 'typebox'
import { EVENT_STATUSES } from './events.ts'
import type { JobAddress } from './jobs.ts'
import { closed, freeText, instant, nullable, oneOf, refTo } from './parts.ts'

/** Schemas of what replays and retries in bulk take and answer. */

const name = (description: string) =>
  Type.String({ minLength: 1, maxLength: 256, pattern: '^[^\\u0000]*$', description })
const next = nullable(Type.String({ description: 'The cursor with which to go on' }))
const cursor = Type.String({ minLength: 1, maxLength: 512, description: '`next` of the answer before' })
const limit = Type.Integer({ minimum: 1, maximum: 1000, default: 100 })
const dryRun = Type.Boolean({ description: 'Tell what would be done, and do nothing' })

/** By the lookups of now, or as it was. */
export type ReplayAs = 'now' | 'then'
export const ReplayAsSchema = oneOf(['now', 'then'], {
  description: 'now: by the lookups of now; then: to the processes and queues that its record lists'
})

export const ReplayRequestSchema = Type.Object({
  type: Type.Optional(name('Of this event type')),
  subject: Type.Optional(name('About this')),
  since: Type.Optional(instant('Accepted at this time or later')),
  until: Type.Optional(instant('Accepted before this time')),
  status: Type.Optional(oneOf(EVENT_STATUSES, { description: 'What the event itself came to' })),
  ids: Type.Optional(Type.Array(name('The key of an event, or the id that its sender gave it'), {
    minItems: 1,
    maxItems: 1000,
    uniqueItems: true,
    description: 'These events, and no other condition'
  })),
  as: Type.Optional(ReplayAsSchema),
  limit: Type.Optional(limit),
  cursor: Type.Optional(cursor),
  dry_run: Type.Optional(dryRun),
  id: Type.Optional(Type.String({
    minLength: 1,
    maxLength: 256,
    pattern: '^[ -~]+$',
    description: 'Names this request, as the header Idempotency-Key does: the same again makes nothing twice'
  }))
}, { $id: 'ReplayRequest', ...closed })
export type ReplayRequest = Static<typeof ReplayRequestSchema>

const ReplayedSchema = Type.Object({
  event: Type.String({ description: 'The event that was replayed' }),
  as: Type.String({ description: 'The new event, for GET /events/{id}' }),
  jobs: Type.Array(refTo<JobAddress>('JobAddress'))
}, closed)

export const ReplayAnswerSchema = Type.Object({
  id: Type.String({ description: 'Of this request: given, or made for it' }),
  dry_run: Type.Boolean(),
  replayed: Type.Array(ReplayedSchema, { description: 'Those of a filter: the oldest first' }),
  skipped: Type.Array(Type.Object({ event: Type.String(), reason: Type.String() }, closed)),
  next
}, { $id: 'ReplayAnswer', ...closed })
export type ReplayAnswer = Static<typeof ReplayAnswerSchema>

export const RetryRequestSchema = Type.Object({
  process: Type.Optional(name('Jobs of this process')),
  subject: Type.Optional(name('Whose events are about this')),
  reason_contains: Type.Optional(name('Whose reason holds this text')),
  since: Type.Optional(instant('That failed at this time or later')),
  until: Type.Optional(instant('That failed before this time')),
  jobs: Type.Optional(Type.Array(refTo<JobAddress>('JobAddress'), {
    minItems: 1,
    maxItems: 1000,
    description: 'These jobs, and no other condition'
  })),
  handled: Type.Optional(Type.Boolean({ description: 'Also those that were made good or dismissed' })),
  all: Type.Optional(Type.Boolean({ description: 'Without another condition: all failed jobs' })),
  limit: Type.Optional(limit),
  cursor: Type.Optional(cursor),
  dry_run: Type.Optional(dryRun)
}, { $id: 'RetryRequest', ...closed })
export type RetryRequest = Static<typeof RetryRequestSchema>

const SkippedJobSchema = Type.Object({ process: Type.String(), id: Type.String(), reason: Type.String() }, closed)

export const RetryAnswerSchema = Type.Object({
  dry_run: Type.Boolean(),
  retried: Type.Array(refTo<JobAddress>('JobAddress'), { description: 'The last failure first' }),
  skipped: Type.Array(SkippedJobSchema, { description: 'What has changed meanwhile, and why it was left as it is' }),
  next
}, { $id: 'RetryAnswer', ...closed })
export type RetryAnswer = Static<typeof RetryAnswerSchema>

export const DismissRequestSchema = Type.Object(
  {
    ...RetryRequestSchema.properties,
    note: Type.Optional(freeText('For who looks later'))
  },
  { $id: 'DismissRequest', ...closed }
)
export type DismissRequest = Static<typeof DismissRequestSchema>

export const DismissAnswerSchema = Type.Object({
  dry_run: Type.Boolean(),
  dismissed: Type.Array(refTo<JobAddress>('JobAddress'), { description: 'The last failure first' }),
  skipped: Type.Array(SkippedJobSchema, { description: 'What has not failed, or not any more' }),
  next
}, { $id: 'DismissAnswer', ...closed })
export type DismissAnswer = Static<typeof DismissAnswerSchema>

export const CancelAnswerSchema = Type.Object({
  dry_run: Type.Boolean(),
  cancelled: Type.Array(refTo<JobAddress>('JobAddress')),
  stopping: Type.Array(refTo<JobAddress>('JobAddress'), { description: 'They run, and have been told to stop' }),
  next: nullable(Type.String({ description: 'Set where not all could be done in time: the same request goes on' }))
}, { $id: 'CancelAnswer', ...closed })
export type CancelAnswer = Static<typeof CancelAnswerSchema>

const FailureGroupSchema = Type.Object({
  process: Type.String(),
  pattern: Type.String({ description: 'What is alike in the reasons' }),
  reason: Type.String({ description: 'That of the last failure' }),
  count: Type.Integer(),
  first: instant('The first failure'),
  last: instant('The last failure'),
  subjects: Type.Array(Type.String(), { description: 'Some of them' }),
  subject_count: Type.Integer(),
  jobs: Type.Array(refTo<JobAddress>('JobAddress'), { description: 'The last failure first' })
}, closed)
export type FailureGroup = Static<typeof FailureGroupSchema>

export const FailureGroupsSchema = Type.Object({
  items: Type.Array(FailureGroupSchema, { description: 'The largest first' }),
  total: Type.Integer({ description: 'How many failed jobs are counted here' }),
  next
}, { $id: 'FailureGroups', ...closed, description: 'Failed jobs by process and cause' })
export type FailureGroups = Static<typeof FailureGroupsSchema>

export const replaySchemas = [ReplayRequestSchema, ReplayAnswerSchema]
export const retrySchemas = [
  RetryRequestSchema, RetryAnswerSchema, DismissRequestSchema, DismissAnswerSchema, CancelAnswerSchema,
  FailureGroupsSchema
]
