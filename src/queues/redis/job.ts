import type { Job } from 'bullmq'
import type { QueueState, StoredJob } from '../work.ts'

/** By BullMQ's words. */
export const STATES: Record<string, QueueState> = {
  waiting: 'waiting',
  prioritized: 'waiting',
  delayed: 'delayed',
  active: 'active',
  'waiting-children': 'blocked',
  completed: 'completed',
  failed: 'failed'
}

export function toStoredJob (job: Job, state: QueueState): StoredJob {
  return {
    queue: job.queueName,
    id: job.id as string,
    name: job.name,
    data: job.data as Record<string, unknown>,
    state,
    progress: job.progress === 0 ? undefined : job.progress,
    returnValue: job.returnvalue ?? undefined,
    failedReason: job.failedReason,
    attemptsMade: job.attemptsMade,
    attemptsStarted: job.attemptsStarted,
    maxAttempts: job.opts.attempts ?? 1,
    createdAt: job.timestamp,
    readyAt: state === 'delayed' ? (job.processedOn ?? job.timestamp) + job.delay : undefined,
    startedAt: job.processedOn,
    finishedAt: job.finishedOn,
    worker: job.processedBy
  }
}
