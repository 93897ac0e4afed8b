import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { Piscina } from 'piscina'
import { timerMs } from '../../base/deadline.ts'
import { createLimit, type Limit } from '../../base/limit.ts'
import type { ProcessOutcome } from '../../sdk/process.ts'
import { fromFailure, stopReason } from '../failure.ts'
import type { ModuleAddress } from './module-file.ts'
import { createAnswers, type Question } from './questions.ts'
import type { JobContext } from '../runner.ts'
import type { FromThread, ThreadContext, ThreadResult, ThreadTask, ToThread } from './thread.ts'

export type ThreadSettings = {
  /**
   * The file that the threads run: it exports `runInThread`, which is given a ThreadTask and answers a ThreadResult.
   */
  entry: string
  maxThreads: number
  /** Heap of one thread in MB; beyond it the job fails and the thread is replaced. Buffers are not counted by V8. */
  memoryMb: number
  /** A thread without work is let go after this many milliseconds. */
  idleMs?: number
  context: ThreadContext
  /** All that a module sees of an environment. */
  env: Record<string, string>
}

export type ThreadJob = { address: ModuleAddress, lookupsFolder: string, graceMs: number, maxOutputBytes: number }

/** Threads for all module processes together; none exists before the first job. */
export interface Threads {
  /** Runs one job; settles only when its work has stopped. A job beyond `maxThreads` waits for a thread. */
  run: (context: JobContext, job: ThreadJob) => Promise<ProcessOutcome>
  /** Ends every thread, whatever it does. */
  close: () => Promise<void>
}

export function createThreads (settings: ThreadSettings): Threads {
  const state: State = { settings, slots: createLimit(settings.maxThreads), starting: new Set(), isClosed: false }
  return {
    run: async (context, job) => await run(state, context, job),
    close: async () => {
      state.isClosed = true
      await state.pool?.destroy()
    }
  }
}

type State = {
  settings: ThreadSettings
  /**
   * Piscina 5.3 forgets the tasks in its queue when the thread before them is ended by an abort or dies of a stray
   * error, so its queue stays empty: no job is handed over before a thread is free for it.
   */
  slots: Limit
  /** Fails the tasks whose thread has not begun with them. */
  starting: Set<(error: Error) => void>
  pool?: Piscina
  isClosed: boolean
}

function openPool ({ settings, starting }: State): Piscina {
  const opened = new Piscina({
    filename: settings.entry,
    minThreads: 0,
    maxThreads: settings.maxThreads,
    env: settings.env,
    idleTimeout: settings.idleMs ?? 30_000,
    // Waiting by Atomics would stop what a process left running between two jobs in the middle of it.
    atomics: 'disabled',
    resourceLimits: { maxOldGenerationSizeMb: settings.memoryMb },
    recordTiming: false
  })
  // A thread that could not start: its task would wait in the queue for ever.
  opened.on('error', (error: Error) => { for (const fail of starting) fail(error) })
  return opened
}

async function run (state: State, context: JobContext, job: ThreadJob): Promise<ProcessOutcome> {
  const { signal } = context
  const release = await state.slots.take(signal).catch(() => { throw new Error(stopReason(signal)) })
  try {
    if (signal.aborted || state.isClosed) {
      throw new Error(state.isClosed ? 'the service is closing' : stopReason(signal))
    }
    state.pool ??= openPool(state)
    return await runInPool(state, state.pool, context, job)
  } finally {
    release()
  }
}

async function runInPool (state: State, pool: Piscina, context: JobContext, job: ThreadJob): Promise<ProcessOutcome> {
  const { signal } = context
  const { port1, port2 } = new MessageChannel()
  const lease = createLease(pool)
  const failStart = (error: Error): void => { lease.kill(`the thread did not start: ${error.message}`) }
  let isStarted = false
  let timer: NodeJS.Timeout | undefined
  const stop = (): void => {
    const reason = stopReason(signal)
    if (!isStarted) return lease.kill(reason)
    port1.postMessage({ abort: reason } satisfies ToThread)
    const late = `${reason}; it did not stop within ${job.graceMs} ms and its thread was ended`
    timer = setTimeout(() => { lease.kill(late) }, timerMs(job.graceMs))
  }
  const drained = once(port1, 'close')
  const answer = createAnswers(context, (answered) => { port1.postMessage(answered satisfies ToThread) })
  port1.on('message', (message: FromThread) => {
    if ('ask' in message) return answer(message)
    if (!('started' in message)) return passOn(message, context)
    isStarted = true
    state.starting.delete(failStart)
  })
  state.starting.add(failStart)
  signal.addEventListener('abort', stop)
  try {
    const task = toTask(port2, context, job, state.settings)
    const ended = { transferList: [port2], signal: lease.signal, name: 'runInThread' }
    const result: ThreadResult = await pool.run(task, ended)
    await drained
    if ('failure' in result) throw fromFailure(result.failure)
    return JSON.parse(result.outcome) as ProcessOutcome
  } catch (thrown) {
    if (!lease.signal.aborted) throw explain(thrown, state.settings.memoryMb)
    await lease.exited()
    throw lease.signal.reason
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
    state.starting.delete(failStart)
    // What a thread said before it died is still on its way; a thread that never had the port cannot close it.
    await Promise.race([drained, delay(100)])
    port1.close()
  }
}

/** The right to end the thread that has a task, whichever it is. */
type Lease = { signal: AbortSignal, kill: (reason: string) => void, exited: () => Promise<unknown> }

function createLease (pool: Piscina): Lease {
  const end = new AbortController()
  let exits: Promise<unknown> = Promise.resolve()
  return {
    signal: end.signal,
    kill: (reason) => {
      if (end.signal.aborted) return
      // Piscina drops the thread at once and does not wait for its end; which one it was shows in the difference.
      const before = pool.threads
      end.abort(new Error(reason))
      const left = new Set(pool.threads)
      exits = Promise.all(before.filter((thread) => !left.has(thread)).map((thread) => once(thread, 'exit')))
    },
    exited: () => exits
  }
}

function passOn (message: Exclude<FromThread, { started: true } | Question>, context: JobContext): void {
  if ('log' in message) context.log(message.log)
  else if ('progress' in message) context.progress(message.progress)
  else if ('step' in message) void context.steps.step(message.step)
  else if ('artefact' in message) context.steps.artefact(message.artefact)
  else context.wrote(message.file)
}

function toTask (port: MessagePort, context: JobContext, job: ThreadJob, settings: ThreadSettings): ThreadTask {
  const { event, params, processName, jobId, attempt, absorbed, absorbedCount, joined, traceparent } = context
  return {
    port,
    address: job.address,
    lookupsFolder: job.lookupsFolder,
    maxOutputBytes: job.maxOutputBytes,
    context: settings.context,
    job: { event, params, processName, jobId, attempt, absorbed, absorbedCount, joined, traceparent }
  }
}

const explain = (thrown: unknown, memoryMb: number): unknown => {
  if (!(thrown instanceof Error)) return thrown
  if ('code' in thrown && thrown.code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return new Error(`out of memory: the process used more than ${memoryMb} MB`)
  }
  const exit = /^worker exited with code: (\d+)$/.exec(thrown.message)
  return exit === null ? thrown : new Error(`the process ended its own thread with exit code ${exit[1]}`)
}
