import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { MessageChannel } from 'node:worker_threads'
import { Piscina } from 'piscina'
import { timerMs } from '../../base/deadline.ts'
import { createLimit } from '../../base/limit.ts'
import type { ProcessOutcome } from '../../sdk/process.ts'
import { answerBlock } from './blocks-over-port.ts'
import { fromFailure, stopReason } from '../failure.ts'
import type { ModuleAddress } from './module-file.ts'
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

export const createThreads = (settings: ThreadSettings): Threads => {
  // Piscina 5.3 forgets the tasks in its queue when the thread before them is ended by an abort or dies
  // of a stray error, so its queue stays empty: no job is handed over before a thread is free for it.
  const slots = createLimit(settings.maxThreads)
  const starting = new Set<(error: Error) => void>()
  let pool: Piscina | undefined
  let closed = false

  const openPool = (): Piscina => {
    const opened = new Piscina({
      filename: settings.entry,
      minThreads: 0,
      maxThreads: settings.maxThreads,
      env: settings.env,
      idleTimeout: settings.idleMs ?? 30_000,
      // waiting by Atomics would stop what a process left running between two jobs in the middle of it
      atomics: 'disabled',
      resourceLimits: { maxOldGenerationSizeMb: settings.memoryMb },
      recordTiming: false
    })
    // A thread that could not start: its task would wait in the queue for ever.
    opened.on('error', (error: Error) => { for (const fail of starting) fail(error) })
    return opened
  }

  const run = async (context: JobContext, job: ThreadJob): Promise<ProcessOutcome> => {
    const { signal, event, params, processName, jobId, attempt, absorbed, joined } = context
    const release = await slots.take(signal).catch(() => { throw new Error(stopReason(signal)) })
    if (signal.aborted || closed) {
      release()
      throw new Error(closed ? 'the service is closing' : stopReason(signal))
    }
    const threads = pool ??= openPool()
    const { port1, port2 } = new MessageChannel()
    const end = new AbortController()
    let timer: NodeJS.Timeout | undefined
    let exits: Promise<unknown> | undefined
    let started = false

    const kill = (reason: string): void => {
      if (exits !== undefined) return
      // Piscina drops the thread at once and does not wait for its end; which one it was shows in the difference.
      const before = threads.threads
      end.abort(new Error(reason))
      const left = new Set(threads.threads)
      exits = Promise.all(before.filter(thread => !left.has(thread)).map(thread => once(thread, 'exit')))
    }
    const failStart = (error: Error): void => kill(`the thread did not start: ${error.message}`)
    const stop = (): void => {
      if (!started) return kill(stopReason(signal))
      port1.postMessage({ abort: stopReason(signal) } satisfies ToThread)
      timer = setTimeout(
        () => kill(`${stopReason(signal)}; it did not stop within ${job.graceMs} ms and its thread was ended`),
        timerMs(job.graceMs)
      )
    }

    const drained = once(port1, 'close')
    port1.on('message', (message: FromThread) => {
      if ('log' in message) return context.log(message.log)
      if ('progress' in message) return context.progress(message.progress)
      if ('file' in message) return context.wrote(message.file)
      if ('block' in message) return answerBlock(message, context.block, answer => port1.postMessage(answer))
      started = true
      starting.delete(failStart)
    })
    starting.add(failStart)
    signal.addEventListener('abort', stop)
    try {
      const task: ThreadTask = {
        port: port2,
        address: job.address,
        lookupsFolder: job.lookupsFolder,
        maxOutputBytes: job.maxOutputBytes,
        context: settings.context,
        job: { event, params, processName, jobId, attempt, absorbed, joined }
      }
      const result: ThreadResult = await threads.run(task, {
        transferList: [port2],
        signal: end.signal,
        name: 'runInThread'
      })
      await drained
      if ('failure' in result) throw fromFailure(result.failure)
      return JSON.parse(result.outcome) as ProcessOutcome
    } catch (thrown) {
      if (exits !== undefined) {
        await exits
        throw end.signal.reason
      }
      throw explain(thrown, settings.memoryMb)
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
      starting.delete(failStart)
      // what a thread said before it died is still on its way; a thread that never had the port cannot close it
      await Promise.race([drained, delay(100)])
      port1.close()
      release()
    }
  }

  return {
    run,
    close: async () => {
      closed = true
      await pool?.destroy()
    }
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
