import type { EventSummary } from '../../schemas/events.ts'
import type { JobFileView } from '../../schemas/files.ts'
import type { JobEmail, JobFailures, JobLog, JobStatus, JobView } from '../../schemas/jobs.ts'
import type { DismissAnswer, FailureGroups, RetryAnswer } from '../../schemas/redrive.ts'
import type { Page } from '../answers.ts'
import type { Calls } from '../calls.ts'
import { follow, type FollowOptions } from '../follow.ts'
import type {
  Cursor, DismissFilter, FailedFilter, JobFilter, LogOptions, PageOptions, RetryFilter, Signal
} from '../requests.ts'
import { pages, toInstant } from './pages.ts'

const MAX_WAIT_S = 60
const LOG_WAIT_S = 20
const LOG_PAGE = 5000
/** Longer than other answers may take those to a request for many. */
export const BULK_MS = 60_000
const ENDED: ReadonlySet<JobStatus> = new Set(['complete', 'failed', 'cancelled', 'absorbed'])

export const jobs = ({ ask }: Calls) => {
  /** `wait`: seconds, at most 60, after which it is answered although the job has not ended. */
  async function getJob (
    processName: string,
    id: string,
    { wait, signal }: { wait?: number | undefined } & Signal = {}
  ): Promise<JobView> {
    return await ask('getJob', { in: [processName, id], query: { wait }, waitMs: (wait ?? 0) * 1000, signal })
  }

  /** One page, newest first; `jobs` goes through all. */
  async function listJobs (processName: string, filter: JobFilter & Cursor = {}): Promise<Page<JobView>> {
    const { status, subject, limit, cursor } = filter
    return await ask('listJobs', { in: [processName], query: { status, subject, limit, cursor } })
  }

  /** One page of the failed jobs of all processes, the last failure first; `failedJobs` goes through all. */
  async function listFailedJobs (filter: FailedFilter & Cursor = {}): Promise<Page<JobView>> {
    const { since, until, ...rest } = filter
    const query = { ...rest, status: 'failed', since: toInstant(since), until: toInstant(until) }
    return await ask('listFailedJobs', { query })
  }

  return {
    getJob,
    listJobs,
    listFailedJobs,

    async getJobLog (
      processName: string,
      id: string,
      { start, tail, limit, wait, signal }: LogOptions & Signal = {}
    ): Promise<JobLog> {
      const query = { start, tail, limit, wait }
      return await ask('getJobLog', { in: [processName, id], query, waitMs: (wait ?? 0) * 1000, signal })
    },

    /** The lines of a log as they are written, until the job has ended. */
    async * followJobLog (processName: string, id: string, { start = 0, signal }: { start?: number } & Signal = {}):
    AsyncGenerator<string, void, undefined> {
      for (let next = start; ;) {
        const query = { start: next, limit: LOG_PAGE, wait: LOG_WAIT_S }
        const log: JobLog = await ask('getJobLog', { in: [processName, id], query, waitMs: LOG_WAIT_S * 1000, signal })
        yield * log.lines
        next = log.start + log.lines.length
        if (log.ended && next >= log.total) return
      }
    },

    /** Why the job failed; empty where it did not. */
    async failures (processName: string, id: string): Promise<JobFailures> {
      return await ask('getJob', { in: [processName, id], query: { format: 'failures' } })
    },

    /** The job with subject and body of a mail that tells of it. Nothing is sent. */
    async email (processName: string, id: string, address: string): Promise<JobEmail> {
      return await ask('getJob', { in: [processName, id], query: { format: 'email', email: address } })
    },

    /** All jobs of a process, newest first. `limit` is the length of a page. */
    jobs (processName: string, filter: JobFilter = {}): AsyncGenerator<JobView, void, undefined> {
      return pages((cursor) => listJobs(processName, { ...filter, cursor }))
    },

    /** A job that still says `running` has been told to stop; one that had ended is removed. */
    async cancelJob (processName: string, id: string): Promise<JobView> {
      return await ask('cancelJob', { in: [processName, id] })
    },

    /** Runs a failed or cancelled job again, under the same id. */
    async retryJob (processName: string, id: string): Promise<JobView> {
      return await ask('retryJob', { in: [processName, id] })
    },

    /** The failed jobs by process and cause, the largest group first. */
    async groupFailedJobs ({ since, until, ...filter }: FailedFilter & Cursor = {}): Promise<FailureGroups> {
      return await ask('groupFailedJobs', { query: { ...filter, since: toInstant(since), until: toInstant(until) } })
    },

    /** Takes failures off the list of those that somebody has to look at; `next` as for `retryJobs`. */
    async dismissJobs ({ since, until, ...filter }: DismissFilter & Cursor): Promise<DismissAnswer> {
      const body = { ...filter, since: toInstant(since), until: toInstant(until) }
      return await ask('dismissJobs', { body, waitMs: BULK_MS })
    },

    /** The same for one job. */
    async dismissJob (processName: string, id: string, note?: string): Promise<JobView> {
      return await ask('dismissJob', { in: [processName, id], body: { note } })
    },

    /** Puts a failure that was dismissed back on the list. */
    async restoreJob (processName: string, id: string): Promise<JobView> {
      return await ask('restoreJob', { in: [processName, id] })
    },

    /** All failed jobs, the last failure first. `limit` is the length of a page. */
    failedJobs (filter: FailedFilter = {}): AsyncGenerator<JobView, void, undefined> {
      return pages((cursor) => listFailedJobs({ ...filter, cursor }))
    },

    /** Runs failed jobs again, each under its id; at most `limit`, and `next` is the `cursor` with which to go on. */
    async retryJobs ({ since, until, ...filter }: RetryFilter & Cursor): Promise<RetryAnswer> {
      const body = { ...filter, since: toInstant(since), until: toInstant(until) }
      return await ask('retryJobs', { body, waitMs: BULK_MS })
    },

    /** Resolves when the job has ended, or as it is after `timeoutMs`. */
    async waitForJob (processName: string, id: string, options: FollowOptions<JobView> = {}): Promise<JobView> {
      const { onUpdate, signal, timeoutMs = Infinity } = options
      const end = performance.now() + timeoutMs
      // The service answers at the end of the job; who wants to see it come asks more often.
      const longest = onUpdate === undefined ? MAX_WAIT_S : 0
      const leftS = (): number => Math.max(0, Math.min(longest, (end - performance.now()) / 1000))
      const askAgain = (): Promise<JobView> => getJob(processName, id, { wait: leftS(), signal })
      return await follow({ ask: askAgain, isEnd: ({ status }) => ENDED.has(status) }, options)
    },

    /** One page of its follow-on events, in the order of its result. */
    async listJobEvents (
      processName: string,
      id: string,
      { limit, cursor }: PageOptions = {}
    ): Promise<Page<EventSummary>> {
      return await ask('listJobEvents', { in: [processName, id], query: { limit, cursor } })
    },

    /** One page of the files that a job has written, each with a link that anybody can use for a while. */
    async listJobFiles (
      processName: string,
      id: string,
      { limit, cursor }: PageOptions = {}
    ): Promise<Page<JobFileView> & { unlisted: number }> {
      return await ask('listJobFiles', { in: [processName, id], query: { limit, cursor } })
    }
  }
}
