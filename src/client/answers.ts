import type { BackfillRequest } from '../schemas/backfills.ts'
import type { JobAddress } from '../schemas/jobs.ts'

/** What EventClient answers, where schemas/ has no name for it. */

export type Page<T> = { items: T[], next: string | null }

/** A place in a meeting where it was said: its sentence with the ones beside it, and the video at that second. */
export type SearchMoment = {
  session_id: string
  session_index: number
  transcript_id: string
  sentence_index: number
  start_time: number
  end_time: number
  speaker: string | null
  text: string
  before: string | null
  after: string | null
  video_uri: string
  link: string
}
export type SearchHit = {
  event_id: string
  event_datetime: string
  body: string
  relevance: number
  weighted: number
  contained: string[]
  context_span: string
  keywords: string[]
  moments: SearchMoment[]
}
/** Of the query `search`. `index` tells when the index was built; null where there is none yet. */
export type SearchAnswer = { index: string | null, meetings: number, hits: SearchHit[] }

/** A backfill to start. All but `type`, `begin`, `end` and `every` may be left out. */
export type NewBackfill = BackfillRequest

/** `event` is the key of the event, for `getEvent`; `jobs` are those that it started. */
export type Dispatch = { event: string, jobs: JobAddress[] }
/** `repeated`: the service knew the event, and started nothing for it now. */
export type Submission = Dispatch & { repeated: boolean }
