import { timerMs } from '../../base/deadline.ts'
import { formatDuration } from '../../base/duration.ts'
import { SignalboxError } from '../../base/errors.ts'
import { StillRuns } from '../../runners/failure.ts'
import type { Redactor } from '../../sdk/blocks/redactor.ts'
import { CANCELLED } from '../record.ts'

const MAX_REASON = 4000

/** Why running work is told to stop. */
export type Stop = 'cancelled' | 'timeout' | 'shutdown' | 'lost'

const STOP_REASONS: Record<Stop, string> = {
  cancelled: CANCELLED,
  timeout: 'timed out',
  shutdown: 'the worker shuts down',
  lost: 'the worker lost the job'
}

export type Stopping = {
  signal: AbortSignal
  stop: (why: Stop) => void
  stopped: () => Stop | undefined
  clear: () => void
}

/** The first reason counts: a job that was cancelled during its grace after a timeout has timed out. */
export function createStop (timeoutMs: number | undefined): Stopping {
  const controller = new AbortController()
  let first: Stop | undefined
  const stop = (why: Stop): void => {
    if (first !== undefined) return
    first = why
    controller.abort(Object.assign(new Error(STOP_REASONS[why]), { code: why }))
  }
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => { stop('timeout') }, timerMs(timeoutMs))
  return { signal: controller.signal, stop, stopped: () => first, clear: () => { clearTimeout(timer) } }
}

/** `final`: no attempt may follow. */
export type WorkFailure = { state: 'failed' | 'cancelled', reason: string, final: boolean }

export function toFailure (
  error: unknown,
  stopped: Stop | undefined,
  timeoutMs: number,
  redactor: Pick<Redactor, 'text'>
): WorkFailure {
  // "Cancelled" is said only of work that has stopped.
  if (stopped === 'cancelled' && !(error instanceof StillRuns)) {
    return { state: 'cancelled', reason: CANCELLED, final: true }
  }
  const message = redactor.text(error instanceof Error ? error.message : String(error))
  const detail =
    stopped === 'timeout'
      ? `timed out after ${formatDuration(timeoutMs)}${message === STOP_REASONS.timeout ? '' : `: ${message}`}`
      : message
  // PostgreSQL keeps no U+0000 and no lone surrogates.
  const reason = (detail === '' ? 'failed without a reason' : detail)
    .replaceAll('\0', '\ufffd')
    .toWellFormed()
    .slice(0, MAX_REASON)
    .toWellFormed()
  const final =
    stopped === 'cancelled' || (error instanceof SignalboxError && (error.code === 'FINAL' || error.statusCode < 500))
  return { state: 'failed', reason, final }
}
