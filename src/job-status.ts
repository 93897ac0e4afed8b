import { CANCELLED_QUEUE, type QueueState, type StoredJob } from './queues/contract.ts'
import { CANCELLED } from './record.ts'
import type { JobStatus } from './schemas.ts'

const WORDS: Record<QueueState, JobStatus> = {
  waiting: 'submitted', delayed: 'submitted', active: 'running', blocked: 'running', completed: 'complete', failed: 'failed'
}

export function statusOf (job: Pick<StoredJob, 'queue' | 'state' | 'failedReason'>): JobStatus {
  if (job.queue === CANCELLED_QUEUE) return 'cancelled'
  return job.state === 'failed' && job.failedReason === CANCELLED ? 'cancelled' : WORDS[job.state]
}

export const hasEnded = (status: JobStatus): boolean => status === 'complete' || status === 'failed' || status === 'cancelled' || status === 'absorbed'

/** The states in which jobs of a status are found; undefined where one could be in any. */
export function statesOf (status: JobStatus): QueueState[] | undefined {
  if (status === 'cancelled') return undefined
  const states = (Object.keys(WORDS) as QueueState[]).filter((state) => WORDS[state] === status)
  return states
}
