import type { Logger } from 'pino'
import { gateIdOf } from '../dispatch/gate-key.ts'
import { addressesOf } from '../gates/pending.ts'
import type { Lookups } from '../lookups/lookups.ts'
import type { Announce } from '../notifications/announce.ts'
import { BACKFILLS_QUEUE, CANCELLED_QUEUE, EVENTS_QUEUE, GATES_QUEUE, NOTIFICATIONS_QUEUE, OWN_QUEUES, SCHEDULES_QUEUE, isEnded, type Children, type Queues, type StoredJob, type WorkerHandle, type WorkerJob } from '../../queues/contract.ts'
import { CANCELLED, isCancelled, type Closing, type EventRecord, type GateResult, type Outcome, type RecordedJob } from '../record.ts'
import type { Reports } from '../reporting/reports.ts'
import type { Settle } from '../dispatch/settle.ts'

/** How often a reopened record looks whether the job that was retried has ended. */
const REOPENED_POLL_MS = 1000
const REOPENED_POLL_MAX_MS = 30_000
/** A retry that has not begun by then never will: who asked for it died in between. */
const REOPENED_LIMIT_MS = 5 * 60_000
/** The record itself is never given up, however many pollers die. */
const MAX_STALLED = 1_000_000
const CONCURRENCY = 50

type Dependencies = {
  queues: Queues
  settle: Settle
  announce: Pick<Announce, 'jobs' | 'event'>
  reports: Pick<Reports, 'checking' | 'incomplete' | 'ended'>
  lookups: () => Lookups
  log: Logger
  lockMs: number
  stalledMs: number
  retentionMs: number
  /** How often what is older than the retention is removed. */
  pruneMs: number
  onError: (error: Error) => void
}

/**
 * The worker of the event records: BullMQ hands it a record when all jobs of the event have ended. It settles what is
 * not settled (jobs of foreign workers, jobs whose worker could not), and closes the record.
 */
export function startResultPoller ({ queues, settle, announce, reports, lookups, log, lockMs, stalledMs, retentionMs, pruneMs, onError }: Dependencies): WorkerHandle {
  async function close (job: WorkerJob): Promise<Closing> {
    const record = job.data as EventRecord
    reports.checking(job.id, record)
    if (record.reopened !== undefined) return await closeAgain(job, record, record.reopened)
    // Most records have none: follow-on events that start nothing.
    if (record.jobs.length === 0) return await told(job.id, record, { status: 'complete', jobs: {} })
    return await conclude(job, record, await queues.children(EVENTS_QUEUE, job.id))
  }

  /**
   * A record of which a job was retried: closed when that job has ended since, and the others too. What its children came
   * to is read from the jobs themselves, because PostgreSQL keeps the first reason of a child (seen with BullMQ 6.7).
   */
  async function closeAgain (job: WorkerJob, record: EventRecord, { job: retried, at }: NonNullable<EventRecord['reopened']>): Promise<Closing> {
    const [cancelled, ...found] = await queues.getMany([{ queue: CANCELLED_QUEUE, id: retried }, ...record.jobs.flatMap(addressesOf)])
    const sinceMs = Date.now() - at
    const hasBegun = (one: StoredJob | undefined): boolean => (one?.finishedAt ?? cancelled?.createdAt ?? 0) > at || sinceMs > REOPENED_LIMIT_MS
    const isOpen = (one: StoredJob | undefined): boolean => one !== undefined && !isEnded(one.state)
    const isAwaited = ({ id }: RecordedJob, i: number): boolean => id === retried && ![found[2 * i], found[2 * i + 1]].some((one) => hasBegun(one))
    if (found.some(isOpen) || record.jobs.some(isAwaited)) {
      reports.incomplete(job.id, record)
      throw await job.postpone(Math.min(Math.max(REOPENED_POLL_MS, sinceMs / 10), REOPENED_POLL_MAX_MS))
    }
    const completed = new Map<string, unknown>()
    const failed = new Map<string, string>()
    for (const one of found) {
      if (one?.state === 'completed') completed.set(one.id, one.returnValue)
      if (one?.state === 'failed') failed.set(one.id, one.failedReason ?? '')
    }
    return await conclude(job, record, { completed, failed })
  }

  async function conclude (job: WorkerJob, record: EventRecord, { completed, failed }: Pick<Children, 'completed' | 'failed'>): Promise<Closing> {
    const jobs: Closing['jobs'] = {}
    // Its jobs are removed one day, and when they ended is to be known still.
    const ended = record.keep === true ? await endsOf(record) : new Map<string, number>()
    for (const one of record.jobs) {
      const { id } = one
      const gate = completed.get(gateIdOf(id)) as GateResult | undefined
      if (completed.has(id)) jobs[id] = { status: 'complete', events: await settle(record, job.id, one, completed.get(id)) }
      else if (gate !== undefined && 'absorbed' in gate) jobs[id] = { status: 'absorbed', absorbedBy: gate.absorbed.job, events: [] }
      else jobs[id] = { ...failure(failed.get(id) ?? failed.get(gateIdOf(id))), events: [] }
    }
    for (const [id, at] of ended) if (jobs[id] !== undefined) jobs[id] = { ...jobs[id], at }
    const closing: Closing = { status: overall(Object.values(jobs).map((one) => one.status)), jobs }
    if (closing.status !== 'complete') log.warn({ event: job.id, type: job.name, status: closing.status }, 'event ended')
    else log.debug({ event: job.id, type: job.name }, 'event ended')
    await announce.jobs(record)
    return await told(job.id, record, closing)
  }

  /** Who asked for it is told before the record closes: if that fails, it is done again. */
  async function told (key: string, record: EventRecord, closing: Closing): Promise<Closing> {
    await announce.event(key, record, closing)
    reports.ended(key, record, closing)
    return closing
  }

  async function endsOf ({ jobs }: EventRecord): Promise<Map<string, number>> {
    const found = await queues.getMany(jobs.flatMap(addressesOf))
    return new Map(jobs.flatMap(({ id }, i) => {
      const at = found[2 * i]?.finishedAt ?? found[2 * i + 1]?.finishedAt
      return at === undefined ? [] : [[id, at]]
    }))
  }

  async function prune (): Promise<void> {
    const names = new Set([...[...lookups().processes.values()].map(({ queue }) => queue), ...await queues.busyQueues()])
    for (const own of OWN_QUEUES) names.delete(own)
    await queues.prune(EVENTS_QUEUE, retentionMs, 'ended')
    for (const name of [...names, GATES_QUEUE, SCHEDULES_QUEUE, BACKFILLS_QUEUE, NOTIFICATIONS_QUEUE]) await queues.prune(name, retentionMs * 2, 'ended')
    // What was cancelled lies there for ever else: no worker takes it.
    await queues.prune(CANCELLED_QUEUE, retentionMs * 2, 'waiting')
  }

  const worker = queues.worker(EVENTS_QUEUE, close, { concurrency: CONCURRENCY, lockMs, stalledMs, maxStalled: MAX_STALLED, onError })
  const timer = setInterval(() => { prune().catch(onError) }, pruneMs)
  return {
    ...worker,
    close: async () => {
      clearInterval(timer)
      await worker.close()
    }
  }
}

/** A job without value and without reason was removed while it waited: cancelled. */
function failure (reason: string | undefined): { status: Outcome, reason?: string } {
  if (reason === undefined || reason === CANCELLED) return { status: 'cancelled' }
  return { status: isCancelled(reason) ? 'cancelled' : 'failed', reason }
}

/** One failed job makes a failed event; without one, one cancelled job makes a cancelled event. */
export function overall (statuses: Outcome[]): Closing['status'] {
  if (statuses.includes('failed')) return 'failed'
  return statuses.includes('cancelled') ? 'cancelled' : 'complete'
}
