import type { QueueState } from '../../queues/work.ts'
import type { JobStatus } from '../../schemas/jobs.ts'
import type { JobFacts } from '../dispatch/ending.ts'
import { isAtGate } from './cancelling.ts'

/** Where a job stands, by the ledger; whether it runs is known to its queue alone. */
export function statusOfJob (facts: Pick<JobFacts, 'job' | 'document'>, queued: QueueState | undefined): JobStatus {
  if (isAtGate(facts)) return 'deferred'
  const state = facts.document?.state ?? 'queued'
  if (state === 'queued' || state === 'waiting') return queued === 'active' ? 'running' : 'submitted'
  return state
}

export const hasEnded = (status: JobStatus): boolean =>
  status === 'complete' || status === 'failed' || status === 'cancelled' || status === 'absorbed'
