import type { Static } from 'typebox'
import type { BackfillRequest } from '../schemas/backfills.ts'
import type { EventTypeSchema, JobAddress, JobView, LogSchema, ProcessSchema, QueueSchema, ReadySchema } from '../schemas/schemas.ts'

/** What the service answers, where schemas.ts has no name for the type. */

export type Page<T> = { items: T[], next: string | null }
export type JobLog = Static<typeof LogSchema>
export type JobEmail = JobView & { email: string, subject: string, body: string }
/** Job id → why it failed. */
export type JobFailures = Record<string, string>
export type EventTypes = { lookups: string, items: Array<Static<typeof EventTypeSchema>> }
export type ProcessView = Static<typeof ProcessSchema>
export type Processes = { lookups: string, items: ProcessView[] }
export type QueueView = Static<typeof QueueSchema>
export type ReadyView = Static<typeof ReadySchema>

export type SearchHit = {
  event_id: string
  event_datetime: string
  body: string
  relevance: number
  weighted: number
  contained: string[]
  context_span: string
  keywords: string[]
}
/** Of the query `search`. `index` tells when the index was built; null where there is none yet. */
export type SearchAnswer = { index: string | null, meetings: number, hits: SearchHit[] }

/** A backfill to start. All but `type`, `begin`, `end` and `every` may be left out. */
export type NewBackfill = BackfillRequest

/** `event` is the key of the event, for `getEvent`; `jobs` are those that it started. */
export type Dispatch = { event: string, jobs: JobAddress[] }
/** `repeated`: the service knew the event, and started nothing for it now. */
export type Submission = Dispatch & { repeated: boolean }
