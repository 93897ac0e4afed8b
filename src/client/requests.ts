import type { Dispatcher } from 'undici'
import type { ReplayRequest, RetryRequest } from '../schemas/redrive.ts'
import type { EventStatus } from '../schemas/events.ts'
import type { JobStatus } from '../schemas/jobs.ts'

/** What EventClient is asked with. */

export type EventClientOptions = {
  /** Address of the service, http or https; a path before its routes is kept. */
  url?: string | undefined
  /** Sent as `Authorization: Bearer`. */
  token?: string | undefined
  /** How often a request is repeated before its error is thrown; 0 for never. */
  retries?: number | undefined
  /** Longest time for the answer to one request, beyond what it was asked to wait. */
  timeoutMs?: number | undefined
  /** An undici dispatcher (a proxy, a mock). It stays open on `close()`. */
  dispatcher?: Dispatcher | undefined
}

/** An event to submit. All but `type` may be left out; fields of your own are kept as they are. */
export type NewEvent = {
  type: string
  id?: string
  source?: string
  subject?: string
  time?: string
  data?: unknown
  [field: string]: unknown
}

export type EventFilter = {
  type?: string | undefined
  subject?: string | undefined
  source?: string | undefined
  /** What the event itself came to. */
  status?: EventStatus | undefined
  /** Submitted events alone: what the event came to with all that followed from it. */
  treeStatus?: EventStatus | undefined
  /** Only what was submitted, not what followed from it. */
  rootsOnly?: boolean | undefined
  since?: string | Date | undefined
  until?: string | Date | undefined
  order?: 'asc' | 'desc' | undefined
  limit?: number | undefined
}
export type JobFilter = { status?: JobStatus | undefined, subject?: string | undefined, limit?: number | undefined }
export type FailedFilter = {
  process?: string | undefined
  subject?: string | undefined
  reason_contains?: string | undefined
  /** Of one cause: `pattern` of a group of failures. */
  pattern?: string | undefined
  since?: string | Date | undefined
  until?: string | Date | undefined
  /** Also those that were made good or dismissed. */
  handled?: boolean | undefined
  limit?: number | undefined
}
type Times = { since?: string | Date | undefined, until?: string | Date | undefined }
/** Without a condition only with `all: true`. */
export type RetryFilter = Omit<Partial<RetryRequest>, 'since' | 'until' | 'cursor'> & Times
/** Which lines of a log; `wait`: seconds, at most 60, to wait for one where there is none yet. */
export type LogOptions = { start?: number, tail?: number, limit?: number, wait?: number }
/** Which failures nobody has to look at any more, and why. Without a condition only with `all: true`. */
export type DismissFilter = RetryFilter & { note?: string | undefined }
/** Needs `ids`, or one condition at least. */
export type ReplayFilter = Omit<ReplayRequest, 'since' | 'until' | 'cursor'> & Times
export type Signal = { signal?: AbortSignal | undefined }
export type Cursor = { cursor?: string | undefined }
export type PageOptions = { limit?: number | undefined } & Cursor
export type Source = { source?: string | undefined }

/** Of a search: `end` as a date is meant with its whole day; dates are read in `timezone`, UTC by default. */
export type SearchOptions = {
  sort?: 'weighted' | 'relevance' | 'newest' | 'oldest' | undefined
  first?: number | undefined
  body?: string | undefined
  begin?: string | undefined
  end?: string | undefined
  timezone?: string | undefined
}
