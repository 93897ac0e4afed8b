import type { EventSummary, EventTree, TreeJob } from './events.ts'
import type { JobAddress } from './jobs.ts'

/** What a stream of an event tells. The documents are those of events.ts, which is where their schemas stand. */

/** An event of a tree without what hangs under it. */
export type StreamedEvent = Omit<EventTree, 'jobs' | 'truncated'> & { jobs: JobAddress[] }
/** A job of a tree without its follow-on events; `event` is the key of its own event. */
export type StreamedJob = Omit<TreeJob, 'events'> & { event: string }
export type StreamEnd = { id: string, tree_status: EventTree['tree_status'] }

/** One message, in the words of server-sent events: its name and its data. */
export type StreamMessage =
  | { event: 'snapshot', data: EventTree }
  /** A follow-on event that is new, or an event whose status has changed. */
  | { event: 'event', data: StreamedEvent }
  | { event: 'job', data: StreamedJob }
  | { event: 'end', data: StreamEnd }

/** What the stream of all events tells: first the newest submitted events, then each that is new or has changed. */
export type FeedMessage =
  | { event: 'snapshot', data: { items: EventSummary[] } }
  | { event: 'event', data: EventSummary }
