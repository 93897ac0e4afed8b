import { setTimeout as sleep } from 'node:timers/promises'
import { toGateJob, toOptions } from '../dispatch/event-flow.ts'
import { errors } from '../../base/errors.ts'
import { jobIdOf, keyOfJob } from '../../base/event.ts'
import { gateIdOf } from '../dispatch/gate-key.ts'
import { forgetFiles } from './written-files.ts'
import { isProcessPaused } from '../gates/pauses.ts'
import { absorberOf, hasEnded, statesOf, statusOf } from './job-status.ts'
import type { Lookups } from '../lookups/lookups.ts'
import { CANCELLED_QUEUE, EVENTS_QUEUE, GATES_QUEUE, isEnded, type Queues, type StoredJob } from '../../queues/contract.ts'
import { CANCELLED, type Dispatched, type EventRecord, type JobData, type JobEnd, type StoredOutcome } from '../record.ts'
import type { JobStatus, JobView } from '../../schemas/jobs.ts'
import { askToStop } from './stop.ts'
import { hostAndVersion } from './worker-name.ts'

/** How often a job is looked at by one who waits for its end: soon at first, then less often. */
const POLL_FIRST_MS = 50
const POLL_MAX_MS = 1000
/** How long a cancel waits for the work to stop before it answers that it still runs. */
const STOP_WAIT_MS = 2000
/** How long a retry waits for a record that is being closed at this moment. */
const REOPEN_TRIES = 30
const GATE_TRIES = 20
/** Ends of retried jobs that an event's record remembers, the latest ones. */
const MAX_ENDS = 100
/** What a page of a list may take where much is read and little matches. */
const LIST_MS = 1000

export interface Jobs {
  get: (processName: string, id: string) => Promise<JobView>
  /** Answers when the job has ended, or after `waitMs`. */
  waitFor: (processName: string, id: string, waitMs: number, signal?: AbortSignal) => Promise<JobView>
  list: (processName: string, options: { status?: JobStatus | undefined, subject?: string | undefined, limit: number, cursor?: string | undefined }) => Promise<{ items: JobView[], next: string | null }>
  /** A waiting job at once, a running one by signal; a finished one is removed. Answers the job as it then is. */
  cancel: (processName: string, id: string) => Promise<JobView>
  /** Runs a failed or cancelled job again under the same id. */
  retry: (processName: string, id: string) => Promise<JobView>
  logs: (processName: string, id: string, start: number, limit: number) => Promise<{ lines: string[], total: number }>
}

type Found = { job: StoredJob, key: string }

export function createJobs ({ queues, lookups }: { queues: Queues, lookups: () => Lookups }): Jobs {
  /** The event's record says on which queue its job lies, whatever the lookups say by now. */
  async function find (processName: string, id: string): Promise<Found> {
    const key = keyOfJob(id, processName)
    const root = key === undefined ? undefined : await queues.get(EVENTS_QUEUE, key)
    const record = root?.data as EventRecord | undefined
    // A job is kept longer than its event: when that is gone, the lookups are asked.
    const queue = record === undefined ? lookups().processes.get(processName)?.queue : record.jobs.find((one) => one.id === id && one.process === processName)?.queue
    if (key === undefined || queue === undefined) throw missing(processName, id)
    const [live, cancelled, gate] = await queues.getMany([{ queue, id }, { queue: CANCELLED_QUEUE, id }, { queue: GATES_QUEUE, id: gateIdOf(id) }])
    const job = live ?? cancelled ?? gate
    if (job === undefined) throw missing(processName, id)
    return { job, key }
  }

  const missing = (processName: string, id: string): Error => lookups().processes.has(processName) ? errors.jobNotFound(processName, id) : errors.unknownProcess(processName)

  async function get (processName: string, id: string): Promise<JobView> {
    const { job } = await find(processName, id)
    return toView(job, hasEnded(statusOf(job)) ? null : await waitingFor(job))
  }

  async function waitFor (processName: string, id: string, waitMs: number, signal?: AbortSignal): Promise<JobView> {
    const end = Date.now() + waitMs
    for (let pause = POLL_FIRST_MS; ; pause = Math.min(pause * 2, POLL_MAX_MS)) {
      const view = await get(processName, id)
      const left = end - Date.now()
      if (hasEnded(view.status) || left <= 0 || signal?.aborted === true) return view
      await sleep(Math.min(pause, left), undefined, signal === undefined ? {} : { signal }).catch(() => {})
    }
  }

  async function waitingFor (job: StoredJob): Promise<string | null> {
    if (job.queue === GATES_QUEUE) return (job.progress as { waiting_for?: string } | undefined)?.waiting_for ?? 'a look at its gate'
    if (job.state === 'active' || job.state === 'blocked') return (job.progress as { waiting_for?: string } | undefined)?.waiting_for ?? null
    if (await isProcessPaused(queues, job.name)) return `process ${job.name} is paused`
    const { paused, workers, waiting } = await queues.counts(job.queue)
    if (paused) return `queue ${job.queue} is paused`
    if (workers === 0) return `a worker: none is connected to queue ${job.queue}`
    if (job.state === 'delayed') return job.attemptsMade > 0 ? `its next attempt at ${instant(job.readyAt)}: ${job.attemptsMade} of ${job.maxAttempts} have failed` : 'room: its process runs as many jobs as it may'
    return `a free worker of queue ${job.queue}, where ${waiting} ${waiting === 1 ? 'job waits' : 'jobs wait'}`
  }

  async function list (processName: string, { status, subject, limit, cursor }: Parameters<Jobs['list']>[1]): Promise<{ items: JobView[], next: string | null }> {
    const definition = lookups().processes.get(processName)
    if (definition === undefined) throw errors.unknownProcess(processName)
    const states = status === undefined ? undefined : statesOf(status)
    const items: JobView[] = []
    const end = Date.now() + LIST_MS
    let next = cursor
    // A page of the datastore may hold few that match: the rest is left to the next request.
    do {
      const found = await queues.list({ kind: 'jobs', queue: definition.queue, name: processName, ...(states === undefined ? {} : { states }) }, { limit: limit - items.length, cursor: next })
      const views = found.items.map((job) => toView(job, null))
      items.push(...views.filter((job) => (status === undefined || job.status === status) && (subject === undefined || job.input?.['subject'] === subject)))
      next = found.next
    } while (next !== undefined && items.length < limit && Date.now() < end)
    return { items, next: next ?? null }
  }

  async function cancel (processName: string, id: string): Promise<JobView> {
    const { job } = await find(processName, id)
    const view = toView(job, null)
    if (hasEnded(view.status)) {
      await Promise.all([queues.remove(job.queue, job.id), queues.remove(CANCELLED_QUEUE, id), queues.remove(GATES_QUEUE, gateIdOf(id)), forgetFiles(queues, id)])
      return { ...view, removed: true }
    }
    if (job.state === 'active' && job.queue !== GATES_QUEUE) return await stopRunning(processName, id)
    switch (await cancelWaiting(job, id)) {
      case 'active': return await stopRunning(processName, id)
      // It ended in between, or another request cancelled it.
      case 'ended': case 'absent': return await get(processName, id)
      default: return { ...view, status: 'cancelled', reason: CANCELLED }
    }
  }

  /** What it was is kept first: a job that is gone from its queue can still be seen and retried. */
  async function cancelWaiting (job: StoredJob, id: string): ReturnType<Queues['removeWaiting']> {
    await queues.addJob({ queue: CANCELLED_QUEUE, id, name: job.name, data: job.data })
    let result = await queues.removeWaiting(job.queue, job.id)
    // A look at a gate takes a moment.
    for (let tries = 0; result === 'active' && job.queue === GATES_QUEUE && tries < GATE_TRIES; tries++) {
      await sleep(POLL_FIRST_MS)
      result = await queues.removeWaiting(job.queue, job.id)
    }
    if (result === 'active' || result === 'ended') await queues.remove(CANCELLED_QUEUE, id)
    return result
  }

  async function stopRunning (processName: string, id: string): Promise<JobView> {
    const { job } = await find(processName, id)
    if ('external' in (lookups().processes.get(processName)?.run ?? {})) throw errors.foreignJobRunning(id)
    await askToStop(queues, job)
    return await waitFor(processName, id, STOP_WAIT_MS)
  }

  async function retry (processName: string, id: string): Promise<JobView> {
    const { job, key } = await find(processName, id)
    const status = statusOf(job)
    if (status !== 'failed' && status !== 'cancelled') throw errors.jobNotFinished(status)
    const { cancel: _cancel, refused: _refused, ...data } = job.data as JobData
    const root = await reopen(key, { job: id, status, ...(job.failedReason === undefined ? {} : { reason: job.failedReason }), at: job.finishedAt ?? job.createdAt })
    const recorded = root.jobs.find((one) => one.id === id)
    const parent = { queue: EVENTS_QUEUE, id: key }
    // The job last: once it runs, the record is sure to see what comes of it.
    if (job.queue === CANCELLED_QUEUE) {
      const queue = recorded?.queue ?? job.queue
      await queues.addChild(parent, recorded?.gated === true ? toGateJob(id, processName, data) : { queue, id, name: processName, data, options: toOptions(lookups().processes.get(processName)) })
      await queues.remove(CANCELLED_QUEUE, id)
    } else if (recorded?.gated === true) {
      // It stands at its gate again, in a round of its own.
      const gate = { queue: GATES_QUEUE, id: gateIdOf(id) }
      const data_ = (await queues.get(gate.queue, gate.id))?.data as JobData | undefined
      if (data_ === undefined) await queues.addChild(parent, toGateJob(id, processName, { ...data, round: (data.round ?? 0) + 1 }))
      else {
        await queues.updateData(gate.queue, gate.id, { ...data_, cancel: undefined, round: ((job.data as JobData).round ?? 0) + 1 })
        await queues.rerun(gate.queue, gate.id)
      }
    } else {
      await queues.updateData(job.queue, id, data)
      await queues.rerun(job.queue, id)
    }
    return await get(processName, id)
  }

  /**
   * Marks the record and puts it back to wait where it has closed: it closes again when the job has ended since.
   * One that is closing at this moment may not have seen the mark; it is waited for.
   */
  async function reopen (key: string, end: JobEnd): Promise<EventRecord> {
    const root = await queues.get(EVENTS_QUEUE, key)
    if (root === undefined) throw errors.eventNotFound(key)
    const known = root.data as EventRecord
    const record: EventRecord = { ...known, ends: [...known.ends ?? [], end].slice(-MAX_ENDS), reopened: { job: end.job, at: Date.now() } }
    await queues.updateData(EVENTS_QUEUE, key, record)
    for (let tries = 0; tries < REOPEN_TRIES; tries++) {
      const state = (await queues.get(EVENTS_QUEUE, key))?.state
      if (state === undefined) throw errors.eventNotFound(key)
      if (isEnded(state)) await queues.rerun(EVENTS_QUEUE, key)
      if (state !== 'active') return record
      await sleep(POLL_FIRST_MS)
    }
    throw errors.beingSettled(key)
  }

  async function logs (processName: string, id: string, start: number, limit: number): Promise<{ lines: string[], total: number }> {
    const { job } = await find(processName, id)
    return await queues.logs(job.queue, id, start, start + limit - 1)
  }

  return { get, waitFor, list, cancel, retry, logs }
}

export const instant = (ms: number | undefined): string | null => ms === undefined ? null : new Date(ms).toISOString()

export const toDispatched = (events: Dispatched[]): JobView['events'] => events.map(({ type, key, refused }) => ({ type, ...(key === undefined ? {} : { id: key }), ...(refused === undefined ? {} : { refused }) }))

export function toView (job: StoredJob, waiting: string | null): JobView {
  if (job.queue === GATES_QUEUE) return toGateView(job, waiting)
  const data = job.data as JobData
  const outcome = (job.returnValue ?? undefined) as Partial<StoredOutcome> | undefined
  const ours = outcome?.settled !== undefined
  const status = statusOf(job)
  return {
    process: job.name,
    id: job.id,
    status,
    input: data.event,
    output: (ours ? outcome.output : job.returnValue) ?? null,
    progress: typeof job.progress === 'object' && job.progress !== null ? job.progress as JobView['progress'] : null,
    attempts: { made: job.attemptsStarted, max: job.maxAttempts },
    worker: hostAndVersion(job.worker),
    reason: job.failedReason ?? (status === 'cancelled' ? CANCELLED : null),
    waiting_for: waiting,
    event: data.key,
    parent: data.parent ?? null,
    absorbed_by: null,
    absorbed: data.absorbed ?? [],
    events: outcome?.settled === true ? toDispatched(outcome.events as Dispatched[]) : [],
    timestamps: { submitted: instant(data.accepted ?? job.createdAt), started: instant(job.startedAt), ended: instant(job.finishedAt) }
  }
}

/** A job that has not been let through: it is known by the job at its gate. */
function toGateView (job: StoredJob, waiting: string | null): JobView {
  const data = job.data as JobData
  const status = statusOf(job)
  return {
    process: job.name,
    id: jobIdOf(data.key, data.process),
    status,
    input: data.event,
    output: null,
    progress: null,
    // Those of its process begin when it is let through.
    attempts: { made: 0, max: data.attempts ?? 1 },
    worker: hostAndVersion(undefined),
    reason: job.failedReason ?? null,
    waiting_for: waiting,
    event: data.key,
    parent: data.parent ?? null,
    absorbed_by: absorberOf(job) ?? null,
    absorbed: [],
    events: [],
    timestamps: { submitted: instant(job.createdAt), started: null, ended: hasEnded(status) ? instant(job.finishedAt) : null }
  }
}
