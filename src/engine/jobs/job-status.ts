import { CANCELLED_QUEUE, GATES_QUEUE, type QueueState, type StoredJob } from '../../queues/contract.ts'
import { isCancelled, type GateResult } from '../record.ts'
import type { JobStatus } from '../../schemas/jobs.ts'

const WORDS: Record<QueueState, JobStatus> = {
  waiting: 'submitted', delayed: 'submitted', active: 'running', blocked: 'running', completed: 'complete', failed: 'failed'
}

export function statusOf (job: Pick<StoredJob, 'queue' | 'state' | 'failedReason' | 'returnValue'>): JobStatus {
  if (job.queue === CANCELLED_QUEUE) return 'cancelled'
  if (job.state === 'failed' && isCancelled(job.failedReason)) return 'cancelled'
  if (job.queue !== GATES_QUEUE || job.state === 'failed') return WORDS[job.state]
  if (job.state !== 'completed') return 'deferred'
  return absorberOf(job) === undefined ? 'submitted' : 'absorbed'
}

/** The job that does the work of one that was absorbed. */
export function absorberOf (job: Pick<StoredJob, 'queue' | 'returnValue'>): string | undefined {
  const result = job.queue === GATES_QUEUE ? job.returnValue as GateResult | undefined : undefined
  return result !== undefined && 'absorbed' in result ? result.absorbed.job : undefined
}

export const hasEnded = (status: JobStatus): boolean => status === 'complete' || status === 'failed' || status === 'cancelled' || status === 'absorbed'

/** The states in which jobs of a status are found; undefined where one could be in any. */
export function statesOf (status: JobStatus): QueueState[] | undefined {
  if (status === 'cancelled') return undefined
  if (status === 'deferred') return ['waiting', 'delayed', 'active']
  if (status === 'absorbed') return ['completed']
  return (Object.keys(WORDS) as QueueState[]).filter((state) => WORDS[state] === status)
}
