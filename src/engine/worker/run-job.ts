import type { Logger } from 'pino'
import { timerMs } from '../../base/deadline.ts'
import type { Kinds, LoadBlock } from '../../sdk/blocks/kind.ts'
import { type Redactor, createRedactor, hiding } from '../../sdk/blocks/redactor.ts'
import type { Dispatch } from '../dispatch/dispatch.ts'
import { withDefaults } from '../dispatch/plan.ts'
import { SignalboxError } from '../../base/errors.ts'
import { formatDuration } from '../../base/duration.ts'
import type { Pauses } from '../gates/pauses.ts'
import type { Inputs } from '../../sdk/inputs/inputs.ts'
import { createJournal, type Journal } from './journal.ts'
import { keepFiles } from '../jobs/written-files.ts'
import type { Definition, Lookups } from '../lookups/lookups.ts'
import type { JobMetrics } from '../metrics.ts'
import type { ProcessOutcome } from '../../sdk/process.ts'
import { FinalFailure, type Queues, type WorkerJob } from '../../queues/contract.ts'
import { CANCELLED, cancelledBecause, isCancelled, type JobData, type StoredOutcome } from '../record.ts'
import { StillRuns } from '../../runners/failure.ts'
import type { JobContext, Runner } from '../../runners/runner.ts'
import type { WrittenFile } from '../../sdk/store/recorded.ts'

/** How long a job of a process that is at its limit is put back, when other processes share its queue. */
const FULL_POSTPONE_MS = 250
/** The same for a process that is paused. */
const PAUSED_POSTPONE_MS = 2000
/** Long enough for the worker that shuts down to be gone. */
const HAND_BACK_MS = 100
const SETTLE_TRIES = 3
const SETTLE_RETRY_MS = 500
const MAX_REASON = 4000

/** Why running work is told to stop. */
export type Stop = 'cancelled' | 'timeout' | 'shutdown' | 'lost'

type Dependencies = {
  lookups: () => Lookups
  runnerOf: (definition: Definition) => Runner
  dispatch: Pick<Dispatch, 'followOn'>
  queues: Pick<Queues, 'getMany' | 'readNotes' | 'writeNote'>
  pauses: Pick<Pauses, 'has'>
  inputs: Inputs
  block: LoadBlock
  kinds: Kinds
  metrics: JobMetrics
  log: Logger
  defaultConcurrency: number
  /** How long the list of its files is kept after a job. */
  keepMs: number
}

export interface JobRunner {
  /** Runs one job to its end. Throws the reason of a failure; FinalFailure where no attempt may follow. */
  run: (job: WorkerJob) => Promise<StoredOutcome>
  /** Tells a job that runs here to stop; false where it does not run here. */
  stop: (jobId: string, why: Stop) => boolean
  /** Puts all jobs that run here back into their queues, and every one that comes from now on. */
  handBack: () => void
  /** Stops those whose record asks for it: the message that told so may have been lost. */
  findCancelled: () => Promise<void>
}

type Running = { job: WorkerJob, process: string, stop: (why: Stop) => void }

/** Job → process: finds it, checks what it needs, runs it, times it out, cancels it, settles its result. */
export function createJobRunner ({ lookups, runnerOf, dispatch, queues, pauses, inputs, block, kinds, metrics, log, defaultConcurrency, keepMs }: Dependencies): JobRunner {
  const running = new Map<string, Running>()
  let handingBack = false

  async function run (job: WorkerJob): Promise<StoredOutcome> {
    const data = job.data as JobData
    if (handingBack) throw await job.postpone(HAND_BACK_MS)
    const definition = prepare(job, data)
    if (definition instanceof Error) {
      metrics.ended(job.name, isCancelled(definition.message) ? 'cancelled' : 'failed', 0)
      log.warn({ process: job.name, job: job.id, reason: definition.message }, 'job not begun')
      throw definition
    }
    if (pauses.has(definition.name)) throw await job.postpone(PAUSED_POSTPONE_MS * (1 + Math.random()))
    if (isFull(definition)) throw await job.postpone(FULL_POSTPONE_MS * (1 + Math.random()))
    const { signal, stop, stopped, clear } = createStop(definition.timeoutMs)
    running.set(job.id, { job, process: definition.name, stop })
    const lost = (): void => { stop('lost') }
    job.signal.addEventListener('abort', lost)
    const started = performance.now()
    const redactor = createRedactor()
    const journal = createJournal(job, log, redactor)
    const files = new Map<string, WrittenFile>()
    // What an attempt before this one had done is not done again yet.
    if (job.progress !== undefined) journal.progress({ complete: 0 })
    const finish = (outcome: string, reason?: string): void => {
      const ms = performance.now() - started
      metrics.ended(definition.name, outcome, ms)
      const fields = { process: definition.name, job: job.id, attempt: job.attempt, ms: Math.round(ms) }
      if (reason === undefined) log.info(fields, `job ${outcome}`)
      else log.warn({ ...fields, reason }, `job ${outcome}`)
    }
    try {
      const wrote = (file: WrittenFile): void => { files.set(file.name, file) }
      const context = { ...toContext(job, data, definition, signal, journal), wrote, block: hiding(block, redactor, kinds) }
      const outcome = redactor.value(await runnerOf(definition).run(context))
      await journal.flush()
      await recordFiles(job, files)
      const stored = await settle(job, data, outcome)
      finish('complete')
      return stored
    } catch (error) {
      await journal.flush()
      await recordFiles(job, files)
      if (stopped() === 'shutdown') {
        finish('handed back', 'the worker shuts down')
        throw await job.postpone(HAND_BACK_MS)
      }
      const failure = toFailure(error, stopped(), definition, redactor)
      finish(failure.message === CANCELLED ? 'cancelled' : 'failed', failure.message)
      throw failure
    } finally {
      job.signal.removeEventListener('abort', lost)
      clear()
      running.delete(job.id)
    }
  }

  /** How a job is run, or what makes it fail without running. */
  function prepare (job: WorkerJob, data: JobData): Definition | FinalFailure {
    if (data.cancel !== undefined) return new FinalFailure(CANCELLED)
    if (data.refused !== undefined) return new FinalFailure(data.refused)
    const definition = lookups().processes.get(job.name)
    if (definition === undefined) return new FinalFailure(`process ${job.name} is no longer in process_lookup.json`)
    const { expiresMs } = definition
    if (expiresMs !== undefined && job.attempt === 1 && Date.now() - job.createdAt >= expiresMs) return new FinalFailure(cancelledBecause(`it waited longer than ${formatDuration(expiresMs)}`))
    const [problem] = definition.check(withDefaults(data.event, definition))
    if (problem !== undefined) return new FinalFailure(`${problem.field} ${problem.message}`)
    return definition
  }

  /** Only where processes share a queue: else the worker of the queue takes no more than there is room for. */
  function isFull ({ name, concurrency = defaultConcurrency }: Definition): boolean {
    let same = 0
    for (const one of running.values()) if (one.process === name) same++
    return same >= concurrency
  }

  /** The work is done, and must not be done again for a datastore that is away for a moment: the poller settles then. */
  async function settle (job: WorkerJob, { process: processName, key, event, lineage }: JobData, { output, events = [] }: ProcessOutcome): Promise<StoredOutcome> {
    try {
      const dispatched = await persistently(async () => await dispatch.followOn({ id: job.id, process: processName, key, event, lineage }, events))
      return { output: output ?? null, settled: true, events: dispatched }
    } catch (error) {
      log.warn({ err: error, job: job.id, process: processName }, 'follow-on events are left to the result poller')
      return { output: output ?? null, settled: false, events }
    }
  }

  /** The files are there, whatever becomes of the list of them: it fails no job. */
  async function recordFiles (job: WorkerJob, files: Map<string, WrittenFile>): Promise<void> {
    if (files.size === 0) return
    const written = [...files.values()]
    files.clear()
    try {
      await persistently(async () => { await keepFiles(queues, job.id, written, keepMs) })
    } catch (error) {
      log.warn({ err: error, job: job.id, process: job.name, files: written.length }, 'the list of the files of a job is not kept')
    }
  }

  function toContext (job: WorkerJob, data: JobData, definition: Definition, signal: AbortSignal, journal: Journal): Omit<JobContext, 'block' | 'wrote'> {
    const event = withDefaults(data.event, definition)
    const own = typeof event.data === 'object' && event.data !== null && !Array.isArray(event.data) ? event.data as Record<string, unknown> : { ...definition.defaults, ...definition.fixed }
    const params = data.withEvent === true ? { ...own, id: job.id, event: JSON.stringify(data.event) } : own
    return { event, params, processName: definition.name, jobId: job.id, attempt: job.attempt, absorbed: data.absorbed ?? [], joined: data.joined ?? {}, signal, log: journal.line, progress: journal.progress, inputs }
  }

  async function findCancelled (): Promise<void> {
    const jobs = [...running.values()]
    if (jobs.length === 0) return
    const stored = await queues.getMany(jobs.map(({ job }) => ({ queue: job.queue, id: job.id })))
    for (const [i, one] of stored.entries()) if ((one?.data as JobData | undefined)?.cancel !== undefined) jobs[i]?.stop('cancelled')
  }

  return {
    run,
    stop: (jobId, why) => {
      const found = running.get(jobId)
      found?.stop(why)
      return found !== undefined
    },
    handBack: () => {
      handingBack = true
      for (const one of running.values()) one.stop('shutdown')
    },
    findCancelled
  }
}

/** For what must not be lost to a datastore that is away for a moment. */
async function persistently<T> (act: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await act()
    } catch (error) {
      if (tries === SETTLE_TRIES) throw error
      await new Promise((resolve) => setTimeout(resolve, SETTLE_RETRY_MS * tries))
    }
  }
}

/** The first reason counts: a job that was cancelled during its grace after a timeout has timed out. */
function createStop (timeoutMs: number | undefined): { signal: AbortSignal, stop: (why: Stop) => void, stopped: () => Stop | undefined, clear: () => void } {
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

const STOP_REASONS: Record<Stop, string> = { cancelled: CANCELLED, timeout: 'timed out', shutdown: 'the worker shuts down', lost: 'the worker lost the job' }

function toFailure (error: unknown, stopped: Stop | undefined, { timeoutMs = 0 }: Definition, redactor: Redactor): Error {
  const stillRuns = error instanceof StillRuns
  if (stopped === 'cancelled' && !stillRuns) return new FinalFailure(CANCELLED)
  const message = redactor.text(error instanceof Error ? error.message : String(error))
  const detail = stopped === 'timeout' ? `timed out after ${formatDuration(timeoutMs)}${message === STOP_REASONS.timeout ? '' : `: ${message}`}` : message
  // PostgreSQL keeps no U+0000 and no lone surrogates.
  const reason = (detail === '' ? 'failed without a reason' : detail).replaceAll('\0', '\ufffd').toWellFormed().slice(0, MAX_REASON)
  const final = stopped === 'cancelled' || error instanceof FinalFailure || (error instanceof SignalboxError && (error.code === 'FINAL' || error.statusCode < 500))
  return final ? new FinalFailure(reason) : new Error(reason)
}
