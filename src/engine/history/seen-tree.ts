import type { Ledger } from '../../ledger/contract.ts'
import type { StoredJob, Work } from '../../queues/work.ts'
import type { EventStatus } from '../../schemas/events.ts'
import type { Found } from '../dispatch/facts.ts'
import type { EventJob } from '../documents/event.ts'
import type { JobDocument } from '../documents/job.ts'
import type { StoredStep } from '../jobs/steps.ts'
import type { Lookups } from '../lookups/lookups.ts'
import type { StoredEvent } from './find.ts'

export type HistoryDependencies = {
  ledger: Pick<Ledger, 'get' | 'list' | 'count'>
  work: Pick<Work, 'get' | 'counts'>
  lookups: () => Lookups
  now: () => number
}

/** A job of a tree with all that is told of it. */
export type SeenJob = {
  job: EventJob
  document: JobDocument | undefined
  stored: StoredJob | undefined
  words: string | null
  steps: StoredStep[]
  /** Notices of its end. */
  told: Found['told']
}

/** The tree as it was read: `nodes` are those that are shown, the event itself first. */
export type SeenTree = {
  nodes: StoredEvent[]
  /** The keys of all that were read, of which the nodes may be a part. */
  known: ReadonlySet<string>
  /** More are there than were read. */
  isCut: boolean
  jobs: ReadonlyMap<string, SeenJob>
  statuses: ReadonlyMap<string, EventStatus>
  now: number
}

export function overall (statuses: EventStatus[]): EventStatus {
  for (const status of ['incomplete', 'failed', 'cancelled'] as const) if (statuses.includes(status)) return status
  return 'complete'
}
