import type { IQueueBackend } from 'bullmq'
import type { QueuedJob } from '../../base/queued-job.ts'
import { checkQueued, toData, toJobJson } from '../queued.ts'
import { isOutage } from './outage.ts'

export interface Deliverer {
  /** Throws where BullMQ would refuse the job. */
  check: (job: QueuedJob) => void
  /** Answers for each what was said against it. Rejects where the datastore cannot answer. */
  deliver: (jobs: QueuedJob[]) => Promise<Array<Error | undefined>>
}

type Backend = Pick<IQueueBackend, 'addFlow'>
type Add = (jobs: QueuedJob[]) => Promise<void>

/**
 * Puts jobs on queues of BullMQ on PostgreSQL: one call for all queues, without the two temporary tables that
 * Queue.addBulk makes for each. A job whose id is there already stays as it is.
 */
export function createDeliverer (backend: Backend, now: () => number = Date.now): Deliverer {
  const add = addAll.bind(null, backend, now)
  return {
    check: (job) => {
      checkQueued(job)
      toData(job)
    },
    deliver: async (jobs) => {
      try {
        await add(jobs)
        return jobs.map(() => undefined)
      } catch (error) {
        if (isOutage(error)) throw error
        return await oneByOne(add, jobs)
      }
    }
  }
}

/** One that is refused must not hold up the others. */
async function oneByOne (add: Add, jobs: QueuedJob[]): Promise<Array<Error | undefined>> {
  const answers: Array<Error | undefined> = []
  for (const job of jobs) {
    try {
      await add([job])
      answers.push(undefined)
    } catch (error) {
      if (isOutage(error)) throw error
      answers.push(error as Error)
    }
  }
  return answers
}

/** BullMQ resolves although it has stored nothing (bullmq#3851); here nobody is told "added" for that. */
async function addAll (backend: Backend, now: () => number, jobs: QueuedJob[]): Promise<void> {
  const at = now()
  const entries = jobs.map((job) =>
    ({ jobId: job.id, queueName: job.queue, prefix: '', parentKeyOpts: {}, jobData: toJobJson(job, at) }))
  for (const [error, idOrCode] of await backend.addFlow(entries)) {
    if (error !== null && error !== undefined) throw error
    if (typeof idOrCode === 'number' && idOrCode < 0) throw new Error(`BullMQ refused a job with code ${idOrCode}`)
  }
}
