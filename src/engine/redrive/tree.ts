import { errors } from '../../base/errors.ts'
import type { Ledger } from '../../ledger/contract.ts'
import type { JobAddress } from '../../schemas/jobs.ts'
import type { CancelAnswer, RetryAnswer } from '../../schemas/redrive.ts'
import { readJobs, type Found } from '../dispatch/facts.ts'
import { hasSettled } from '../documents/job.ts'
import { findEvents, type StoredEvent } from '../history/find.ts'
import { readDescendants } from '../history/read-tree.ts'
import type { Cancelled } from '../jobs/cancel-job.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { actOn } from './redrive.ts'

/** Jobs that are looked up at once, and what one request may take. */
const PIECE = 100
const ACT_MS = 10_000
/** While a tree is cancelled, jobs that end may still cause others. */
const PASSES = 3

/** `by`: who asks for it. */
export type TreeRequest = { source?: string | undefined, dryRun?: boolean | undefined, by?: string | undefined }

/** What is done to an event with all that followed from it. @throws EVENT_NOT_FOUND */
export interface Trees {
  /** Runs all again that have failed and that nobody has made good or dismissed. */
  retry: (id: string, request: TreeRequest) => Promise<RetryAnswer>
  /** Cancels all that have not ended; those that run are told to stop. */
  cancel: (id: string, request: TreeRequest) => Promise<CancelAnswer>
}

export type TreeDependencies = {
  ledger: Pick<Ledger, 'get' | 'list'>
  jobs: Pick<Jobs, 'retry'>
  verbs: { cancel: (job: string, by?: string) => Promise<Cancelled> }
}

export function createTrees (state: TreeDependencies): Trees {
  return { retry: retry.bind(null, state), cancel: cancel.bind(null, state) }
}

async function retry (
  state: TreeDependencies,
  id: string,
  { source, dryRun = false, by }: TreeRequest
): Promise<RetryAnswer> {
  const answer: RetryAnswer = { dry_run: dryRun, retried: [], skipped: [], next: null }
  const end = Date.now() + ACT_MS
  for await (const found of jobsOf(state, await find(state, id, source))) {
    const failed = found.filter(({ document }) => document?.state === 'failed' && document.handled === undefined)
    const act = async ({ job: { process: processName, id } }: Found) => { await state.jobs.retry(processName, id, by) }
    const reasons = dryRun ? new Map<string, string>() : await actOn(failed, act)
    for (const { job } of failed) {
      const reason = reasons.get(job.id)
      if (reason === undefined) answer.retried.push([job.process, job.id])
      else answer.skipped.push({ process: job.process, id: job.id, reason })
    }
    // What has been done is not met again: the same request goes on.
    if (Date.now() > end) return { ...answer, next: 'again' }
  }
  return answer
}

async function cancel (
  state: TreeDependencies,
  id: string,
  { source, dryRun = false, by }: TreeRequest
): Promise<CancelAnswer> {
  const [done, stopping] = [new Map<string, JobAddress>(), new Map<string, JobAddress>()]
  const end = Date.now() + ACT_MS
  const toAnswer = (next: string | null): CancelAnswer =>
    ({ dry_run: dryRun, cancelled: [...done.values()], stopping: [...stopping.values()], next })
  const top = await find(state, id, source)
  for (let pass = 0, met = 1; pass < PASSES && met > 0; pass++) {
    met = 0
    for await (const found of jobsOf(state, top)) {
      const isNew = (job: string): boolean => !stopping.has(job) && !done.has(job)
      const open = found.filter(({ job, document }) => !hasSettled(document) && isNew(job.id))
      met += open.length
      await actOn(open, async ({ job }) => {
        const outcome = dryRun ? 'cancelled' : await state.verbs.cancel(job.id, by)
        if (outcome === 'cancelled') done.set(job.id, [job.process, job.id])
        else if (outcome === 'asked') stopping.set(job.id, [job.process, job.id])
      })
      if (Date.now() > end) return toAnswer('again')
    }
  }
  return toAnswer(null)
}

async function find ({ ledger }: TreeDependencies, id: string, source: string | undefined): Promise<StoredEvent> {
  const [top] = await findEvents(ledger, [id], source)
  if (top === undefined) throw errors.eventNotFound(id)
  return top
}

/** From the top down: what is cancelled first causes nothing more. */
async function * jobsOf ({ ledger }: TreeDependencies, top: StoredEvent): AsyncGenerator<Found[], void, undefined> {
  const { all } = await readDescendants(ledger, top)
  const ids = all.flatMap(({ value }) => value.jobs.map(({ id }) => id))
  for (let start = 0; start < ids.length; start += PIECE) {
    const found = await readJobs(ledger, ids.slice(start, start + PIECE))
    yield found.filter((one) => one !== undefined)
  }
}
