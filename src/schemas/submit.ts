import { Type, type Static } from 'typebox'
import type { JobAddress } from './jobs.ts'
import { closed, instant, nameText, nullable, refTo } from './parts.ts'

/** What is sent to submit an event, and what comes back. */

export const EventSchema = Type.Object(
  {
    type: nameText('The event type: a key of event_lookup.json, or one that the `match` of an entry takes'),
    id: Type.Optional(
      nameText('Of your choosing, so that a repeated event is known as such; made by the service where absent')
    ),
    source: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 256,
        description: 'Who sends it; id and source together name the event',
        default: '/jobs'
      })
    ),
    subject: Type.Optional(nameText('What it is about; `genome` is taken where it is absent')),
    time: Type.Optional(instant('When it happened')),
    parent: Type.Optional(
      nullable(nameText('Id of the job that submits it, which then lists the jobs of this event as its children'))
    ),
    data: Type.Optional(Type.Unknown({ description: 'What the processes need to know' }))
  },
  {
    $id: 'Event',
    additionalProperties: true,
    description: 'Something that happened. Any other field is kept as it came'
  }
)

export const SubmissionSchema = Type.Array(refTo<JobAddress>('JobAddress'), {
  $id: 'Submission',
  description: 'The jobs that the event started, in the order of event_lookup.json'
})

export const VerboseSubmissionSchema = Type.Object({
  processes: Type.Array(Type.Object({
    process: Type.String(),
    job: Type.String(),
    task: Type.String({ description: 'The event, which is closed when all its jobs have ended' })
  }, closed)),
  event: Type.Ref('Event')
}, { $id: 'VerboseSubmission', ...closed, description: 'The same in the words of the original service' })

const PlannedJobSchema = Type.Object({
  process: Type.String(),
  queue: Type.String(),
  reason: Type.String({ description: 'The rules that lead from the event to this job' }),
  problems: Type.Array(Type.Object({ field: Type.String(), message: Type.String() }, closed), {
    description: 'What the event lacks: where there is any, it would be refused'
  }),
  gate: Type.Optional(Type.String({ description: 'What its gate would do with it, were it submitted now' }))
}, closed)

const RuleSchema = Type.Object({
  entry: Type.String(),
  applied: Type.Boolean(),
  reason: Type.String({ description: 'The clause that decided' })
}, closed)

export const PlanSchema = Type.Object({
  dry_run: Type.Literal(true),
  type: Type.String(),
  lookups: Type.String({ description: 'Content hash of the lookups' }),
  known: Type.Optional(Type.Array(refTo<JobAddress>('JobAddress'), {
    description: 'The event is known already: the jobs of the first time. It would start nothing'
  })),
  jobs: Type.Array(PlannedJobSchema),
  left_out: Type.Optional(Type.Array(Type.Object({ process: Type.String(), reason: Type.String() }, closed), {
    description: 'Processes of the lookups that have nothing to do for such an event, and why'
  })),
  rules: Type.Optional(Type.Array(RuleSchema, { description: 'What came of every entry with a `match`' }))
}, { $id: 'Plan', ...closed, description: 'What the event would start; nothing was queued' })
export type PlanView = Static<typeof PlanSchema>

/** The answer to a CloudEvent: the jobs of one event, or those of each event of a batch. */
/** Whoever asks for it by `accept` is answered like a client of kedro-graphql. */
const pipelines = {
  type: 'array',
  items: {
    type: 'object',
    required: ['id', 'name'],
    properties: { id: { type: 'string' }, name: { type: 'string' } },
    description: 'A job as a pipeline of kedro-graphql, for `accept: application/vnd.kedro-graphql+json`'
  }
}

export const ReceivedSchema = Type.Unsafe({
  anyOf: [
    { $ref: 'Submission#' },
    { type: 'array', items: { $ref: 'Submission#' } },
    pipelines,
    { type: 'array', items: pipelines }
  ],
  $id: 'Received',
  description: 'The jobs that the event started; of a batch, those of each event'
})

export const submitSchemas = [EventSchema, SubmissionSchema, VerboseSubmissionSchema, PlanSchema]
