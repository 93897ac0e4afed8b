import type { QueuedJob } from '../base/queued-job.ts'

export type { QueuedJob, QueuedJobOptions } from '../base/queued-job.ts'

/**
 * What is true: documents with counters, and ordered lists, changed by one verb. The engine above decides purely
 * (facts in, unit out); on a conflict it reads, decides and commits again. One contract suite
 * (test/ledger/contract.ts) runs over all.
 */
export interface Ledger {
  /**
   * One unit: all of it or nothing. Units of concurrent callers travel together, each judged by itself: a conflict or
   * a refusal of one does not touch its neighbours. Rejects where the datastore cannot answer (then it is unknown
   * whether the unit was applied: send it again, `expect` tells) and where it refuses the unit (then nothing of it
   * was applied).
   */
  commit: (unit: Unit) => Promise<Result>
  /**
   * Documents as they are now, in the order asked for. Reads of one turn of the event loop travel together. One that
   * was removed comes as its revision alone, for as long as the ledger remembers it.
   */
  get: (docs: string[]) => Promise<Array<Document | undefined>>
  /** By score, then by member (code points); `after` pages without gaps, whether or not its member still is there. */
  list: (set: string, page?: Page) => Promise<Entered[]>
  /** How many members each set has; of more than some thousands it may tell what was so a few seconds ago. */
  count: (sets: string[]) => Promise<number[]>
  /** The datastore's clock, in milliseconds since 1970. */
  now: () => Promise<number>
  /**
   * Delivers what a dead process left in the outbox longer ago than this; answers how many. 0 where enqueueing is
   * part of the commit. Forgets the revisions of what was removed longer ago than any look lives.
   */
  sweep: (olderThanMs: number) => Promise<number>
  /** Creates or updates what the ledger needs in the datastore; harmless when repeated. */
  migrate: () => Promise<void>
  /** Waits for what is under way. Idempotent. */
  close: () => Promise<void>
}

export interface Unit {
  expect: Expectation[]
  /** Only of documents that the unit expects by revision: nothing is overwritten unseen. */
  put?: Put[]
  /** Commutes, never conflicts. At most one for each counter in a unit: net them first. */
  increments?: Increment[]
  /**
   * Never conflicts. A member stands once in a set: a new score moves it; of several entries of one member the last
   * counts.
   */
  entries?: Entry[]
  /** Exactly this id, at least once: a worker that finds the job settled drops it. */
  enqueue?: QueuedJob[]
  /**
   * Documents that the unit expects by revision, with their counters, and neither puts nor counts. What is put under
   * such a name later goes on from its revision, so that whoever read it before meets a conflict.
   */
  remove?: string[]
}

/** `rev` 0: was never put. `zero`: this counter is 0 at this moment; one that was never counted is 0. */
export type Expectation = { doc: string, rev: number } | { doc: string, zero: string }

/** The revision goes up by one. `counts`: what these counters are set to; the others stay. */
export type Put = { doc: string, value: object, counts?: Record<string, number> }

/** `atZero` is done by the unit that brings the counter to 0. */
export type Increment = { doc: string, field: string, by: number, atZero?: AtZero }

export type AtZero = { entries?: Entry[], enqueue?: QueuedJob[] }

export type Entry = { set: string, member: string, score: number } | { set: string, member: string, remove: true }

export type Document = { rev: number, value: unknown, counts: Record<string, number> }

export type Page = { after?: Entered | undefined, limit?: number, reverse?: boolean, min?: number, max?: number }

export type Entered = [score: number, member: string]

/** `counts`: the new value of each increment, in its order. `conflict`: the first document that was not as expected. */
export type Result = { ok: true, counts: number[] } | { ok: false, conflict: string }

/**
 * The unit itself is at fault, on every ledger: it names what it does not expect, or holds what PostgreSQL cannot
 * keep (U+0000, lone surrogates), or a job that its queue would refuse. Nothing of it was applied; sending it again
 * does not help.
 */
export class UnitRefused extends Error { override name = 'UnitRefused' }

/** Names of documents, sets and members in bytes of UTF-8. */
export const MAX_NAME_BYTES = 1250

/** How many entries a page has where nothing is said. */
export const PAGE = 100
