import { once } from 'node:events'
import type { Logger } from 'pino'
import { SignalboxError } from '../../base/errors.ts'
import type { Metrics } from '../metrics.ts'
import { FinalFailure, NOTIFICATIONS_QUEUE, type Queues, type WorkerHandle, type WorkerJob } from '../../queues/contract.ts'
import { TransientError } from '../../runners/http/exchange.ts'
import type { NotificationData } from './announce.ts'
import { rememberFailed } from './failed.ts'
import type { Send } from './send.ts'

const CONCURRENCY = 10
const MAX_STALLED = 1_000_000
const MAX_REASON = 1000
/** What is under way at the end may take so long; then it is left to the next who starts. */
const CLOSE_MS = 5000
const HAND_BACK_MS = 100
/** A receiver that says when to come again is not counted a try, for so long. */
const PATIENCE_MS = 3_600_000

type Dependencies = {
  queues: Pick<Queues, 'worker' | 'mark' | 'marked' | 'unmark'>
  send: Send
  /** Takes secrets out of an error. */
  hide: (text: string) => string
  metrics: Pick<Metrics, 'notified'>
  log: Logger
  lockMs: number
  stalledMs: number
  onError: (error: Error) => void
}

/** The worker of the notices: sends each, again after a pause where it could not, and says so where it gives one up. */
export function startNotificationSender ({ queues, send, hide, metrics, log, lockMs, stalledMs, onError }: Dependencies): WorkerHandle {
  const closing = new AbortController()

  async function run (job: WorkerJob): Promise<{ rejected?: string[] }> {
    if (closing.signal.aborted) throw await job.postpone(HAND_BACK_MS)
    const data = job.data as NotificationData
    const fields = { notification: job.id, kind: data.target.kind, block: data.target.block, [data.notice.about]: data.notice.id }
    try {
      const sent = await orClosing(send(job.id, data, closing.signal))
      metrics.notified(data.target.kind, 'sent')
      if (sent.rejected === undefined) log.debug(fields, 'notification sent')
      else log.warn({ ...fields, rejected: sent.rejected }, 'notification sent, and refused for some recipients')
      return sent
    } catch (error) {
      if (closing.signal.aborted) throw await job.postpone(HAND_BACK_MS)
      const wait = error instanceof TransientError ? error.retryAfterMs : 0
      if (wait > 0 && Date.now() - job.createdAt < PATIENCE_MS) throw await job.postpone(wait)
      const reason = reasonOf(error)
      const last = isFinal(error) || job.attempt >= job.maxAttempts
      metrics.notified(data.target.kind, last ? 'failed' : 'retried')
      if (!last) {
        log.debug({ ...fields, attempt: job.attempt, reason }, 'notification not sent yet')
        throw new Error(reason)
      }
      // Before it is written down as failed: a list may name one that is still under way, never lack one.
      await rememberFailed(queues, job.id)
      log.error({ ...fields, attempts: job.attempt, reason }, 'notification given up')
      throw new FinalFailure(reason)
    }
  }

  function reasonOf (error: unknown): string {
    const message = hide(error instanceof Error ? error.message : String(error))
    return (message === '' ? 'failed without a reason' : message).replaceAll('\0', '\ufffd').toWellFormed().slice(0, MAX_REASON)
  }

  /** A mail server that has fallen silent must not hold up the end. */
  async function orClosing<T> (work: Promise<T>): Promise<T> {
    const done = new AbortController()
    try {
      return await Promise.race([work, once(closing.signal, 'abort', { signal: done.signal }).then(() => { throw new Error('closing') })])
    } finally {
      done.abort()
    }
  }

  const worker = queues.worker(NOTIFICATIONS_QUEUE, run, { concurrency: CONCURRENCY, lockMs, stalledMs, maxStalled: MAX_STALLED, onError })
  return {
    ...worker,
    close: async () => {
      const late = setTimeout(() => { closing.abort() }, CLOSE_MS)
      await worker.close().finally(() => { clearTimeout(late) })
    }
  }
}

const isFinal = (error: unknown): boolean => error instanceof SignalboxError && (error.code === 'FINAL' || error.statusCode < 500)
