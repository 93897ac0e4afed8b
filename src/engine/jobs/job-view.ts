import type { DispatchEvent } from '../../base/event.ts'
import type { StoredJob } from '../../queues/work.ts'
import type { JobStatus, JobView } from '../../schemas/jobs.ts'
import type { JobFacts } from '../dispatch/ending.ts'
import { toActs } from '../documents/acts.ts'
import type { Handled } from '../documents/job.ts'
import type { Dispatched } from '../record.ts'
import { hasEnded, statusOfJob } from './job-status.ts'
import { hostAndVersion } from './worker-name.ts'

const toText = (ms: number): string => new Date(ms).toISOString()

export const instant = (ms: number | undefined): string | null => ms === undefined ? null : toText(ms)

export type Instants = (ms: number) => string

/** For very many of which most are alike: a time that was written before is not written anew. */
export function createInstants (): Instants {
  const known = new Map<number, string>()
  return (ms) => {
    let text = known.get(ms)
    if (text === undefined) known.set(ms, text = toText(ms))
    return text
  }
}

export function toDispatched (events: Dispatched[]): JobView['events'] {
  return events.map(({ type, key, refused }) => ({ type, id: key, refused }))
}

/** What a view of a job is made of, beside the ledger's facts. */
export type Seen = {
  /** As its queue has it, where it does. */
  stored: StoredJob | undefined
  /** The event with which it runs. */
  input: DispatchEvent
  absorbed: JobView['absorbed']
  waitingFor: string | null
  /** How often its process is tried, by the lookups. */
  maxAttempts: number
}

/** A job as it is told. Pure. */
export function toJobView (facts: JobFacts, { stored, input, absorbed, waitingFor, maxAttempts }: Seen): JobView {
  const { key, event, job, document } = facts
  const status = statusOfJob(facts, stored?.state)
  const isRunning = status === 'running'
  const attempts = document?.attempts ?? []
  const last = attempts.at(-1)
  const made = attempts.filter(({ round }) => round === (document?.round ?? 0)).length
  return {
    process: job.process,
    id: job.id,
    status,
    input,
    output: document?.output ?? null,
    progress: progressOf(hasEnded(status) ? document?.progress : stored?.progress),
    attempts: {
      made: made + (isRunning ? 1 : 0),
      max: stored?.maxAttempts ?? maxAttempts,
      list: attempts.map(({ round, attempt, started, ended, worker, reason }) => ({
        round,
        attempt,
        started: new Date(started).toISOString(),
        ended: new Date(ended).toISOString(),
        worker: hostAndVersion(worker),
        reason: reason ?? null
      }))
    },
    worker: hostAndVersion(isRunning ? stored?.worker : last?.worker),
    taken_over: document?.taken ?? 0,
    reason: document?.reason ?? (isRunning || !hasEnded(status) ? reasonOfLast(last, document?.round) : null),
    waiting_for: hasEnded(status) ? null : waitingFor,
    event: key,
    parent: event.parent ?? null,
    absorbed_by: document?.by ?? null,
    ...handledOf(document?.handled),
    absorbed,
    events: toDispatched(document?.events ?? []),
    acts: toActs(document?.acts),
    timestamps: timestampsOf(facts, status, stored)
  }
}

/** When a job came where: to its gate, on its queue, to a worker, to its end. */
export function timestampsOf (
  { event, job, document }: Pick<JobFacts, 'event' | 'job' | 'document'>,
  status: JobStatus,
  stored: StoredJob | undefined,
  write: Instants = toText
): JobView['timestamps'] {
  const instant = (ms: number | undefined): string | null => ms === undefined ? null : write(ms)
  const last = document?.attempts.at(-1)
  const isFirst = (document?.round ?? 0) === 0
  return {
    submitted: instant(event.at),
    gated: job.gate === undefined ? null : instant(isFirst ? event.at : document?.gatedAt),
    queued: instant(document?.queuedAt ?? (job.gate === undefined && isFirst ? event.at : undefined)),
    started: instant(status === 'running' ? stored?.startedAt : last?.started),
    ended: hasEnded(status) ? instant(document?.at) : null
  }
}

function handledOf (handled: Handled | undefined): Pick<JobView, 'made_good_by' | 'dismissed'> {
  if (handled?.how !== 'dismissed') return { made_good_by: handled?.by ?? null, dismissed: null }
  const { by, at, note = null } = handled
  return { made_good_by: null, dismissed: { by, at: new Date(at).toISOString(), note } }
}

function reasonOfLast (last: { round: number, reason?: string | undefined } | undefined, round = 0): string | null {
  return last !== undefined && last.round === round ? last.reason ?? null : null
}

export function progressOf (progress: unknown): JobView['progress'] {
  return typeof progress === 'object' && progress !== null ? progress as JobView['progress'] : null
}
