/**
 * The work to do now, on BullMQ. What is true stands in the ledger: everything here may be lost, or come twice, late
 * or out of order. Jobs come on a queue by the ledger's units alone (QueuedJob, src/base).
 */
export interface Work {
  readonly backend: 'pglite' | 'postgres' | 'redis'
  /** The backend as people may see it: no password. */
  readonly address: string

  /** What `run` returns or throws is BullMQ's business: a job that is thrown for the last time stays for `ends`. */
  worker: (queue: string, run: (job: WorkerJob) => Promise<unknown>, options: WorkerOptions) => WorkerHandle

  /** Queues that have a worker here which asks for nothing, or is not answered. */
  unserved: () => string[]

  /** Jobs as their queues know them, in the order asked for; one that a queue does not know as nothing. */
  get: (keys: JobKey[]) => Promise<Array<StoredJob | undefined>>
  /** The jobs that workers hold, those that began last first. */
  active: (queue: string, limit: number) => Promise<StoredJob[]>
  /**
   * Jobs that have ended and still lie on their queue: those of foreign workers, and those that BullMQ gave up. The
   * oldest first.
   */
  ends: (queues: string[], limit: number) => Promise<StoredJob[]>

  /** Has a delayed job run now instead of later; nothing where it is not delayed. */
  promote: (queue: string, id: string) => Promise<void>
  /** Takes a job off its queue, unless a worker holds it. */
  remove: (queue: string, id: string) => Promise<'removed' | 'active' | 'absent'>

  counts: (queues: string[]) => Promise<QueueCounts[]>
  /** The names of the workers that are connected to a queue; undefined where they are all in this process. */
  workers: (queue: string) => Promise<string[] | undefined>
  /** The queues that hold jobs which have not ended, whatever the lookups say by now. */
  busyQueues: () => Promise<string[]>
  pause: (queue: string) => Promise<void>
  resume: (queue: string) => Promise<void>

  /**
   * Adds or changes a schedule. However many processes ask for the same one, a tick makes one job. One that is there
   * and equal is left alone; one that has changed ticks by its new pattern from now on.
   */
  schedule: (queue: string, schedule: Schedule) => Promise<void>
  /** Removes a schedule with the job of its next tick. */
  unschedule: (queue: string, name: string) => Promise<void>
  /** `next`: the tick that comes, or that nobody has taken yet, milliseconds. */
  schedules: (queue: string) => Promise<Array<Schedule & { next: number }>>

  /** Tells every process that listens; delivery is fast but not assured. */
  publish: (topic: string, message: Record<string, unknown>) => Promise<void>
  subscribe: (topic: string, listener: (message: Record<string, unknown>) => void) => Promise<void>

  /** BullMQ's own object for a queue, for the board; nobody else may look inside. */
  boardQueue: (queue: string) => unknown

  /** Resolves when the datastore answers and accepts a write; rejects within `timeoutMs`. */
  ping: (timeoutMs: number) => Promise<void>
  /** What speaks against the datastore although it answers; `highWater` is how much of its memory it may use, %. */
  condition: (highWater: number) => Promise<Condition>
  /** What version 0.1 kept under a name beside its queues. */
  earlierNote: (name: string) => Promise<unknown>
  /** Creates or updates what BullMQ needs in the datastore; harmless when repeated. */
  migrate: () => Promise<void>
  /** Closes the workers, each when its running jobs have ended, then the connections. Idempotent. */
  close: () => Promise<void>
}

/** `full`: why it should take nothing new. `warnings`: what its operator must know. */
export type Condition = { full: string | undefined, warnings: string[] }

export type JobKey = { queue: string, id: string }

/**
 * `waiting` covers BullMQ's waiting, prioritized and paused; `blocked` is its waiting-children, which we never make.
 */
export type QueueState = 'waiting' | 'delayed' | 'active' | 'blocked' | 'completed' | 'failed'

/** A job as its queue has it. Times are milliseconds since 1970. */
export interface StoredJob {
  queue: string
  id: string
  name: string
  data: Record<string, unknown>
  state: QueueState
  progress: unknown
  returnValue: unknown
  failedReason: string | undefined
  /** Attempts that have ended in failure, and attempts begun. */
  attemptsMade: number
  attemptsStarted: number
  maxAttempts: number
  createdAt: number
  /** When a delayed job becomes ready. */
  readyAt: number | undefined
  startedAt: number | undefined
  finishedAt: number | undefined
  /** The name of the worker that took it last, where that has one. */
  worker: string | undefined
}

/** Has a queue get a job with this data at every tick. `pattern` and `timezone` are those of ticks.ts. */
export interface Schedule { name: string, pattern: string, timezone: string, data: Record<string, unknown> }

/** Passed to the function that a worker runs for a job. */
export interface WorkerJob extends StoredJob {
  /** Aborted when the worker lost the job or was told to cancel it. */
  readonly signal: AbortSignal
  /** 1-based number of this attempt. */
  readonly attempt: number
  /** How often a worker was not heard of any more that had it. */
  readonly stalled: number
  /**
   * Of a job that a schedule made: the tick for which it stands, milliseconds. A worker that takes up what was missed
   * while there was none gets one job for all of it, which stands for the latest tick; only at its first start, so that
   * the tick has to be written down before anything is done that must not be done for another one.
   */
  readonly tick: number | undefined
  updateProgress: (progress: object) => Promise<void>
  /**
   * Puts the job back for `ms` without counting an attempt; the function must then throw what this returns. Where the
   * datastore stays away, the job is taken again when its lock has run out.
   */
  postpone: (ms: number) => Promise<Postponed>
}

/** Thrown by a worker's function: the job fails at once, whatever attempts are left. */
export class FinalFailure extends Error { override name = 'FinalFailure' }

/** Thrown by a worker's function: this attempt of the work has failed. */
export class AttemptFailed extends Error { override name = 'AttemptFailed' }

/** What `postpone` answers. BullMQ knows it by this name, and leaves the job where it is. */
export class Postponed extends Error { override name = 'DelayedError' }

export interface WorkerOptions {
  concurrency: number
  /** Remembered with the jobs that it takes; no spaces. */
  name?: string
  /** A job whose worker died is taken again after at most lockMs + stalledMs. */
  lockMs: number
  stalledMs: number
  /** A job that has taken so many workers with it is given up when it takes one more. */
  maxStalled?: number
  /**
   * Told that this worker had lost a job which it then ended, and that somebody else has it: no error where the
   * ledger decides.
   */
  onLate?: (message: string) => void
  /** One that has asked for nothing for so long is made anew. */
  silentMs?: number
  onError: (error: Error) => void
}

export interface WorkerHandle {
  setConcurrency: (concurrency: number) => void
  /** Takes no new job from now on; resolves when the running ones have ended and been written. Idempotent. */
  close: () => Promise<void>
}

export interface QueueCounts {
  waiting: number
  active: number
  delayed: number
  completed: number
  failed: number
  blocked: number
  paused: boolean
  workers: number
}
