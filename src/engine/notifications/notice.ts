import type { DispatchEvent } from '../../base/event.ts'
import type { JobEnd } from '../dispatch/core.ts'
import { CANCELLED } from '../record.ts'
import type { EventEnd } from './event-end.ts'
import { hostAndVersion } from '../jobs/worker-name.ts'
import type { End } from '../../schemas/notify.ts'

const MAX_REASON = 2000
/** Jobs of an event that are told one by one. */
const MAX_JOBS = 20

const ENDS = { complete: 'success', failed: 'failure', cancelled: 'cancelled' } as const satisfies Record<string, End>
type EndStatus = keyof typeof ENDS

/** What is told of an end. Stored with the job that tells it, and sent to webhooks as it is. */
export type Notice = {
  about: 'job' | 'event'
  status: EndStatus
  /** The process of the job, or the type of the event. */
  name: string
  id: string
  event: { id: string, type: string, subject: string | null }
  reason: string | null
  started: string | null
  ended: string
  duration_ms: number | null
  host: string | null
  version: string | null
  /** Of an event: what its jobs came to, those that did not complete first. */
  jobs: Array<{ process: string, id: string, status: string, reason: string | null }>
}

/** Takes secrets out of a text, before it is cut. */
export type Hide = (text: string) => string

export const endOf = ({ status }: Pick<Notice, 'status'>): End => ENDS[status]

/** Undefined where another job does its work. */
export function jobNotice ({ key, event: { event }, job, document }: JobEnd, hide: Hide): Notice | undefined {
  const { state: status, reason = CANCELLED, at } = document
  if (!isEndStatus(status)) return undefined
  // One that was cancelled while it waited has not begun in this round.
  const last = document.attempts.findLast(({ round }) => round === document.round)
  return {
    about: 'job',
    status,
    name: job.process,
    id: job.id,
    event: eventOf(key, event),
    reason: status === 'complete' ? null : tell(hide(reason)),
    ...span(last?.started, at),
    ...hostAndVersion(last?.worker),
    jobs: []
  }
}

/** Undefined where it has not ended. */
export function eventNotice (
  { key, event: { event, at }, status, endedAt, jobs: outcomes }: EventEnd,
  hide: Hide
): Notice | undefined {
  if (!isEndStatus(status)) return undefined
  const jobs = outcomes.map(({ process: processName, id, status, reason }) => ({
    process: processName,
    id,
    status,
    reason: reason === null ? null : tell(hide(reason))
  }))
  const bad = jobs.filter(({ status }) => status === 'failed' || status === 'cancelled')
  return {
    about: 'event',
    status,
    name: event.type,
    id: key,
    event: eventOf(key, event),
    reason: bad[0]?.reason ?? null,
    ...span(at, endedAt),
    host: null,
    version: null,
    jobs: [...bad, ...jobs.filter((job) => !bad.includes(job))].slice(0, MAX_JOBS)
  }
}

const isEndStatus = (status: string): status is EndStatus => Object.hasOwn(ENDS, status)

const eventOf = (id: string, { type, subject }: DispatchEvent): Notice['event'] => ({
  id,
  type,
  subject: subject ?? null
})

const tell = (reason: string): string => reason.toWellFormed().slice(0, MAX_REASON)

function span (startedAt: number | undefined, endedAt: number): Pick<Notice, 'started' | 'ended' | 'duration_ms'> {
  return {
    started: startedAt === undefined ? null : new Date(startedAt).toISOString(),
    ended: new Date(endedAt).toISOString(),
    duration_ms: startedAt === undefined ? null : Math.max(0, endedAt - startedAt)
  }
}
