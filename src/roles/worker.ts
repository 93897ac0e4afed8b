import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { folders } from '../config.ts'
import { watchPauses } from '../gates/pauses.ts'
import { createInputs } from '../inputs/inputs.ts'
import type { Definition } from '../lookups.ts'
import { createJobRunner } from '../runner.ts'
import { createRunner } from '../runners/entry.ts'
import type { Runner } from '../runners/runner.ts'
import { createThreads } from '../runners/threads.ts'
import type { Base, Opened } from '../service.ts'
import { openStore } from '../store.ts'
import { startWorker } from '../worker.ts'

/** Runs the processes. */
export async function startWorkerRole ({ config, log, env, queues, lookupFiles, metrics, dispatch, blocks, onError }: Base): Promise<Opened> {
  const { fetch, worker: settings } = config
  const inputs = { folders: folders(config.inputs), maxBytes: fetch.max_bytes, timeoutMs: fetch.timeout_ms, allowPrivate: fetch.allow_private }
  const threads = createThreads({
    maxThreads: settings.threads === 0 ? availableParallelism() : settings.threads,
    memoryMb: settings.thread_memory_mb,
    context: { storeUrl: config.store, inputs }
  })
  const runners = new WeakMap<Definition, Runner>()
  const runnerOf = (definition: Definition): Runner => {
    let runner = runners.get(definition)
    if (runner === undefined) {
      runner = createRunner(definition.run, { lookupsFolder: resolve(config.lookups), graceMs: settings.grace_ms, maxOutputBytes: settings.max_output, threads, env })
      if (runner === undefined) throw new Error(`${definition.name} is run by foreign workers`)
      runners.set(definition, runner)
    }
    return runner
  }
  const pauses = await watchPauses(queues, onError)
  const worker = await startWorker({
    queues,
    runner: createJobRunner({ lookups: lookupFiles.current, runnerOf, dispatch, queues, pauses, store: openStore(config.store), inputs: createInputs(inputs), block: blocks.get, metrics, log, defaultConcurrency: settings.concurrency }),
    lookups: lookupFiles.current,
    onLookups: lookupFiles.onChange,
    processes: settings.processes.split(',').map((name) => name.trim()).filter((name) => name !== ''),
    concurrency: settings.concurrency,
    lockMs: settings.lock_ms,
    stalledMs: settings.stalled_ms,
    log,
    onError
  })
  return {
    close: async () => {
      await worker.stop(settings.shutdown_ms)
      pauses.close()
      await threads.close()
    }
  }
}
