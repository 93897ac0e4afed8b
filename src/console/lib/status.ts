import type { BackfillStatus } from '../../schemas/backfills.ts'
import type { EventStatus } from '../../schemas/events.ts'
import type { JobStatus } from '../../schemas/jobs.ts'
import type { StepView } from '../../schemas/steps.ts'

export type AnyStatus = JobStatus | EventStatus | BackfillStatus | StepView['status'] | 'paused' | 'waiting'

type Shown = { mark: string, word: string, tone: 'good' | 'bad' | 'busy' | 'wait' | 'taken' | 'off' }

/**
 * A status is told by mark, word and colour, never by colour alone. The marks are those of the command line, but for
 * that of a pause, which few fonts have.
 */
const SHOWN: Record<AnyStatus, Shown> = {
  deferred: { mark: '◌', word: 'deferred', tone: 'wait' },
  submitted: { mark: '○', word: 'queued', tone: 'wait' },
  waiting: { mark: '○', word: 'waiting', tone: 'wait' },
  running: { mark: '▶', word: 'running', tone: 'busy' },
  incomplete: { mark: '▶', word: 'under way', tone: 'busy' },
  complete: { mark: '✔', word: 'complete', tone: 'good' },
  failed: { mark: '✖', word: 'failed', tone: 'bad' },
  cancelled: { mark: '⊘', word: 'cancelled', tone: 'off' },
  absorbed: { mark: '⇒', word: 'absorbed', tone: 'taken' },
  reused: { mark: '↺', word: 'reused', tone: 'taken' },
  interrupted: { mark: '⊘', word: 'interrupted', tone: 'off' },
  paused: { mark: '‖', word: 'paused', tone: 'off' }
}

/** A newer service may have words that this page does not know. */
export const shownAs = (status: string): Shown =>
  (SHOWN as Record<string, Shown | undefined>)[status] ?? { mark: '·', word: status, tone: 'off' }

const ENDED = new Set<string>(['complete', 'failed', 'cancelled', 'absorbed'])
export const hasEnded = (status: string): boolean => ENDED.has(status)

export const JOB_STATUS_NAMES: readonly JobStatus[] = [
  'failed',
  'running',
  'submitted',
  'deferred',
  'complete',
  'cancelled',
  'absorbed'
]
export const EVENT_STATUS_NAMES: readonly EventStatus[] = ['failed', 'incomplete', 'complete', 'cancelled']
