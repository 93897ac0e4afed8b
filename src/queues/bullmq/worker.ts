import {
  DelayedError, UnrecoverableError, type BackendClasses, type IQueueBackend, type Job, type JobsOptions
} from 'bullmq'
import { FinalFailure, type WorkerHandle, type WorkerJob, type WorkerOptions } from '../work.ts'
import { createTickReader } from './schedules.ts'

type Run = (job: WorkerJob) => Promise<unknown>

export type WorkerSettings<C> = {
  classes: Pick<BackendClasses<IQueueBackend, C>, 'Worker'>
  options: (use: 'worker') => { connection: C, prefix?: string }
}

export interface Workers {
  open: (queue: string, run: Run, options: WorkerOptions) => WorkerHandle
  /** Workers of a queue in this process. */
  count: (queue: string) => number
  close: () => Promise<void>
}

/** So often may a worker lose a job: what is slow is not dead, and what is dead is counted elsewhere. */
const MAX_STALLED = 1_000_000
/** What BullMQ says to a worker that ends, or holds on to, a job which another one has by now. */
const LATE = /could not renew lock|Missing (?:lock|key) for job|Lock mismatch/i

export function createWorkers<C> (settings: WorkerSettings<C>): Workers {
  const open = new Map<WorkerHandle, string>()
  return {
    open: (queue, run, options) => {
      const opened = openWorker(settings, queue, run, options)
      const handle: WorkerHandle = {
        ...opened,
        close: async () => {
          open.delete(handle)
          await opened.close()
        }
      }
      open.set(handle, queue)
      return handle
    },
    count: (queue) => [...open.values()].filter((other) => other === queue).length,
    close: async () => { await Promise.allSettled([...open.keys()].map((one) => one.close())) }
  }
}

function openWorker<C> (settings: WorkerSettings<C>, queue: string, run: Run, given: WorkerOptions): WorkerHandle {
  const { classes, options } = settings
  const { concurrency, name, lockMs, stalledMs, maxStalled = MAX_STALLED, onError, onLate } = given
  const ticks = createTickReader()
  const worker = new classes.Worker(queue, async (job, token, signal) => {
    const made = toWorkerJob(job, token ?? '', signal ?? new AbortController().signal)
    return await runJob(run, { ...made, tick: ticks.of(job) })
  }, {
    ...options('worker'),
    concurrency,
    name,
    lockDuration: lockMs,
    stalledInterval: stalledMs,
    maxStalledCount: maxStalled,
    settings: {
      repeatStrategy: ticks.repeatStrategy,
      backoffStrategy: (attempts, _type, _error, job) => listedDelay(job, attempts)
    }
  })
  worker.on('error', (error) => {
    if (onLate !== undefined && LATE.test(error.message)) onLate(error.message)
    else onError(error)
  })
  // Another worker may have the job by now: this one must stop.
  worker.on('lockRenewalFailed', (ids) => { for (const id of ids) worker.cancelJob(id, 'the lock was lost') })
  let closing: Promise<void> | undefined
  return {
    setConcurrency: (n) => { worker.concurrency = n },
    // Not paused but closed at once: a paused worker still takes the job that its blocking wait is answered with.
    close: async () => { await (closing ??= worker.close()) }
  }
}

async function runJob (run: Run, job: WorkerJob): Promise<unknown> {
  try {
    return await run(job)
  } catch (error) {
    if (error instanceof FinalFailure) throw new UnrecoverableError(error.message)
    throw error
  }
}

/** BullMQ keeps the options of a job as they were given. */
function listedDelay (job: { opts: JobsOptions } | undefined, attempts: number): number {
  const { delays = [] } = (job?.opts.backoff ?? {}) as { delays?: number[] }
  return delays[Math.min(attempts, delays.length) - 1] ?? 0
}

function toWorkerJob (job: Job, token: string, signal: AbortSignal): Omit<WorkerJob, 'tick'> {
  return {
    queue: job.queueName,
    id: job.id as string,
    name: job.name,
    data: job.data as Record<string, unknown>,
    state: 'active',
    progress: job.progress === 0 ? undefined : job.progress,
    returnValue: undefined,
    failedReason: job.failedReason,
    attemptsMade: job.attemptsMade,
    attemptsStarted: job.attemptsStarted,
    maxAttempts: job.opts.attempts ?? 1,
    createdAt: job.timestamp,
    readyAt: undefined,
    startedAt: job.processedOn,
    finishedAt: undefined,
    worker: undefined,
    signal,
    attempt: job.attemptsMade + 1,
    stalled: job.stalledCounter,
    updateProgress: async (progress) => { await job.updateProgress(progress) },
    postpone: async (ms) => {
      // Whole milliseconds: PostgreSQL refuses others.
      await job.moveToDelayed(Date.now() + Math.ceil(ms), token)
      return new DelayedError()
    }
  }
}
