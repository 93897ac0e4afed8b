import { Type, type Static } from 'typebox'
import { StoredActsSchema } from './acts.ts'
import { createReader } from './read.ts'

const JobStateSchema = Type.Union([
  /** At its gate. */
  Type.Literal('waiting'),
  Type.Literal('queued'),
  Type.Literal('complete'),
  Type.Literal('failed'),
  Type.Literal('cancelled'),
  /** Its work is done by another job. */
  Type.Literal('absorbed')
])
export type JobState = Static<typeof JobStateSchema>

/** Times are milliseconds. */
const AttemptSchema = Type.Object({
  round: Type.Integer(),
  attempt: Type.Integer(),
  started: Type.Number(),
  ended: Type.Number(),
  worker: Type.Optional(Type.String()),
  reason: Type.Optional(Type.String())
})
export type Attempt = Static<typeof AttemptSchema>

const HandledSchema = Type.Object({
  how: Type.Union([Type.Literal('made_good'), Type.Literal('dismissed')]),
  /** The event that has made it good; the name of who dismissed it. */
  by: Type.String(),
  at: Type.Number(),
  note: Type.Optional(Type.String())
})
export type Handled = Static<typeof HandledSchema>

const DispatchedSchema = Type.Object({
  type: Type.String(),
  key: Type.Optional(Type.String()),
  refused: Type.Optional(Type.String())
})

/**
 * Where a job stands. One without a document is in round 0, and either on its queue or, where it
 * has a gate, on the way to it. Whether it runs is known to the queue alone and decides nothing.
 */
const JobDocumentSchema = Type.Object({
  v: Type.Literal(1),
  state: JobStateSchema,
  /** One more with every retry. */
  round: Type.Integer(),
  /** When it came into its state, milliseconds. */
  at: Type.Number(),
  /** Since when it stands at its gate again, after a retry. */
  gatedAt: Type.Optional(Type.Number()),
  /** When it was put on its queue. */
  queuedAt: Type.Optional(Type.Number()),
  /** The last ones, over all rounds. */
  attempts: Type.Array(AttemptSchema),
  /** Gates that count it as running. */
  runs: Type.Optional(Type.Array(Type.String())),
  /** The event with which it runs, where that is not its own. */
  latest: Type.Optional(Type.String()),
  latestAt: Type.Optional(Type.Number()),
  /** Triggers whose work it does too. */
  absorbed: Type.Integer(),
  /** Of a join: the last event of each leg. */
  last: Type.Optional(Type.Record(Type.String(), Type.String())),
  /** When that event was accepted. */
  lastAt: Type.Optional(Type.Record(Type.String(), Type.Number())),
  output: Type.Optional(Type.Unknown()),
  /** What it told last of how far it had come. */
  progress: Type.Optional(Type.Unknown()),
  reason: Type.Optional(Type.String()),
  /** Its follow-on events. */
  events: Type.Optional(Type.Array(DispatchedSchema)),
  /** The job that does its work. */
  by: Type.Optional(Type.String()),
  /** It was asked to stop while it ran. */
  stop: Type.Optional(Type.Literal(true)),
  /** At which loss of its worker it was given to another: what the earlier one reports is not taken. */
  taken: Type.Optional(Type.Integer()),
  /** How often that was. */
  losses: Type.Optional(Type.Integer()),
  /** The workers are asked which of them has it: at which loss, and since when. */
  asked: Type.Optional(Type.Object({ times: Type.Integer(), at: Type.Number() })),
  /** Ends of its earlier rounds. */
  ends: Type.Optional(
    Type.Array(Type.Object({ state: JobStateSchema, at: Type.Number(), reason: Type.Optional(Type.String()) }))
  ),
  /** What people did to it. */
  acts: Type.Optional(StoredActsSchema),
  /** Nobody has to look at its failure any more: a later event has done its work, or somebody has said so. */
  handled: Type.Optional(HandledSchema),
  /** Somebody has removed it: only its end is still known. */
  removed: Type.Optional(Type.Literal(true))
})
export type JobDocument = Static<typeof JobDocumentSchema>

export const readJobDocument = createReader(JobDocumentSchema, 'job')

export const hasSettled = (job: Pick<JobDocument, 'state'> | undefined): boolean =>
  job !== undefined && job.state !== 'waiting' && job.state !== 'queued'

const MAX_ATTEMPTS = 100

export const withAttempt = (attempts: Attempt[], attempt: Attempt | undefined): Attempt[] =>
  attempt === undefined ? attempts : [...attempts, attempt].slice(-MAX_ATTEMPTS)
