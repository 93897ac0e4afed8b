import { uuidv7 } from 'uuidv7'
import type { ReplayAnswer, ReplayAs, RetryAnswer } from '../schemas/redrive.ts'
import type { EventStatus, EventSummary, EventTree, HistoryRecord } from '../schemas/events.ts'
import type { JobAddress, JobEmail, JobFailures, JobLog, JobStatus, JobView } from '../schemas/jobs.ts'
import type { PlanView } from '../schemas/submit.ts'
import type { StreamMessage } from '../schemas/stream.ts'
import type { Dispatch, NewBackfill, Page, SearchAnswer, Submission } from './answers.ts'
import type { EventTypes, ProcessView, Processes, QueueView } from '../schemas/lookups.ts'
import type { ReadyView } from '../schemas/health.ts'
import type { BlockView } from '../schemas/blocks.ts'
import type { JobFileView } from '../schemas/files.ts'
import type { BackfillView } from '../schemas/backfills.ts'
import type { ScheduleView } from '../schemas/schedules.ts'
import { EventClientError } from './event-client-error.ts'
import { createExchange, type Answer, type Call, type Exchange } from './exchange.ts'
import { listen } from './listen.ts'
import { poll, type PollOptions } from './poll.ts'
import { readJsonLines } from './json-lines.ts'
import { readStream } from './read-stream.ts'
import type { Cursor, EventClientOptions, EventFilter, FailedFilter, JobFilter, NewEvent, ReplayFilter, RetryFilter, SearchOptions, Source } from './requests.ts'

export type { EventClientOptions, EventFilter, FailedFilter, JobFilter, NewEvent, ReplayFilter, RetryFilter, SearchOptions } from './requests.ts'

export const DEFAULT_URL = 'http://127.0.0.1:3000'
/** The source of an event that has neither id nor source of its own. */
export const CLIENT_SOURCE = '/client'

const MAX_WAIT_S = 60
/** Longer than other answers may take those to a request for many. */
const BULK_MS = 60_000

/**
 * Talks to a Signalbox. All methods reject with EventClientError.
 *
 * Refused and broken connections, 429, 502, 503 and 504 are tried again `retries` times, later each time or when
 * `Retry-After` says. What must not happen twice (`cancelJob`, `retryJob`, `retryJobs`, `replayEvent`) is tried again only where the
 * service cannot have acted on it.
 */
export class EventClient {
  readonly #exchange: Exchange
  readonly #retries: number
  /** Whether it is worth while to ask for a stream. */
  #streams = true

  constructor ({ url = DEFAULT_URL, token, retries = 3, timeoutMs = 30_000, dispatcher }: EventClientOptions = {}) {
    this.#exchange = createExchange({ url, token, retries, timeoutMs, dispatcher })
    this.#retries = retries
  }

  /**
   * Submits an event. One without `id` gets a UUID here (and the source `/client`, unless it has one), so that however
   * often this call has to send it, its work starts once. If the call itself fails and you want to submit the same event
   * again, choose the id yourself.
   */
  async submit (event: NewEvent): Promise<Submission> {
    const named = event.id === undefined || event.id === null ? { ...event, id: uuidv7(), source: event.source ?? CLIENT_SOURCE } : event
    const answer = await this.#send({ method: 'POST', path: ['jobs'], body: named, repeatable: true })
    // With an id that was made just now, "known" means that an earlier attempt of this call arrived after all.
    return { ...toDispatch(answer), repeated: named === event && answer.statusCode === 200 }
  }

  /** What the event would start, and why; nothing is queued. */
  async plan (event: NewEvent): Promise<PlanView> {
    const plan = await this.#ask<PlanView>({ method: 'POST', path: ['jobs'], query: { dry_run: true }, body: event, repeatable: false })
    // Whoever asks what would happen must hear of it where it has.
    if (plan.dry_run !== true) throw new EventClientError('the service does not know dry_run: it has taken the event', { code: 'INVALID_ANSWER' })
    return plan
  }

  /** `wait`: seconds, at most 60, after which it is answered although the job has not ended. */
  async getJob (processName: string, id: string, { wait, signal }: { wait?: number | undefined, signal?: AbortSignal | undefined } = {}): Promise<JobView> {
    return await this.#ask({ method: 'GET', path: ['jobs', processName, id], query: { wait }, repeatable: true, waitMs: (wait ?? 0) * 1000, signal })
  }

  async getJobLog (processName: string, id: string, { start, limit }: { start?: number, limit?: number } = {}): Promise<JobLog> {
    return await this.#ask({ method: 'GET', path: ['jobs', processName, id, 'log'], query: { start, limit }, repeatable: true })
  }

  /** Why the job failed; empty where it did not. */
  async failures (processName: string, id: string): Promise<JobFailures> {
    return await this.#ask({ method: 'GET', path: ['jobs', processName, id], query: { format: 'failures' }, repeatable: true })
  }

  /** The job with subject and body of a mail that tells of it. Nothing is sent. */
  async email (processName: string, id: string, address: string): Promise<JobEmail> {
    return await this.#ask({ method: 'GET', path: ['jobs', processName, id], query: { format: 'email', email: address }, repeatable: true })
  }

  /** One page, newest first; `jobs` goes through all. */
  async listJobs (processName: string, { status, subject, limit, cursor }: JobFilter & Cursor = {}): Promise<Page<JobView>> {
    return await this.#ask({ method: 'GET', path: ['jobs', processName], query: { status, subject, limit, cursor }, repeatable: true })
  }

  /** All jobs of a process, newest first. `limit` is the length of a page. */
  async * jobs (processName: string, filter: JobFilter = {}): AsyncGenerator<JobView, void, undefined> {
    yield * pages((cursor) => this.listJobs(processName, { ...filter, cursor }))
  }

  /** A job that still says `running` has been told to stop; one that had ended is removed. */
  async cancelJob (processName: string, id: string): Promise<JobView> {
    // The second time it would remove what the first has cancelled.
    return await this.#ask({ method: 'DELETE', path: ['jobs', processName, id], repeatable: false })
  }

  /** Runs a failed or cancelled job again, under the same id. */
  async retryJob (processName: string, id: string): Promise<JobView> {
    return await this.#ask({ method: 'POST', path: ['jobs', processName, id, 'retry'], repeatable: false })
  }

  /** One page of the failed jobs of all processes, the last failure first; `failedJobs` goes through all. */
  async listFailedJobs ({ process: processName, subject, since, limit, cursor }: FailedFilter & Cursor = {}): Promise<Page<JobView>> {
    return await this.#ask({ method: 'GET', path: ['jobs'], query: { status: 'failed', process: processName, subject, since: toInstant(since), limit, cursor }, repeatable: true })
  }

  /** All failed jobs, the last failure first. `limit` is the length of a page. */
  async * failedJobs (filter: FailedFilter = {}): AsyncGenerator<JobView, void, undefined> {
    yield * pages((cursor) => this.listFailedJobs({ ...filter, cursor }))
  }

  /** Runs failed jobs again, each under its id; at most `limit`, and `next` is the `cursor` with which to go on. */
  async retryJobs ({ since, until, ...filter }: RetryFilter & Cursor): Promise<RetryAnswer> {
    return await this.#ask({ method: 'POST', path: ['jobs', 'retry'], body: { ...filter, since: toInstant(since), until: toInstant(until) }, repeatable: false, waitMs: BULK_MS })
  }

  /** Resolves when the job has ended, or as it is after `timeoutMs`. */
  async waitForJob (processName: string, id: string, options: PollOptions<JobView> = {}): Promise<JobView> {
    const { onUpdate, signal, timeoutMs = Infinity } = options
    const end = performance.now() + timeoutMs
    // The service answers at the end of the job; who wants to see it come asks more often.
    const longest = onUpdate === undefined ? MAX_WAIT_S : 0
    const ask = () => this.getJob(processName, id, { wait: Math.max(0, Math.min(longest, (end - performance.now()) / 1000)), signal })
    return await poll(ask, (job) => ENDED.has(job.status), options)
  }

  /** One page, newest first unless asked otherwise; `events` goes through all. */
  async listEvents ({ type, subject, since, order, limit, cursor }: EventFilter & Cursor = {}): Promise<Page<EventSummary>> {
    return await this.#ask({ method: 'GET', path: ['events'], query: { type, subject, since: toInstant(since), order, limit, cursor }, repeatable: true })
  }

  /** All events, newest first unless asked otherwise. `limit` is the length of a page. */
  async * events (filter: EventFilter = {}): AsyncGenerator<EventSummary, void, undefined> {
    yield * pages((cursor) => this.listEvents({ ...filter, cursor }))
  }

  /** Events and the ends of their jobs, one record after the other, oldest first unless asked otherwise. What breaks off rejects. */
  history ({ type, subject, since, order = 'asc' }: Omit<EventFilter, 'limit'> = {}): AsyncGenerator<HistoryRecord, void, undefined> {
    return readJsonLines(this.#exchange, { method: 'GET', path: ['events'], query: { type, subject, since: toInstant(since), order }, repeatable: true })
  }

  /** An event with all that came of it: by its key, or by the id (and source) that its sender gave it. */
  async getEvent (id: string, { source, signal }: Source & { signal?: AbortSignal | undefined } = {}): Promise<EventTree> {
    return await this.#ask({ method: 'GET', path: ['events', id], query: { source }, repeatable: true, signal })
  }

  /** Dispatches an event again, as a new one: by the lookups of now, or to the processes and queues of then. */
  async replayEvent (id: string, { source, as }: Source & { as?: ReplayAs | undefined } = {}): Promise<Dispatch> {
    return toDispatch(await this.#send({ method: 'POST', path: ['events', id, 'replay'], query: { source, as }, repeatable: false }))
  }

  /**
   * Dispatches many events again; at most `limit`, and `next` is the `cursor` with which to go on. The same `id` again makes
   * nothing twice; one that is made here covers the attempts of this call.
   */
  async replayEvents ({ since, until, id = uuidv7(), ...filter }: ReplayFilter & Cursor): Promise<ReplayAnswer> {
    return await this.#ask({ method: 'POST', path: ['events', 'replay'], body: { ...filter, since: toInstant(since), until: toInstant(until), id }, repeatable: true, waitMs: BULK_MS })
  }

  /**
   * An event and what comes of it, live: a `snapshot` of the tree, `event` and `job` for each change, and `end` when all has
   * ended; then it is over. A stream that breaks is taken up again, with a new snapshot where something was missed. Rejects
   * with `TOO_MANY_STREAMS` where the service has no room for it.
   */
  stream (id: string, { source, signal }: Source & { signal?: AbortSignal | undefined } = {}): AsyncGenerator<StreamMessage, void, undefined> {
    return this.#stream(id, { source, signal }, this.#retries)
  }

  /**
   * Resolves when all jobs of the event and of what followed from it have ended, or as it is after `timeoutMs`: see
   * `tree_status`. Listens to the stream of the event; asks again and again where there is none.
   */
  async waitForEvent (id: string, { source, ...options }: PollOptions<EventTree> & Source = {}): Promise<EventTree> {
    const { timeoutMs = Infinity, signal } = options
    const end = performance.now() + timeoutMs
    if (this.#streams) this.#streams = await listen((until) => this.#stream(id, { source, signal: until }, 0), options)
    return await poll(() => this.getEvent(id, { source, signal }), (tree) => tree.tree_status !== PENDING, { ...options, timeoutMs: end - performance.now() })
  }

  #stream (id: string, { source, signal }: Source & { signal?: AbortSignal | undefined }, firstRetries: number): AsyncGenerator<StreamMessage, void, undefined> {
    return readStream(this.#exchange, { method: 'GET', path: ['events', id, 'stream'], query: { source }, repeatable: true }, { retries: this.#retries, firstRetries, signal })
  }

  async eventTypes (): Promise<EventTypes> {
    return await this.#ask({ method: 'GET', path: ['event_types'], repeatable: true })
  }

  async processes (): Promise<Processes> {
    return await this.#ask({ method: 'GET', path: ['processes'], repeatable: true })
  }

  /** Lets no worker begin jobs of a process, whatever queue it shares; running ones go on. */
  async pauseProcess (name: string): Promise<ProcessView> {
    return await this.#ask({ method: 'POST', path: ['processes', name, 'pause'], repeatable: true })
  }

  async resumeProcess (name: string): Promise<ProcessView> {
    return await this.#ask({ method: 'POST', path: ['processes', name, 'resume'], repeatable: true })
  }

  async queues (): Promise<{ items: QueueView[] }> {
    return await this.#ask({ method: 'GET', path: ['queues'], repeatable: true })
  }

  /** Lets no worker take jobs from a queue; running ones go on. */
  async pauseQueue (name: string): Promise<QueueView> {
    return await this.#ask({ method: 'POST', path: ['queues', name, 'pause'], repeatable: true })
  }

  async resumeQueue (name: string): Promise<QueueView> {
    return await this.#ask({ method: 'POST', path: ['queues', name, 'resume'], repeatable: true })
  }

  async schedules (): Promise<Page<ScheduleView>> {
    return await this.#ask({ method: 'GET', path: ['schedules'], repeatable: true })
  }

  /** Lets a schedule make no events, whatever starts again, until it is resumed. */
  async pauseSchedule (name: string): Promise<ScheduleView> {
    return await this.#ask({ method: 'POST', path: ['schedules', name, 'pause'], repeatable: true })
  }

  async resumeSchedule (name: string): Promise<ScheduleView> {
    return await this.#ask({ method: 'POST', path: ['schedules', name, 'resume'], repeatable: true })
  }

  /** Starts a backfill. One without `id` gets one here, so that it starts once however often this call has to send it. */
  async startBackfill (backfill: NewBackfill): Promise<BackfillView> {
    return await this.#ask({ method: 'POST', path: ['backfills'], body: { ...backfill, id: backfill.id ?? uuidv7() }, repeatable: true })
  }

  async getBackfill (id: string, { signal }: { signal?: AbortSignal | undefined } = {}): Promise<BackfillView> {
    return await this.#ask({ method: 'GET', path: ['backfills', id], repeatable: true, signal })
  }

  /** One page, newest first. */
  async listBackfills ({ limit, cursor }: { limit?: number | undefined } & Cursor = {}): Promise<Page<BackfillView>> {
    return await this.#ask({ method: 'GET', path: ['backfills'], query: { limit, cursor }, repeatable: true })
  }

  /** Submits no more windows; those that run go on. */
  async cancelBackfill (id: string): Promise<BackfillView> {
    return await this.#ask({ method: 'DELETE', path: ['backfills', id], repeatable: true })
  }

  /** Runs the windows that failed again, as new events. */
  async retryBackfill (id: string): Promise<BackfillView> {
    return await this.#ask({ method: 'POST', path: ['backfills', id, 'retry'], repeatable: false })
  }

  /** Resolves when the backfill submits nothing more and nothing of it runs, or as it is after `timeoutMs`. */
  async waitForBackfill (id: string, options: PollOptions<BackfillView> = {}): Promise<BackfillView> {
    return await poll(() => this.getBackfill(id, { signal: options.signal }), ({ ended }) => ended !== null, options)
  }

  /** Named configuration, without its secrets. */
  async blocks (): Promise<Page<BlockView>> {
    return await this.#ask({ method: 'GET', path: ['blocks'], repeatable: true })
  }

  async getBlock (kind: string, name: string): Promise<BlockView> {
    return await this.#ask({ method: 'GET', path: ['blocks', kind, name], repeatable: true })
  }

  /** Creates a block or replaces it; `change` says which. */
  async putBlock (kind: string, name: string, value: Record<string, unknown>): Promise<BlockView> {
    return await this.#ask({ method: 'PUT', path: ['blocks', kind, name], body: value, repeatable: true })
  }

  async removeBlock (kind: string, name: string): Promise<BlockView> {
    return await this.#ask({ method: 'DELETE', path: ['blocks', kind, name], repeatable: false })
  }

  /** Encrypts with the current key what the one before has encrypted. */
  async rekeyBlocks (): Promise<{ rekeyed: number }> {
    return await this.#ask({ method: 'POST', path: ['blocks', 'rekey'], repeatable: true })
  }

  /** One page of the files that a job has written, each with a link that anybody can use for a while. */
  async listJobFiles (processName: string, id: string, { limit, cursor }: { limit?: number | undefined } & Cursor = {}): Promise<Page<JobFileView> & { unlisted: number }> {
    return await this.#ask({ method: 'GET', path: ['jobs', processName, id, 'files'], query: { limit, cursor }, repeatable: true })
  }

  /** What a pipeline is asked of the files that it has made, by the name of the query. */
  async query<Answer = unknown> (name: string, params: Record<string, string | number | boolean | undefined> = {}): Promise<Answer> {
    return await this.#ask({ method: 'GET', path: [name], query: params, repeatable: true })
  }

  /** Council meetings in which something was said, best first: the query `search`. */
  async search (query: string, options: SearchOptions = {}): Promise<SearchAnswer> {
    return await this.query('search', { q: query, ...options })
  }

  /** Whether the service can take events; also where it answers that it cannot. */
  async ready (): Promise<ReadyView> {
    return await this.#ask({ method: 'GET', path: ['ready'], repeatable: true, accept: 503 })
  }

  /** Waits for requests under way and lets go of the connections. */
  async close (): Promise<void> {
    await this.#exchange.close()
  }

  async #send (call: Call): Promise<Answer> {
    return await this.#exchange.send(call)
  }

  async #ask<T> (call: Call): Promise<T> {
    return (await this.#send(call)).body as T
  }
}

const PENDING: EventStatus = 'incomplete'
const ENDED: ReadonlySet<JobStatus> = new Set(['complete', 'failed', 'cancelled', 'absorbed'])

const toInstant = (time: string | Date | undefined): string | undefined => time instanceof Date ? time.toISOString() : time

const toDispatch = ({ location = '', body }: Answer): Dispatch => ({ event: location.slice(location.lastIndexOf('/') + 1), jobs: body as JobAddress[] })

async function * pages<T> (page: (cursor: string | undefined) => Promise<Page<T>>): AsyncGenerator<T, void, undefined> {
  let cursor: string | undefined
  do {
    const { items, next } = await page(cursor)
    yield * items
    cursor = next ?? undefined
  } while (cursor !== undefined)
}
