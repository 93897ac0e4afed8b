import { once } from 'node:events'
import type { Logger } from 'pino'
import { SignalboxError } from '../../base/errors.ts'
import type { Ledger } from '../../ledger/contract.ts'
import type { WorkerHandle, WorkerJob, Work } from '../../queues/work.ts'
import { TransientError } from '../../runners/http/exchange.ts'
import type { Target } from '../../schemas/notify.ts'
import { readRoundId } from '../documents/names.ts'
import type { Metrics } from '../metrics.ts'
import { NOTIFICATIONS_QUEUE } from '../own-queues.ts'
import { readEventEnd, type EventEnd } from './event-end.ts'
import { countSent, rememberFailed } from './failed.ts'
import { rememberNotice, type EndedNotice } from './of-job.ts'
import { endOf, eventNotice, type Hide, type Notice } from './notice.ts'
import { readNoticeData, type NoticeData } from './notice-data.ts'
import type { Send } from './send.ts'

const CONCURRENCY = 10
const MAX_STALLED = 1_000_000
const MAX_REASON = 1000
/** What is under way at the end may take so long; then it is left to the next who starts. */
const CLOSE_MS = 5000
const HAND_BACK_MS = 100
const AGAIN_MS = 1000
/** A receiver that says when to come again is not counted a try, for so long. */
const PATIENCE_MS = 3_600_000
/** Between two looks at an event whose work another job does: the longer it waits, the longer. */
const LOOK_MIN_MS = 250
const LOOK_MAX_MS = 30_000

/** What is reported of an event. */
export type EventReports = {
  /** All of its jobs have ended, as far as is known. */
  checking: (end: EventEnd) => void
  /** One of them has not: it is looked at again. */
  incomplete: (end: EventEnd) => void
  ended: (end: EventEnd) => void
}

type Dependencies = {
  ledger: Pick<Ledger, 'get' | 'list' | 'count' | 'commit'>
  work: Pick<Work, 'worker'>
  send: Send
  reports: EventReports
  /** Takes secrets out of an error. */
  hide: Hide
  now: () => number
  metrics: Pick<Metrics, 'notified'>
  log: Logger
  lockMs: number
  stalledMs: number
  onError: (error: Error) => void
}

type State = Dependencies & { closing: AbortController }

/** The worker of the notices: sends each, again after a pause where it could not, and says so where it gives one up. */
export function startNotificationSender (dependencies: Dependencies): Pick<WorkerHandle, 'close'> {
  const { work, lockMs, stalledMs, onError } = dependencies
  const state: State = { ...dependencies, closing: new AbortController() }
  const worker = work.worker(NOTIFICATIONS_QUEUE, (job) => run(state, job), {
    concurrency: CONCURRENCY,
    lockMs,
    stalledMs,
    maxStalled: MAX_STALLED,
    onError
  })
  return {
    close: async () => {
      const late = setTimeout(() => { state.closing.abort() }, CLOSE_MS)
      await worker.close().finally(() => { clearTimeout(late) })
    }
  }
}

async function run (state: State, job: WorkerJob): Promise<void> {
  if (state.closing.signal.aborted) throw await job.postpone(HAND_BACK_MS)
  const data = readNoticeData(job.data)
  if ('notice' in data) return await sendOne(state, job, data)
  const key = 'report' in data ? data.report : data.event
  const end = await orLater(state, job, readEventEnd(state.ledger, key))
  if (end !== undefined && 'report' in data) state.reports.checking(end)
  // One that is gone tells nothing, and of one whose job was retried meanwhile the end of that retry will.
  if (end === undefined || end.open > 0) return
  if (end.status === 'incomplete') {
    if ('report' in data) state.reports.incomplete(end)
    throw await job.postpone(Math.min(Math.max((state.now() - end.endedAt) / 4, LOOK_MIN_MS), LOOK_MAX_MS))
  }
  if ('report' in data) return state.reports.ended(end)
  const notice = toAsked(data, end, state.hide)
  if (notice !== undefined) await sendOne(state, job, { target: data.target, notice })
}

function toAsked ({ on }: Extract<NoticeData, { on: unknown }>, end: EventEnd, hide: Hide): Notice | undefined {
  const notice = eventNotice(end, hide)
  return notice !== undefined && on.includes(endOf(notice)) ? notice : undefined
}

async function sendOne (state: State, job: WorkerJob, told: { target: Target, notice: Notice }): Promise<void> {
  const { ledger, send, metrics, log, closing } = state
  const { job: id } = readRoundId(job.id)
  const { target, notice } = told
  const fields = { notification: id, kind: target.kind, block: target.block, [notice.about]: notice.id }
  try {
    const sent = await orClosing(state, send(id, told, closing.signal))
    metrics.notified(target.kind, 'sent')
    if (sent.rejected === undefined) log.debug(fields, 'notification sent')
    else log.warn({ ...fields, rejected: sent.rejected }, 'notification sent, and refused for some recipients')
  } catch (error) {
    return await notSent(state, job, told, error)
  }
  // It is sent: a count that cannot be written must not send it twice.
  await countSent(ledger).catch(state.onError)
  await tellJob(state, notice, { id, target, status: 'sent', attempts: job.attempt, at: state.now() })
}

async function notSent (
  state: State,
  job: WorkerJob,
  { target, notice }: { target: Target, notice: Notice },
  error: unknown
): Promise<void> {
  const { ledger, metrics, log, closing, now } = state
  if (closing.signal.aborted) throw await job.postpone(HAND_BACK_MS)
  const wait = error instanceof TransientError ? error.retryAfterMs : 0
  if (wait > 0 && Date.now() - job.createdAt < PATIENCE_MS) throw await job.postpone(wait)
  const { job: id, round } = readRoundId(job.id)
  const fields = { notification: id, kind: target.kind, block: target.block, [notice.about]: notice.id }
  const reason = reasonOf(state, error)
  const isLast = isFinal(error) || job.attempt >= job.maxAttempts
  metrics.notified(target.kind, isLast ? 'failed' : 'retried')
  if (!isLast) {
    log.debug({ ...fields, attempt: job.attempt, reason }, 'notification not sent yet')
    throw new Error(reason)
  }
  const failed = { round, target, notice, attempts: job.attempt, reason, created: job.createdAt, givenUp: now() }
  await orLater(state, job, rememberFailed(ledger, id, failed))
  await tellJob(state, notice, { id, target, status: 'failed', attempts: job.attempt, at: failed.givenUp, reason })
  log.error({ ...fields, attempts: job.attempt, reason }, 'notification given up')
}

/** So that its answer shows who was told. */
async function tellJob ({ ledger, onError }: State, notice: Notice, { target, ...ended }: EndedNotice): Promise<void> {
  if (notice.about !== 'job') return
  const { kind, block } = target
  await rememberNotice(ledger, notice.id, { ...ended, target: { kind, block } }).catch(onError)
}

/** A ledger that does not answer costs no try. */
async function orLater<T> ({ onError }: State, job: WorkerJob, work: Promise<T>): Promise<T> {
  return await work.catch(async (error: Error) => {
    onError(error)
    throw await job.postpone(AGAIN_MS)
  })
}

function reasonOf ({ hide }: State, error: unknown): string {
  const message = hide(error instanceof Error ? error.message : String(error))
  return (message === '' ? 'failed without a reason' : message)
    .replaceAll('\0', '\ufffd')
    .toWellFormed()
    .slice(0, MAX_REASON)
}

/** A mail server that has fallen silent must not hold up the end. */
async function orClosing<T> ({ closing }: State, work: Promise<T>): Promise<T> {
  const done = new AbortController()
  try {
    return await Promise.race([
      work,
      once(closing.signal, 'abort', { signal: done.signal }).then(() => {
        throw new Error('closing')
      })
    ])
  } finally {
    done.abort()
  }
}

const isFinal = (error: unknown): boolean =>
  error instanceof SignalboxError && (error.code === 'FINAL' || error.statusCode < 500)
