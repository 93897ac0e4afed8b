import { setTimeout as sleep } from 'node:timers/promises'
import { errors } from '../../base/errors.ts'
import { jobIdOf, type DispatchEvent } from '../../base/event.ts'
import type { Ledger } from '../../ledger/contract.ts'
import type { StoredJob, Work } from '../../queues/work.ts'
import type { JobLog, JobStatus, JobView } from '../../schemas/jobs.ts'
import { readEvents, readJob, readJobs, type Found } from '../dispatch/facts.ts'
import { isForeign } from '../dispatch/run.ts'
import { readAbsorbedMember, roundId, sets, eventOfJob } from '../documents/names.ts'
import { readAll, readPages, type Paged } from '../documents/paging.ts'
import type { Lookups } from '../lookups/lookups.ts'
import type { Cancelled } from './cancel-job.ts'
import { isAtGate } from './cancelling.ts'
import { hasEnded, statusOfJob } from './job-status.ts'
import { toJobView } from './job-view.ts'
import { readLog } from './logs.ts'
import type { Retried } from './retry-job.ts'
import { withSteps } from './steps.ts'
import { waitingFor } from './waiting-for.ts'

/** How often a job is looked at by one who waits for its end: soon at first, then less often. */
const POLL_FIRST_MS = 50
const POLL_MAX_MS = 1000
/** How long a cancel waits for the work to stop before it answers that it still runs. */
const STOP_WAIT_MS = 2000
/** Triggers that the view of a job names; the rest by pages. */
const MAX_ABSORBED = 1000

export type JobListOptions = {
  status?: JobStatus | undefined
  subject?: string | undefined
  limit: number
  cursor?: string | undefined
}

/** `start` below 0: so many lines before the end. */
export type LogOptions = { start: number, limit: number, waitMs?: number, signal?: AbortSignal }

export interface Jobs {
  get: (processName: string, id: string) => Promise<JobView>
  /** Answers when the job has ended, or after `waitMs`. */
  waitFor: (processName: string, id: string, waitMs: number, signal?: AbortSignal) => Promise<JobView>
  list: (processName: string, options: JobListOptions) => Promise<Paged<JobView>>
  /** Views of jobs that were found, in their order. */
  views: (found: Found[]) => Promise<JobView[]>
  /** A waiting job at once, a running one by signal; a finished one is removed. Answers the job as it then is. */
  cancel: (processName: string, id: string, by?: string) => Promise<JobView>
  /** Runs a failed or cancelled job again under the same id. */
  retry: (processName: string, id: string, by?: string) => Promise<JobView>
  /** Answers when there are lines from `start` on, when the job has ended, or after `waitMs`. */
  logs: (processName: string, id: string, options: LogOptions) => Promise<JobLog>
}

export type JobDependencies = {
  ledger: Pick<Ledger, 'get' | 'list'>
  work: Pick<Work, 'get' | 'counts'>
  lookups: () => Lookups
  now: () => number
  /** Who is told of the end of a job; without it, nobody. */
  noticesOf?: (found: Found) => Promise<JobView['notices']>
  verbs: {
    cancel: (job: string, by?: string) => Promise<Cancelled>
    retry: (job: string, by?: string) => Promise<Retried>
    remove: (job: string) => Promise<boolean>
  }
}

export function createJobs (state: JobDependencies): Jobs {
  return {
    get: get.bind(null, state),
    waitFor: waitFor.bind(null, state),
    list: list.bind(null, state),
    views: views.bind(null, state),
    cancel: cancel.bind(null, state),
    retry: retry.bind(null, state),
    logs: logs.bind(null, state)
  }
}

async function find ({ ledger, lookups }: JobDependencies, processName: string, id: string): Promise<Found> {
  const found = id.includes('.') ? await readJob(ledger, id) : undefined
  if (found !== undefined && found.job.process === processName && found.document?.removed !== true) return found
  throw lookups().processes.has(processName) ? errors.jobNotFound(processName, id) : errors.unknownProcess(processName)
}

async function get (state: JobDependencies, processName: string, id: string): Promise<JobView> {
  const found = await find(state, processName, id)
  const [stored] = await readStored(state, [found])
  const [told] = await toViews(state, [found], [stored])
  if (told === undefined) throw errors.jobNotFound(processName, id)
  const [withAll, notices, waits] = await Promise.all([
    withSteps(state.ledger, found, told),
    state.noticesOf?.(found),
    hasEnded(told.status) ? told.waiting_for : waitingFor(state, found, stored)
  ])
  return { ...withAll, notices, waiting_for: waits }
}

/** Those that have not ended as their queues have them; of one that has ended its queue knows nothing that counts. */
async function readStored (
  { work }: Pick<JobDependencies, 'work'>,
  found: Found[]
): Promise<Array<StoredJob | undefined>> {
  const open = found.filter((one) => !isAtGate(one) && !hasEnded(statusOfJob(one, undefined)))
  const keys = open.map(({ job: { queue, id }, document }) => ({ queue, id: roundId(id, document?.round ?? 0) }))
  const stored = keys.length === 0 ? [] : await work.get(keys)
  const byJob = new Map(open.map((one, i) => [one.job.id, stored[i]]))
  return found.map(({ job }) => byJob.get(job.id))
}

async function views (state: JobDependencies, found: Found[]): Promise<JobView[]> {
  return await toViews(state, found, await readStored(state, found))
}

async function toViews (
  { ledger, lookups }: JobDependencies,
  found: Found[],
  stored: Array<StoredJob | undefined>
): Promise<JobView[]> {
  const inputs = await readInputs(ledger, found)
  const { processes } = lookups()
  return await Promise.all(
    found.map(async (facts, i) =>
      toJobView(facts, {
        stored: stored[i],
        input: inputs[i] ?? facts.event.event,
        absorbed: await readAbsorbed(ledger, facts),
        waitingFor: null,
        maxAttempts: processes.get(facts.job.process)?.attempts ?? 1
      })
    )
  )
}

/** The event with which each job runs, where that is not its own. */
async function readInputs (ledger: Pick<Ledger, 'get'>, found: Found[]): Promise<Array<DispatchEvent | undefined>> {
  const keys = [
    ...new Set(
      found.flatMap(({ key, document }) =>
        document?.latest === undefined || document.latest === key ? [] : [document.latest]
      )
    )
  ]
  if (keys.length === 0) return []
  const events = await readEvents(ledger, keys)
  const byKey = new Map(keys.map((key, i) => [key, events[i]?.value.event]))
  return found.map(({ document }) => document?.latest === undefined ? undefined : byKey.get(document.latest))
}

async function readAbsorbed (ledger: Pick<Ledger, 'list'>, { job, document }: Found): Promise<JobView['absorbed']> {
  // One that waits counts what it has absorbed at its gate.
  if (job.gate === undefined || document === undefined) return []
  const members = await readAll(ledger, sets.absorbed(job.id), MAX_ABSORBED)
  return members.map(readAbsorbedMember).map(({ job: id, type }) => ({ event: eventOfJob(id), type, job: id }))
}

async function waitFor (
  state: JobDependencies,
  processName: string,
  id: string,
  waitMs: number,
  signal?: AbortSignal
): Promise<JobView> {
  const end = Date.now() + waitMs
  for (let pause = POLL_FIRST_MS; ; pause = Math.min(pause * 2, POLL_MAX_MS)) {
    const view = await get(state, processName, id)
    const left = end - Date.now()
    if (hasEnded(view.status) || left <= 0 || signal?.aborted === true) return view
    await sleep(Math.min(pause, left), undefined, { signal }).catch(() => {})
  }
}

async function list (
  state: JobDependencies,
  processName: string,
  { status, subject, limit, cursor }: JobListOptions
): Promise<Paged<JobView>> {
  if (!state.lookups().processes.has(processName)) throw errors.unknownProcess(processName)
  const { items, next } = await readPages(
    state.ledger,
    subject === undefined ? listsOf(processName, status) : sets.subject(subject),
    { limit, cursor },
    async (members) => {
      const ids = members.map(([, one]) => subject === undefined ? one : jobIdOf(one, processName))
      const found = await readJobs(state.ledger, ids)
      const present = found.filter((one) => one !== undefined)
      const stored = await readStored(state, present)
      const states = new Map(present.map((one, i) => [one.job.id, stored[i]?.state]))
      return found.map((one) => {
        if (one === undefined) return undefined
        return status === undefined || statusOfJob(one, states.get(one.job.id)) === status ? one : undefined
      })
    }
  )
  return { items: await views(state, items), next }
}

/** The shortest lists in which all jobs of a status stand, open ones first. */
function listsOf (processName: string, status: JobStatus | undefined): string[] {
  if (status === undefined) return [sets.open(processName), sets.endedJobs(processName)]
  if (status === 'failed') return [sets.failedOf(processName)]
  return [hasEnded(status) ? sets.endedJobs(processName) : sets.open(processName)]
}

async function cancel (state: JobDependencies, processName: string, id: string, by?: string): Promise<JobView> {
  const found = await find(state, processName, id)
  const [stored] = await readStored(state, [found])
  if (stored?.state === 'active' && isForeign(state.lookups().processes.get(processName))) {
    throw errors.foreignJobRunning(id)
  }
  const view = await get(state, processName, id)
  switch (await state.verbs.cancel(id, by)) {
    case 'missing': throw errors.jobNotFound(processName, id)
    case 'asked': return await waitFor(state, processName, id, STOP_WAIT_MS)
    case 'cancelled': return await get(state, processName, id)
    case 'ended':
      // It ended in between, while somebody wanted to stop it: nobody asked to remove that.
      if (!hasEnded(view.status)) return await get(state, processName, id)
      await state.verbs.remove(id)
      return { ...view, removed: true }
  }
}

async function retry (state: JobDependencies, processName: string, id: string, by?: string): Promise<JobView> {
  const found = await find(state, processName, id)
  const retried = await state.verbs.retry(id, by)
  if (retried.kind === 'missing') throw errors.jobNotFound(processName, id)
  if (retried.kind === 'refused') {
    throw errors.jobNotFinished(statusOfJob(found, (await readStored(state, [found]))[0]?.state))
  }
  return await get(state, processName, id)
}

async function logs (
  state: JobDependencies,
  processName: string,
  id: string,
  { start, limit, waitMs = 0, signal }: LogOptions
): Promise<JobLog> {
  const end = Date.now() + waitMs
  for (let pause = POLL_FIRST_MS; ; pause = Math.min(pause * 2, POLL_MAX_MS)) {
    // Looked up first: all lines are there when a job has ended.
    const ended = hasEnded(statusOfJob(await find(state, processName, id), undefined))
    const page = await readLog(state.ledger, id, start, limit)
    const left = end - Date.now()
    if (page.lines.length > 0 || ended || left <= 0 || signal?.aborted === true) return { ...page, ended }
    await sleep(Math.min(pause, left), undefined, { signal }).catch(() => {})
  }
}
