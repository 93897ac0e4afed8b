import { jobIdOf, type DispatchEvent } from '../../base/event.ts'
import { statusOf } from '../jobs/job-status.ts'
import type { StoredJob } from '../../queues/contract.ts'
import { CANCELLED, type Closing, type EventRecord, type JobData } from '../record.ts'
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

/** Undefined where the job has not ended, or another job does its work. `endedAt` tells one end of a job from the next. */
export function jobNotice (job: StoredJob, hide: Hide): { notice: Notice, endedAt: number } | undefined {
  const status = statusOf(job)
  if (!isEndStatus(status)) return undefined
  const { process: processName, key, event } = job.data as JobData
  // One that was cancelled while it waited has been put aside, and never ended.
  const endedAt = job.finishedAt ?? job.createdAt
  const notice: Notice = {
    about: 'job',
    status,
    name: processName,
    // One that failed at its gate lies there under another id.
    id: jobIdOf(key, processName),
    event: eventOf(key, event),
    reason: status === 'complete' ? null : tell(hide(job.failedReason ?? CANCELLED)),
    ...span(job.finishedAt === undefined ? undefined : job.startedAt, endedAt),
    ...hostAndVersion(job.worker),
    jobs: []
  }
  return { notice, endedAt }
}

export function eventNotice (key: string, record: EventRecord, closing: Closing, endedAt: number, hide: Hide): Notice {
  const jobs = record.jobs.map(({ process: processName, id }) => {
    const { status = 'cancelled', reason } = closing.jobs[id] ?? {}
    return { process: processName, id, status, reason: reason === undefined ? null : tell(hide(reason)) }
  })
  const bad = jobs.filter(({ status }) => status === 'failed' || status === 'cancelled')
  return {
    about: 'event',
    status: closing.status,
    name: record.event.type,
    id: key,
    event: eventOf(key, record.event),
    reason: bad[0]?.reason ?? null,
    ...span(Date.parse(record.received), endedAt),
    host: null,
    version: null,
    jobs: [...bad, ...jobs.filter((job) => !bad.includes(job))].slice(0, MAX_JOBS)
  }
}

const isEndStatus = (status: string): status is EndStatus => Object.hasOwn(ENDS, status)

const eventOf = (id: string, { type, subject }: DispatchEvent): Notice['event'] => ({ id, type, subject: subject ?? null })

const tell = (reason: string): string => reason.toWellFormed().slice(0, MAX_REASON)

function span (startedAt: number | undefined, endedAt: number): Pick<Notice, 'started' | 'ended' | 'duration_ms'> {
  return {
    started: startedAt === undefined ? null : new Date(startedAt).toISOString(),
    ended: new Date(endedAt).toISOString(),
    duration_ms: startedAt === undefined ? null : Math.max(0, endedAt - startedAt)
  }
}
