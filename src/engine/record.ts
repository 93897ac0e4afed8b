import type { DispatchEvent, FollowOn } from '../base/event.ts'

/** Where an event comes from: the event at the top of its tree, how far below it is, and what stands between. */
export type Lineage = {
  root: string
  depth: number
  /** Type and subject of each event above, the root's first. */
  above: Array<[type: string, subject: string | undefined]>
}

/** What is kept of an event: the data of its root job. Never changed, but for `reopened` and `ends`. */
export type EventRecord = Lineage & {
  event: DispatchEvent
  jobs: RecordedJob[]
  /** Content hash of the lookups that routed it. */
  lookups: string
  /** When it was accepted, RFC 3339. */
  received: string
  /** The job whose follow-on event it is, and its place in the job's result. */
  cause?: Cause
  /** The key of the event that it replays. */
  replays?: string
  /** The job that its sender named as its parent. */
  parent?: string
  /** Why it started nothing although its type is listed. */
  refused?: string
  /** Ends of its jobs that were retried since, the oldest first. */
  ends?: JobEnd[]
  /** Never removed: the retention passes it over. */
  keep?: true
  /** The job that was retried last, and when (milliseconds): the record then closes again. */
  reopened?: { job: string, at: number }
}

/**
 * `gated`: it waits at a gate first; until it is let through, the job `<id>.gate` stands for it.
 * `withEvent`: as in its data.
 */
export type RecordedJob = { process: string, id: string, queue: string, gated?: true, withEvent?: true }

export type Cause = { event: string, process: string, job: string, index: number }

/** The data of a process job: all that a worker of ours or a foreign one needs. */
export type JobData = {
  process: string
  /** The key of the event, for `GET /events/:id`. */
  key: string
  event: DispatchEvent
  lineage: Lineage
  /** Its parameters have its own id and the event as one JSON string, over those of the event's data. */
  withEvent?: true
  /** The job that the sender of the event named as its parent. */
  parent?: string
  /** Why it must fail without running: the event lacks what the process needs. */
  refused?: string
  /** Of a job at its gate: how often its process is tried once it is let through. */
  attempts?: number
  /** Other triggers that this run answers, and how often it was retried at its gate. */
  absorbed?: Absorbed[]
  round?: number
  /** When the event of a job that has waited at a gate was accepted, milliseconds. */
  accepted?: number
  /** Of a join: the last event of each type. */
  joined?: Record<string, DispatchEvent>
  /** Set to ask a running job to stop. */
  cancel?: { at: string }
}

/** A trigger whose work another job does. */
export type Absorbed = { event: string, type: string, job: string }

/**
 * What a job returns that has waited at a gate: its process job is queued now, or that of another event does its work.
 */
export type GateResult = { passed: true } | { absorbed: { event: string, job: string } }

/**
 * A follow-on event after its dispatch. `refused` says why it started nothing; without a key it was not even recorded.
 */
export type Dispatched = { type: string, key?: string, refused?: string }

/** What a job of our own runners returns. Settled: its follow-on events have been dispatched. */
export type StoredOutcome = { output: unknown } & (
  { settled: true, events: Dispatched[] } | { settled: false, events: FollowOn[] }
)

export type Outcome = 'complete' | 'failed' | 'cancelled' | 'absorbed'

/** An end of a job that was not its last. `at` is in milliseconds. */
export type JobEnd = { job: string, status: Outcome, reason?: string, at: number }

/**
 * What the root job returns when the record is closed. `jobs` by job id; `at`, milliseconds, where
 * the record is kept longer than its jobs.
 */
export type Closing = {
  status: Exclude<Outcome, 'absorbed'>
  jobs: Record<string, { status: Outcome, reason?: string, absorbedBy?: string, at?: number, events: Dispatched[] }>
}

/** The reason of a job that was cancelled; what tells it from one that failed. */
export const CANCELLED = 'cancelled'

/** The set of the events that name a job as their parent. */
export const childrenOf = (jobId: string): string => `children:${jobId}`

/** The reason of a job that was not cancelled by a person. */
export const cancelledBecause = (why: string): string => `${CANCELLED}: ${why}`
export const isCancelled = (reason: string | undefined): boolean =>
  reason !== undefined && (reason === CANCELLED || reason.startsWith(`${CANCELLED}: `))
