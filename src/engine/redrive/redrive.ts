import { SignalboxError } from '../../base/errors.ts'
import { concurrently } from '../../base/limit.ts'
import type { Ledger } from '../../ledger/contract.ts'
import type { JobAddress, JobView } from '../../schemas/jobs.ts'
import type { RetryAnswer } from '../../schemas/redrive.ts'
import { readJobs, type Found } from '../dispatch/facts.ts'
import { sets } from '../documents/names.ts'
import { readPages, type Paged, type Range } from '../documents/paging.ts'
import type { Jobs } from '../jobs/jobs.ts'

/** Jobs that are retried at once, jobs that are looked up at once, and what one request may take. */
const CONCURRENCY = 8
const PIECE = 100
const RETRY_MS = 10_000

export type FailedJobs = {
  process?: string | undefined
  subject?: string | undefined
  reasonContains?: string | undefined
}

/** `by`: who asks for it. */
export type RetryOptions = { dryRun?: boolean | undefined, by?: string | undefined }

export interface Redrive {
  /**
   * The jobs that have failed, of all processes, the last failure first. Those that were cancelled are not among them.
   */
  failed: (filter: FailedJobs, range: Range) => Promise<Paged<JobView>>
  /** Runs failed jobs again, each under its id. Goes on at `next` where one request would take too long. */
  retry: (filter: FailedJobs, range: Range, options?: RetryOptions) => Promise<RetryAnswer>
}

export type RedriveDependencies = { ledger: Pick<Ledger, 'get' | 'list'>, jobs: Pick<Jobs, 'retry' | 'views'> }

export function createRedrive (dependencies: RedriveDependencies): Redrive {
  return {
    failed: async (filter, range) => {
      const { items, next } = await readFailed(dependencies, filter, range)
      return { items: await dependencies.jobs.views(items), next }
    },
    retry: retry.bind(null, dependencies)
  }
}

async function readFailed (
  { ledger }: RedriveDependencies,
  { process: name, subject, reasonContains }: FailedJobs,
  range: Range
): Promise<Paged<Found>> {
  const set = name === undefined ? sets.failed : sets.failedOf(name)
  return await readPages(ledger, set, range, async (members) =>
    (
      await readJobs(
        ledger,
        members.map(([, id]) => id)
      )
    ).map((found) => {
      if (found?.document?.state !== 'failed') return undefined
      if (subject !== undefined && found.event.event.subject !== subject) return undefined
      return reasonContains === undefined || found.document.reason?.includes(reasonContains) === true
        ? found
        : undefined
    })
  )
}

async function retry (
  state: RedriveDependencies,
  filter: FailedJobs,
  range: Range,
  { dryRun = false, by }: RetryOptions = {}
): Promise<RetryAnswer> {
  const { limit, cursor } = range
  const retried: JobAddress[] = []
  const skipped: RetryAnswer['skipped'] = []
  const end = Date.now() + RETRY_MS
  let next = cursor ?? null
  let taken = 0
  // Onwards from a place in time: a job that fails again at once is not met a second time.
  do {
    const page: Paged<Found> = await readFailed(state, filter, {
      ...range,
      limit: Math.min(PIECE, limit - taken),
      cursor: next ?? undefined
    })
    const reasons = dryRun ? new Map<string, string>() : await retryAll(state, page.items, by)
    for (const {
      job: { process: processName, id }
    } of page.items) {
      const reason = reasons.get(id)
      if (reason === undefined) retried.push([processName, id])
      else skipped.push({ process: processName, id, reason })
    }
    taken += page.items.length
    next = page.next
  } while (next !== null && taken < limit && Date.now() < end)
  return { dry_run: dryRun, retried, skipped, next }
}

/** Why some were left as they are, by job id. */
async function retryAll (
  { jobs }: RedriveDependencies,
  found: Found[],
  by: string | undefined
): Promise<Map<string, string>> {
  const reasons = new Map<string, string>()
  await concurrently(found, CONCURRENCY, async ({ job: { process: processName, id } }) => {
    try {
      await jobs.retry(processName, id, by)
    } catch (error) {
      if (!(error instanceof SignalboxError) || error.statusCode >= 500) throw error
      reasons.set(id, error.message)
    }
  })
  return reasons
}
