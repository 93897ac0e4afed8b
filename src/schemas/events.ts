import { Type, type Static } from 'typebox'
import {
  DispatchedSchema, TimestampsSchema, type JobAddress, type JobStatus, type JobView
} from './jobs.ts'
import { ProgressSchema, type StepView } from './steps.ts'
import { actsField, closed, instant, listOf, nullable, oneOf, refTo, submitterField } from './parts.ts'

export const EVENT_STATUSES = ['incomplete', 'complete', 'failed', 'cancelled'] as const
export type EventStatus = typeof EVENT_STATUSES[number]

export const EventStatusSchema = oneOf(EVENT_STATUSES, {
  $id: 'EventStatus',
  description: '`incomplete` until all jobs of the event have ended; `failed` where one of them failed'
})

export const EventSummarySchema = Type.Object(
  {
    id: Type.String({ description: 'For GET /events/{id}' }),
    type: Type.String(),
    source: Type.String(),
    subject: nullable(Type.String()),
    time: nullable(Type.String()),
    received: instant('When it was accepted'),
    status: refTo<EventStatus>('EventStatus'),
    tree_status: refTo<EventStatus>('EventStatus'),
    open_jobs: Type.Integer({ description: 'Jobs of the event and of all below it that have not ended' }),
    failed_jobs: Type.Integer({ description: 'Jobs of the event and of all below it that have failed' }),
    jobs: Type.Array(refTo<JobAddress>('JobAddress')),
    root: Type.String({ description: 'The event at the top of its tree' }),
    depth: Type.Integer({ minimum: 0 }),
    replays: nullable(Type.String({ description: 'The event that this one replays' })),
    submitted_by: submitterField
  },
  {
    $id: 'EventSummary',
    ...closed,
    description: 'An event; `tree_status` tells what it came to with all that followed'
  }
)
export type EventSummary = Static<typeof EventSummarySchema>

export const EventListSchema = listOf<EventSummary>('EventSummary', 'EventList')

export const HistoryRecordSchema = Type.Object({
  record: oneOf(['event', 'job'], { description: 'An event that arrived, or the end of one of its jobs' }),
  event: Type.String({ description: 'For GET /events/{id}' }),
  subject: nullable(Type.String()),
  type: Type.String({ description: 'Of the event' }),
  source: Type.String({ description: 'Who sent the event; the address of the job' }),
  at: instant('When it was accepted; when the job ended'),
  details: Type.Unsafe<Record<string, unknown>>(Type.Object({}, {
    additionalProperties: true,
    description: 'The other fields of the event, and the job that caused it; process, job, status and reason of the job'
  }))
}, { $id: 'HistoryRecord', ...closed, description: 'One line of a history' })
export type HistoryRecord = Static<typeof HistoryRecordSchema>

export const TreeJobSchema = Type.Object(
  {
    process: Type.String(),
    id: Type.String(),
    status: refTo<JobStatus>('JobStatus'),
    progress: nullable(ProgressSchema),
    reason: nullable(Type.String()),
    waiting_for: nullable(Type.String({ description: 'What it waits for at its gate' })),
    absorbed_by: nullable(Type.String({ description: 'The job that does its work' })),
    timestamps: TimestampsSchema,
    acts: actsField,
    steps: Type.Optional(Type.Array(refTo<StepView>('Step'), { description: 'Absent where it has opened none' })),
    notices: Type.Optional(
      Type.Object(
        { sent: Type.Integer(), failed: Type.Integer({ description: 'Given up' }) },
        { ...closed, description: 'How many were told of its end; absent where nobody was' }
      )
    ),
    refused: Type.Array(DispatchedSchema, { description: 'Follow-on events that were not even recorded' }),
    more: Type.Integer({
      description: 'Follow-on events that are not shown here: GET /jobs/{process}/{id}/events has all'
    }),
    events: Type.Array(Type.Ref('EventTree'), { description: 'The follow-on events that it caused' })
  },
  { $id: 'TreeJob', ...closed }
)
export type TreeJob = Omit<Static<typeof TreeJobSchema>, 'events'> & {
  refused: JobView['events']
  events: EventTree[]
}

const CauseSchema = Type.Object({ event: Type.String(), process: Type.String(), job: Type.String() }, closed)

export const EventTreeSchema = Type.Object({
  id: Type.String(),
  event: refTo<Record<string, unknown> & { type: string }>('Event'),
  status: refTo<EventStatus>('EventStatus'),
  tree_status: refTo<EventStatus>('EventStatus'),
  received: instant('When it was accepted'),
  lookups: Type.String({ description: 'Content hash of the lookups that routed it' }),
  root: Type.String(),
  depth: Type.Integer({ minimum: 0 }),
  cause: nullable(CauseSchema),
  replays: nullable(Type.String({ description: 'The event that this one replays' })),
  parent: nullable(Type.String({ description: 'The job that its sender named as its parent' })),
  submitted_by: submitterField,
  refused: nullable(Type.String({ description: 'Why it started nothing although its type is listed' })),
  jobs: Type.Array(Type.Ref('TreeJob')),
  truncated: Type.Boolean({ description: 'Whether the tree has more events than are shown' })
}, {
  $id: 'EventTree',
  ...closed,
  description: 'An event with the whole tree of what came of it; `tree_status` counts all of it'
})
export type EventTree = Omit<Static<typeof EventTreeSchema>, 'jobs'> & { jobs: TreeJob[] }

export const eventSchemas = [
  EventStatusSchema, EventSummarySchema, HistoryRecordSchema, TreeJobSchema, EventTreeSchema, EventListSchema
]
