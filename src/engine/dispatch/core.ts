import type { Ledger, QueuedJob } from '../../ledger/contract.ts'
import { wokenBy, type Draft } from '../documents/draft.ts'
import type { EventDocument, EventJob } from '../documents/event.ts'
import type { JobDocument } from '../documents/job.ts'
import type { Told } from '../documents/told.ts'
import type { Lookups } from '../lookups/lookups.ts'
import type { Cause, Dispatched } from '../record.ts'

/** A job that has come to its end, and the event whose job it is. */
export type JobEnd = { key: string, event: EventDocument, job: EventJob, document: JobDocument }

/** Whom to tell of an end, as jobs that belong to the unit which ends it. */
export interface Notices {
  job: (end: JobEnd) => QueuedJob[]
  /**
   * Enqueued by whatever brings the open jobs of the event to zero; `cause` tells this end from others of the event.
   */
  event: (key: string, event: EventDocument, cause: string) => QueuedJob[]
}

export type Limits = { maxDepth: number, maxFanOut: number }

/** What all verbs of the engine stand on. */
export type Core = {
  ledger: Ledger
  lookups: () => Lookups
  /** The datastore's clock, milliseconds. */
  now: () => number
  limits: Limits
  notices: Notices
  /** Told of gates that a unit of this process has given cause to look at. */
  woken: (gate: string, causes: string[]) => void
  /** Told what units of this process have brought about. */
  told?: ((facts: Told[]) => void) | undefined
  /** Told of follow-on events that started nothing. */
  onRefused: (refused: Dispatched, cause: Cause) => void
}

export const noNotices: Notices = { job: () => [], event: () => [] }

/** Whether the unit was applied; where it was, the gates that it woke are looked at. */
export async function commit (
  { ledger, now, woken, told = () => {} }: Pick<Core, 'ledger' | 'now' | 'woken' | 'told'>,
  draft: Draft
): Promise<boolean> {
  if (draft.isEmpty()) return true
  const unit = draft.unit()
  const result = await ledger.commit(unit)
  if (!result.ok) return false
  for (const [gate, causes] of wokenBy(unit, result.counts, now())) woken(gate, causes)
  told(draft.told())
  return true
}
