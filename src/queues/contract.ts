import type { QueueCounts, QueueState, Schedule, StoredJob, WorkerHandle, WorkerJob, WorkerOptions } from './work.ts'

export { FinalFailure, type QueueCounts, type QueueState, type Schedule, type StoredJob, type WorkerHandle, type WorkerJob, type WorkerOptions } from './work.ts'

/**
 * What Signalbox needs of a datastore. Everything above this folder speaks these words; BullMQ, ioredis, pg and PGlite
 * are known only inside it. One contract suite (test/queues.ts) runs over every backend.
 */

/** The queue of the event records: a job of it is an event, its children are the event's jobs. */
export const EVENTS_QUEUE = 'events'
/** Jobs that were cancelled before they ran: kept so that they can be seen and retried. No worker takes from it. */
export const CANCELLED_QUEUE = 'cancelled'
/** Jobs that wait at a gate before they are put on the queue of their process. */
export const GATES_QUEUE = 'gates'
/** Ticks of the schedules, each a job until its event is stored. */
export const SCHEDULES_QUEUE = 'schedules'
/** Backfills, each a job while there is something to do for it. */
export const BACKFILLS_QUEUE = 'backfills'
/** Notices of what has ended, each a job until it is sent. */
export const NOTIFICATIONS_QUEUE = 'notifications'

/** Queues that are not for processes. */
export const OWN_QUEUES: ReadonlySet<string> = new Set([EVENTS_QUEUE, CANCELLED_QUEUE, GATES_QUEUE, SCHEDULES_QUEUE, BACKFILLS_QUEUE, NOTIFICATIONS_QUEUE])

export const isEnded = (state: QueueState): boolean => state === 'completed' || state === 'failed'

export interface JobOptions {
  attempts?: number
  /** `delays`: the pause before each further attempt; the last one for all that follow. */
  backoff?: { type: 'fixed' | 'exponential', delay: number } | { type: 'list', delays: number[] }
  priority?: number
}

/** A job to add. Ids never look like integers and hold no colon. */
export interface NewJob {
  queue: string
  id: string
  name: string
  data: Record<string, unknown>
  options?: JobOptions
}

/** One event with its jobs: the root becomes ready when all its children have completed or finally failed. */
export interface Tree {
  root: NewJob
  children: NewJob[]
  /**
   * True where the root's id may have been used before. Such a tree is added only if its root does not exist, and
   * the check and the add are one step: a known tree is never added again.
   */
  mayExist: boolean
  /** Sets that get the root's id before the tree is written: who finds a tree finds its marks. */
  marks?: string[]
}

/** What the children of a root came to, by job id. A child that is in none of the three was removed while it waited. */
export interface Children {
  completed: Map<string, unknown>
  failed: Map<string, string>
  pending: Set<string>
}

/** What is shared between processes beside the jobs: a small document, changed by compare-and-set. */
export interface Note<T> {
  value: T
  /** Changes with every write. */
  version: string
}

/** A member of a set that is ordered by time. `at` is in milliseconds. */
export interface Mark { set: string, id: string, at: number }

/** Which events or jobs a list shows. `root`: the follow-on events under one, itself not among them. */
export type ListFilter =
  | { kind: 'events', type?: string, subject?: string, root?: string }
  | { kind: 'jobs', queue: string, name: string, states?: QueueState[] }

/** `cursor` is the `next` of the page before, in the same order; `since` (at that time or later) and `until` (before it) are in milliseconds. */
export type ListRange = { limit: number, order?: 'asc' | 'desc' | undefined, cursor?: string | undefined, since?: number | undefined, until?: number | undefined }

/** `queues`: those to ask beside the ones that the datastore itself remembers. `name`: of this process only. */
export type FailedFilter = { queues: string[], name?: string | undefined }

/**
 * At most `limit` items; fewer with a `next` where much was read and little matched. `after`: for each item the cursor of
 * what follows it, for one who takes fewer than there are.
 */
export interface ListPage { items: StoredJob[], after: string[], next: string | undefined }

export interface Queues {
  /** Its name in backends.ts. */
  readonly backend: string
  /** The backend as people may see it: no password. */
  readonly address: string

  /**
   * Writes the trees, each whole or not at all. Answers for each, in order, whether it is new (`added`), was there
   * (`known`), or why it could not be written (an Error: nothing of that tree is there). Rejects where the datastore
   * did not answer in time: then nothing is known of any of them.
   */
  addTrees: (trees: Tree[]) => Promise<Array<'added' | 'known' | Error>>
  /** Adds one job that stands alone; changes nothing where there is one of this id, whatever has come of it. */
  addJob: (job: NewJob) => Promise<void>
  /** Adds one job again under an existing root (a cancelled job that is retried). */
  addChild: (root: { queue: string, id: string }, job: NewJob) => Promise<void>

  get: (queue: string, id: string) => Promise<StoredJob | undefined>
  getMany: (keys: Array<{ queue: string, id: string }>) => Promise<Array<StoredJob | undefined>>
  children: (queue: string, id: string) => Promise<Children>
  logs: (queue: string, id: string, start: number, end: number) => Promise<{ lines: string[], total: number }>
  /** Newest first, or oldest first with `asc`. A record with `keep` in its data stays in the lists as long as it is there. */
  list: (filter: ListFilter, range: ListRange) => Promise<ListPage>
  /**
   * The jobs that have failed for good, in whatever queue they lie, the one that failed last first; a job that was
   * cancelled has not failed. The times of the range are those of the failure.
   */
  failed: (filter: FailedFilter, range: ListRange) => Promise<ListPage>
  /** How many events hang under a root, the root itself not counted. */
  countUnder: (root: string) => Promise<number>

  /** Replaces a job's data. There is no compare-and-set: only one writer per job at a time. */
  updateData: (queue: string, id: string, data: Record<string, unknown>) => Promise<void>
  /** Takes a job that has not begun out of its queue; says why where it cannot. */
  removeWaiting: (queue: string, id: string) => Promise<'removed' | 'active' | 'ended' | 'absent'>
  /** Removes a job that no worker holds, if it is there. */
  remove: (queue: string, id: string) => Promise<void>
  /** Puts a finished job back to wait, under its id, with its attempts counted anew. */
  rerun: (queue: string, id: string) => Promise<void>

  /** Has a delayed job run now instead of later; nothing where it is not delayed. */
  promote: (queue: string, id: string) => Promise<void>

  readNotes: <T>(names: string[]) => Promise<Array<Note<T> | undefined>>
  /**
   * Writes a note if it still is what the caller has read (`undefined`: not there), else answers false. `value` undefined
   * removes it. It is forgotten after `ttlMs` without a write.
   */
  writeNote: (name: string, read: Note<unknown> | undefined, value: object | undefined, ttlMs: number) => Promise<boolean>

  /** Adds to sets; one that is there keeps its time. A set is forgotten after twice the retention without an addition. */
  mark: (marks: Mark[]) => Promise<void>
  unmark: (set: string, ids: string[]) => Promise<void>
  /** The oldest first. */
  marked: (set: string, limit: number) => Promise<Array<{ id: string, at: number }>>

  /**
   * Adds or changes a schedule. However many processes ask for the same one, a tick makes one job. One that is there and
   * equal is left alone; one that has changed ticks by its new pattern from now on.
   */
  schedule: (queue: string, schedule: Schedule) => Promise<void>
  /** Removes a schedule with the job of its next tick. */
  unschedule: (queue: string, name: string) => Promise<void>
  /** `next`: the tick that comes, or that nobody has taken yet, milliseconds. */
  schedules: (queue: string) => Promise<Array<Schedule & { next: number }>>

  worker: (queue: string, run: (job: WorkerJob) => Promise<unknown>, options: WorkerOptions) => WorkerHandle

  counts: (queue: string) => Promise<QueueCounts>
  /** The queues that hold jobs which have not ended, whatever the lookups say by now. */
  busyQueues: () => Promise<string[]>
  pause: (queue: string) => Promise<void>
  resume: (queue: string) => Promise<void>

  /** BullMQ's own object for a queue, for the board; nobody else may look inside. */
  boardQueue: (queue: string) => unknown

  /** Tells every process that listens; delivery is fast but not assured. */
  publish: (topic: string, message: Record<string, unknown>) => Promise<void>
  subscribe: (topic: string, listener: (message: Record<string, unknown>) => void) => Promise<void>

  /** Resolves when the datastore answers and accepts a write; rejects within `timeoutMs`. */
  ping: (timeoutMs: number) => Promise<void>
  /** Creates or updates what the backend needs in the datastore; harmless when repeated. */
  migrate: () => Promise<void>
  /** Removes the jobs of `queue` that have ended, or that wait, longer ago than `ageMs`; an event record with `keep` in its data stays. Answers how many. */
  prune: (queue: string, ageMs: number, what: 'ended' | 'waiting') => Promise<number>
  close: () => Promise<void>
}
