import { setTimeout as sleep } from 'node:timers/promises'
import { UnrecoverableError, type BackendClasses, type IQueueBackend, type Job, type JobsOptions } from 'bullmq'
import { FinalFailure, Postponed, type WorkerHandle, type WorkerJob, type WorkerOptions } from '../work.ts'
import type { Ahead } from './datastore-clock.ts'
import { anyTick, chooseTicks } from './next-tick.ts'
import { createTickReader } from './schedules.ts'
import { supervise } from './supervised.ts'

type Run = (job: WorkerJob) => Promise<unknown>

export type WorkerSettings<C> = {
  classes: Pick<BackendClasses<IQueueBackend, C>, 'Worker'>
  options: (use: 'worker') => { connection: C, prefix?: string }
  aheadMs: Ahead
}

export interface Workers {
  open: (queue: string, run: Run, options: WorkerOptions) => WorkerHandle
  /** Workers of a queue in this process. */
  count: (queue: string) => number
  /** Queues whose worker here asks for nothing, or is not answered. */
  unserved: () => string[]
  close: () => Promise<void>
}

type Opened = WorkerHandle & { isServing: () => boolean }

/** So often may a worker lose a job: what is slow is not dead, and what is dead is counted elsewhere. */
const MAX_STALLED = 1_000_000
/** How often, and how soon again, a job is put back while the datastore does not answer. */
const PUT_BACK_TRIES = 120
const PUT_BACK_MS = 500
/** What BullMQ says to a worker that ends, or holds on to, a job which another one has by now. */
const LATE = /could not renew lock|Missing (?:lock|key) for job|Lock mismatch/i

export function createWorkers<C> (settings: WorkerSettings<C>): Workers {
  const open = new Map<Opened, string>()
  return {
    open: (queue, run, options) => {
      const opened = openWorker(settings, queue, run, options)
      const handle: Opened = {
        ...opened,
        close: async () => {
          open.delete(handle)
          await opened.close()
        }
      }
      open.set(handle, queue)
      return handle
    },
    unserved: () => [...open].flatMap(([{ isServing }, queue]) => isServing() ? [] : [queue]),
    count: (queue) => [...open.values()].filter((other) => other === queue).length,
    close: async () => { await Promise.allSettled([...open.keys()].map((one) => one.close())) }
  }
}

function openWorker<C> (settings: WorkerSettings<C>, queue: string, run: Run, given: WorkerOptions): Opened {
  const running = new Set<Promise<unknown>>()
  const room = { of: given.concurrency }
  const supervised = supervise({
    make: () => makeLoop(settings, queue, track, { ...given, concurrency: room.of }),
    isFull: () => running.size >= room.of,
    silentMs: given.silentMs,
    onError: (error) => { given.onError(new Error(`queue ${queue}: ${error.message}`, { cause: error.cause })) }
  })
  function track (job: WorkerJob): Promise<unknown> {
    supervised.turned()
    const doing = runJob(run, job, () => { running.delete(doing) })
    running.add(doing)
    return doing
  }
  let closing: Promise<void> | undefined
  const close = async (): Promise<void> => {
    await supervised.close()
    // Of loops that were given up.
    await Promise.allSettled([...running])
  }
  return {
    setConcurrency: (n) => {
      room.of = n
      supervised.loop().concurrency = n
    },
    // Not paused but closed at once: a paused worker still takes the job that its blocking wait is answered with.
    close: async () => { await (closing ??= close()) },
    isServing: supervised.isServing
  }
}

function makeLoop<C> (
  { classes, options, aheadMs }: WorkerSettings<C>,
  queue: string,
  run: Run,
  { concurrency, name, lockMs, stalledMs, maxStalled = MAX_STALLED, onError, onLate }: WorkerOptions
) {
  const ticks = createTickReader()
  const work = (job: Job, token = '', signal = new AbortController().signal): Promise<unknown> =>
    run(toWorkerJob(job, token, signal, ticks.of(job)))
  const worker = new classes.Worker(queue, work, {
    ...options('worker'),
    autorun: false,
    concurrency,
    name,
    lockDuration: lockMs,
    stalledInterval: stalledMs,
    maxStalledCount: maxStalled,
    settings: {
      repeatStrategy: anyTick,
      backoffStrategy: (attempts, _type, _error, job) => listedDelay(job, attempts)
    }
  })
  chooseTicks(worker.getBackend(), () => Date.now() + aheadMs(), ticks.next)
  worker.on('error', (error) => {
    if (onLate !== undefined && LATE.test(error.message)) onLate(error.message)
    else onError(error)
  })
  // Another worker may have the job by now: this one must stop.
  worker.on('lockRenewalFailed', (ids) => { for (const id of ids) worker.cancelJob(id, 'the lock was lost') })
  return worker
}

async function runJob (run: Run, job: WorkerJob, onEnd: () => void): Promise<unknown> {
  try {
    return await run(job)
  } catch (error) {
    if (error instanceof FinalFailure) throw new UnrecoverableError(error.message)
    throw error
  } finally {
    onEnd()
  }
}

/** BullMQ keeps the options of a job as they were given. */
function listedDelay (job: { opts: JobsOptions } | undefined, attempts: number): number {
  const { delays = [] } = (job?.opts.backoff ?? {}) as { delays?: number[] }
  return delays[Math.min(attempts, delays.length) - 1] ?? 0
}

/** An error of the datastore must not become one of the job, which would fail with it. */
async function putBack (job: Job, token: string, signal: AbortSignal, ms: number): Promise<void> {
  for (let tries = 1; tries <= PUT_BACK_TRIES && !signal.aborted; tries++) {
    try {
      // Whole milliseconds: PostgreSQL refuses others.
      return await job.moveToDelayed(Date.now() + Math.ceil(ms), token)
    } catch (error) {
      if (LATE.test((error as Error).message)) return
      await sleep(PUT_BACK_MS)
    }
  }
}

function toWorkerJob (job: Job, token: string, signal: AbortSignal, tick: WorkerJob['tick']): WorkerJob {
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
    tick,
    attempt: job.attemptsMade + 1,
    stalled: job.stalledCounter,
    updateProgress: async (progress) => { await job.updateProgress(progress) },
    postpone: async (ms) => {
      await putBack(job, token, signal, ms)
      return new Postponed('put back')
    }
  }
}
