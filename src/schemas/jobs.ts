import { Type, type Static } from 'typebox'
import { ArtefactSchema, ProgressSchema, StepSchema, type ArtefactView, type StepView } from './steps.ts'
import type { NoticeState } from './notifications.ts'
import { actsField, closed, instant, listOf, nullable, oneOf, refTo } from './parts.ts'

export const JOB_STATUSES = ['deferred', 'submitted', 'running', 'complete', 'failed', 'cancelled', 'absorbed'] as const
export type JobStatus = typeof JOB_STATUSES[number]

export const JobStatusSchema = oneOf(JOB_STATUSES, { $id: 'JobStatus', description: 'Where a job stands' })

/** An array of strings with two items: a TypeBox tuple would become draft-7 `items`, which OpenAPI 3.1 refuses. */
export const JobAddressSchema = Type.Array(Type.String(), {
  $id: 'JobAddress',
  minItems: 2,
  maxItems: 2,
  description: 'Process and job id'
})
export type JobAddress = [process: string, jobId: string]

export const DispatchedSchema = Type.Object({
  type: Type.String(),
  id: Type.Optional(Type.String({ description: 'For GET /events/{id}' })),
  refused: Type.Optional(Type.String({ description: 'Why it started nothing' }))
}, closed)

export const TimestampsSchema = Type.Object({
  submitted: nullable(instant('When it was accepted')),
  gated: nullable(instant('Since when it stood at its gate')),
  queued: nullable(instant('When it was put on its queue')),
  started: nullable(instant('When its last attempt began')),
  ended: nullable(instant('When it ended'))
}, closed)

const WorkerSchema = Type.Object({
  host: nullable(Type.String()),
  version: nullable(Type.String({ description: 'Of the image or the code' }))
}, { ...closed, description: 'Who began its last attempt' })

const AttemptSchema = Type.Object({
  round: Type.Integer({ description: 'One more with every retry by a person' }),
  attempt: Type.Integer(),
  started: instant('When it began'),
  ended: instant('When it ended'),
  worker: WorkerSchema,
  reason: nullable(Type.String({ description: 'Why it failed' }))
}, closed)

const AttemptsSchema = Type.Object({
  made: Type.Integer({ description: 'Attempts that have begun' }),
  max: Type.Integer(),
  list: Type.Array(AttemptSchema, { description: 'Those that have ended, over all retries' })
}, closed)

const DismissedSchema = Type.Object({
  by: Type.String({ description: 'The name of the key' }),
  at: instant('When'),
  note: nullable(Type.String())
}, { ...closed, description: 'Who has said that nobody has to look at its failure' })

const AbsorbedSchema = Type.Object({ event: Type.String(), type: Type.String(), job: Type.String() }, closed)

export const JobSchema = Type.Object(
  {
    process: Type.String(),
    id: Type.String(),
    status: refTo<JobStatus>('JobStatus'),
    input: nullable(refTo<Record<string, unknown>>('Event')),
    output: Type.Unknown({ description: 'What the process returned; null until then' }),
    progress: nullable(ProgressSchema),
    attempts: AttemptsSchema,
    worker: WorkerSchema,
    taken_over: Type.Integer({ description: 'How often another worker began it again, as the one before was lost' }),
    reason: nullable(Type.String({ description: 'Why it failed, or why its last attempt did' })),
    waiting_for: nullable(Type.String({ description: 'What a job that has not begun waits for' })),
    event: Type.String({ description: 'The event that started it, for GET /events/{id}' }),
    parent: nullable(Type.String({ description: 'The job that the sender of the event named as its parent' })),
    absorbed_by: nullable(Type.String({ description: 'The job that does its work, where it was absorbed' })),
    made_good_by: nullable(Type.String({ description: 'The later event that has done what it failed to do' })),
    dismissed: nullable(DismissedSchema),
    absorbed: Type.Array(AbsorbedSchema, { description: 'The triggers whose work this job does too' }),
    events: Type.Array(DispatchedSchema, { description: 'The follow-on events that it caused' }),
    timestamps: TimestampsSchema,
    acts: actsField,
    steps: Type.Optional(
      Type.Array(refTo<StepView>('Step'), {
        description: 'The steps of its runs, the last one last; absent from lists, and where it has opened none'
      })
    ),
    artefacts: Type.Optional(
      Type.Array(refTo<ArtefactView>('Artefact'), { description: 'What it shows beside its output; absent from lists' })
    ),
    notices: Type.Optional(
      Type.Array(refTo<NoticeState>('NoticeState'), {
        description: 'Who is told of its end, and whether they have been; absent from lists, and where nobody is'
      })
    ),
    removed: Type.Optional(
      Type.Boolean({ description: 'Set in the answer to DELETE where the job had ended and is gone now' })
    )
  },
  { $id: 'Job', ...closed }
)
export type JobView = Static<typeof JobSchema>

const MailSchema = Type.Object({ email: Type.String(), subject: Type.String(), body: Type.String() })
// Not the two of them together: a job that is closed would refuse the fields of the mail.
export const JobEmailSchema = Type.Object(
  { ...JobSchema.properties, ...MailSchema.properties },
  { $id: 'JobEmail', ...closed }
)
/** The job with subject and body of a mail that tells of it. */
export type JobEmail = JobView & Static<typeof MailSchema>

export const JobFailuresSchema = Type.Record(Type.String(), Type.String(), {
  $id: 'JobFailures',
  description: 'Job id → why it failed, of the job and of those it has started as their `parent`; empty where none did'
})
/** Job id → why it failed. */
export type JobFailures = Record<string, string>

export const JobLogSchema = Type.Object({
  lines: Type.Array(Type.String()),
  start: Type.Integer({ description: 'The number of the first of these lines' }),
  total: Type.Integer({ description: 'Lines that were ever written' }),
  ended: Type.Boolean({ description: 'Whether the job has ended: then no more lines come' })
}, { $id: 'JobLog', ...closed })
export type JobLog = Static<typeof JobLogSchema>

export const JobListSchema = listOf<JobView>('Job', 'JobList')

export const jobSchemas = [
  JobStatusSchema,
  JobAddressSchema,
  StepSchema,
  ArtefactSchema,
  JobSchema,
  JobEmailSchema,
  JobFailuresSchema,
  JobLogSchema,
  JobListSchema
]
