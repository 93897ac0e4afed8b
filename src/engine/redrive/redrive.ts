import { concurrently } from '../../base/limit.ts'
import { SignalboxError } from '../../base/errors.ts'
import { statusOf } from '../jobs/job-status.ts'
import { toView, type Jobs } from '../jobs/jobs.ts'
import type { Lookups } from '../lookups/lookups.ts'
import { readMatching } from './read-matching.ts'
import type { ListRange, Queues, StoredJob } from '../../queues/contract.ts'
import type { JobData } from '../record.ts'
import type { RetryAnswer } from '../../schemas/redrive.ts'
import type { JobAddress, JobView } from '../../schemas/jobs.ts'

/** Events whose jobs are retried at once, jobs that are looked up at once, and what one request may take. */
const CONCURRENCY = 8
const PIECE = 100
const RETRY_MS = 10_000

export type FailedJobs = {
  process?: string | undefined
  subject?: string | undefined
  reasonContains?: string | undefined
}

export interface Redrive {
  /**
   * The jobs that have failed, of all processes, the last failure first. Those that were cancelled are not among them.
   */
  failed: (filter: FailedJobs, range: ListRange) => Promise<{ items: JobView[], next: string | null }>
  /** Runs failed jobs again, each under its id. Goes on at `next` where one request would take too long. */
  retry: (filter: FailedJobs, range: ListRange, options?: { dryRun?: boolean | undefined }) => Promise<RetryAnswer>
}

type Dependencies = { queues: Pick<Queues, 'failed'>, jobs: Pick<Jobs, 'retry'>, lookups: () => Lookups }
type Failed = { process: string, id: string, event: string }

export function createRedrive ({ queues, jobs, lookups }: Dependencies): Redrive {
  async function read<T> (
    { process: name, subject, reasonContains }: FailedJobs,
    range: ListRange,
    toItem: (job: StoredJob) => T
  ): Promise<{ items: T[], next: string | null }> {
    const pick = (job: StoredJob): T | undefined => {
      if (statusOf(job) !== 'failed') return undefined
      if (subject !== undefined && (job.data as Partial<JobData>).event?.subject !== subject) return undefined
      return reasonContains === undefined || job.failedReason?.includes(reasonContains) === true
        ? toItem(job)
        : undefined
    }
    const known = [...new Set([...lookups().processes.values()].map(({ queue }) => queue))]
    return await readMatching((piece) => queues.failed({ queues: known, name }, piece), pick, range)
  }

  const failed: Redrive['failed'] = (filter, range) => read(filter, range, (job) => toView(job, null))

  async function retry (
    filter: FailedJobs,
    { limit, cursor, ...range }: ListRange,
    { dryRun = false }: { dryRun?: boolean | undefined } = {}
  ): Promise<RetryAnswer> {
    const retried: JobAddress[] = []
    const skipped: RetryAnswer['skipped'] = []
    const end = Date.now() + RETRY_MS
    let next = cursor ?? null
    let taken = 0
    // Onwards from a place in time: a job that fails again at once is not met a second time.
    do {
      const page = await read(
        filter,
        { ...range, limit: Math.min(PIECE, limit - taken), cursor: next ?? undefined },
        toFailed
      )
      if (dryRun) retried.push(...page.items.map((job): JobAddress => [job.process, job.id]))
      else {
        const reasons = await retryAll(page.items)
        for (const { process: processName, id } of page.items) {
          const reason = reasons.get(id)
          if (reason === undefined) retried.push([processName, id])
          else skipped.push({ process: processName, id, reason })
        }
      }
      taken += page.items.length
      next = page.next
    } while (next !== null && taken < limit && Date.now() < end)
    return { dry_run: dryRun, retried, skipped, next }
  }

  /**
   * Why some were left as they are, by job id. The jobs of one event one after the other: each
   * reopens the event's record, which has one writer at a time.
   */
  async function retryAll (found: Failed[]): Promise<Map<string, string>> {
    const reasons = new Map<string, string>()
    const byEvent = new Map<string, Failed[]>()
    for (const job of found) byEvent.set(job.event, [...byEvent.get(job.event) ?? [], job])
    await concurrently(byEvent.values(), CONCURRENCY, async (siblings) => {
      for (const { process: processName, id } of siblings) {
        const reason = await retryOne(processName, id)
        if (reason !== undefined) reasons.set(id, reason)
      }
    })
    return reasons
  }

  /** Why the job was left as it is; undefined where it runs again. */
  async function retryOne (processName: string, id: string): Promise<string | undefined> {
    try {
      await jobs.retry(processName, id)
      return undefined
    } catch (error) {
      if (error instanceof SignalboxError && (error.statusCode < 500 || error.code === 'BEING_SETTLED')) {
        return error.message
      }
      throw error
    }
  }

  return { failed, retry }
}

/** One that failed at its gate is known by the id of its process job. */
function toFailed (job: StoredJob): Failed {
  const { process: processName, id, event } = toView(job, null)
  return { process: processName, id, event }
}
