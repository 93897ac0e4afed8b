import { SignalboxError, errors } from '../../base/errors.ts'
import { concurrently } from '../../base/limit.ts'
import type { JobAddress, JobView } from '../../schemas/jobs.ts'
import type { DismissAnswer, FailureGroups, RetryAnswer } from '../../schemas/redrive.ts'
import type { Found } from '../dispatch/facts.ts'
import type { Paged, Range } from '../documents/paging.ts'
import type { Handling } from '../jobs/handling.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { groupFailures } from './failure-groups.ts'
import { readFailures, type FailedJobs, type FailureReads } from './failures.ts'

/** Jobs that are retried at once, jobs that are looked up at once, and what one request may take. */
const CONCURRENCY = 8
const PIECE = 100
const RETRY_MS = 10_000

type DryRun = { dryRun?: boolean | undefined }
export type Dismissal = { by: string, note?: string | undefined }

/** `by`: who asks for it. */
export type RetryOptions = DryRun & { by?: string | undefined }

export interface Redrive {
  /**
   * The jobs that have failed, of all processes, the last failure first. Those that were cancelled are not among them,
   * and those that nobody has to look at any more only where they are asked for.
   */
  failed: (filter: FailedJobs, range: Range) => Promise<Paged<JobView>>
  /** The same by process and what is alike in their reasons. */
  groups: (filter: FailedJobs, range: Range) => Promise<FailureGroups>
  /** Runs failed jobs again, each under its id. Goes on at `next` where one request would take too long. */
  retry: (filter: FailedJobs, range: Range, options?: RetryOptions) => Promise<RetryAnswer>
  /** Takes failures off the list: they have been seen. */
  dismiss: (filter: FailedJobs, range: Range, options: DryRun & Dismissal) => Promise<DismissAnswer>
  /** Puts a failure that was dismissed back on the list. @throws JOB_NOT_FAILED */
  restore: (job: string) => Promise<void>
}

export type RedriveDependencies = FailureReads & {
  jobs: Pick<Jobs, 'retry' | 'views'>
  verbs: {
    handle: (job: string, handled: { how: 'dismissed' } & Dismissal) => Promise<Handling>
    restore: (job: string) => Promise<Handling>
  }
}

export function createRedrive (state: RedriveDependencies): Redrive {
  return {
    failed: failed.bind(null, state),
    groups: (filter, range) => groupFailures(state, filter, range),
    retry: async (filter, range, { dryRun = false, by } = {}) => {
      const act = async ({ job }: Found) => { await state.jobs.retry(job.process, job.id, by) }
      const { done, ...answer } = await actOnAll(state, filter, range, dryRun ? undefined : act)
      return { dry_run: dryRun, retried: done, ...answer }
    },
    dismiss: async (filter, range, { dryRun = false, by, note }) => {
      const act = async ({ job: { process: processName, id } }: Found) => {
        const handling = await state.verbs.handle(id, { how: 'dismissed', by, note })
        if (handling === 'missing') throw errors.jobNotFound(processName, id)
        if (handling === 'refused') throw errors.jobNotFailed()
      }
      const { done, ...answer } = await actOnAll(state, filter, range, dryRun ? undefined : act)
      return { dry_run: dryRun, dismissed: done, ...answer }
    },
    restore: async (job) => {
      if (await state.verbs.restore(job) !== 'handled') throw errors.jobNotFailed()
    }
  }
}

async function failed (state: RedriveDependencies, filter: FailedJobs, range: Range): Promise<Paged<JobView>> {
  const { items, next } = await readFailures(state, filter, range)
  const views = await state.jobs.views(items.map(({ found }) => found))
  const told = views.map((view, i) => ({ ...view, made_good_by: view.made_good_by ?? items[i]?.remedy ?? null }))
  return { items: told, next }
}

type Acted = { done: JobAddress[], skipped: RetryAnswer['skipped'], next: string | null }

/** Without `act` it is only told with which it would be done. */
async function actOnAll (
  state: RedriveDependencies,
  filter: FailedJobs,
  range: Range,
  act: ((found: Found) => Promise<void>) | undefined
): Promise<Acted> {
  const { limit, cursor } = range
  const acted: Acted = { done: [], skipped: [], next: cursor ?? null }
  const end = Date.now() + RETRY_MS
  let taken = 0
  // Onwards from a place in time: a job that fails again at once is not met a second time.
  do {
    const piece = { ...range, limit: Math.min(PIECE, limit - taken), cursor: acted.next ?? undefined }
    const page = await readFailures(state, filter, piece)
    const found = page.items.map((failure) => failure.found)
    const reasons = act === undefined ? new Map<string, string>() : await actOn(found, act)
    for (const { job: { process: processName, id } } of found) {
      const reason = reasons.get(id)
      if (reason === undefined) acted.done.push([processName, id])
      else acted.skipped.push({ process: processName, id, reason })
    }
    skipUnmet(acted, filter, found)
    taken += found.length
    acted.next = page.next
  } while (acted.next !== null && taken < limit && Date.now() < end)
  return acted
}

/** Of those that were named it is told which have not failed. */
function skipUnmet ({ skipped }: Acted, { jobs = [] }: FailedJobs, found: Found[]): void {
  const met = new Set(found.map(({ job }) => job.id))
  for (const [processName, id] of jobs) {
    if (!met.has(id)) skipped.push({ process: processName, id, reason: errors.jobNotFailed().message })
  }
}

/** Why some were left as they are, by job id. */
export async function actOn (
  found: Found[],
  act: (found: Found) => Promise<void>
): Promise<Map<string, string>> {
  const reasons = new Map<string, string>()
  await concurrently(found, CONCURRENCY, async (one) => {
    try {
      await act(one)
    } catch (error) {
      if (!(error instanceof SignalboxError) || error.statusCode >= 500) throw error
      reasons.set(one.job.id, error.message)
    }
  })
  return reasons
}
