import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { folders } from './config.ts'
import { watchPauses } from '../engine/worker/pauses.ts'
import { createInputs } from '../sdk/inputs/inputs.ts'
import type { Definition } from '../engine/lookups/lookups.ts'
import { createJobRunner } from '../engine/worker/run-job.ts'
import { threadEnvironment } from '../runners/environment.ts'
import { createRunner } from '../runners/entry.ts'
import type { Runner } from '../runners/runner.ts'
import { createThreads } from '../runners/module/threads.ts'
import type { Base, Opened } from './base.ts'
import { shipped } from './shipped.ts'
import { storeSettings } from '../sdk/store/open.ts'
import { startWorker } from '../engine/worker/worker.ts'
import { workerName } from '../engine/jobs/worker-name.ts'

/** Beside this file, as .ts in a checkout and as .js when compiled. */
export const THREAD_ENTRY = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './thread.ts' : './thread.js', import.meta.url)
)

/** Runs the processes. */
export async function startWorkerRole ({
  config, log, env, host, version, verbs, ledger, work, clock, lookupFiles, metrics, tracer, kinds, blocks,
  strays, onError
}: Base): Promise<Opened> {
  const { fetch, worker: settings } = config
  const inputs = {
    folders: folders(config.inputs),
    maxBytes: fetch.max_bytes,
    timeoutMs: fetch.timeout_ms,
    allowPrivate: fetch.allow_private
  }
  const store = storeSettings(config.store, env)
  const { processes: builtIns } = shipped
  const threads = createThreads({
    entry: THREAD_ENTRY,
    maxThreads: settings.threads === 0 ? availableParallelism() : settings.threads,
    memoryMb: settings.thread_memory_mb,
    env: threadEnvironment(env),
    context: { store, inputs }
  })
  const runners = new WeakMap<Definition, Runner>()
  const runnerOf = (definition: Definition): Runner => {
    let runner = runners.get(definition)
    if (runner === undefined) {
      runner = createRunner(definition.run, {
        lookupsFolder: resolve(config.lookups),
        graceMs: settings.grace_ms,
        maxOutputBytes: settings.max_output,
        builtIns,
        kinds,
        threads,
        strays,
        env,
        store
      })
      if (runner === undefined) throw new Error(`${definition.name} is run by foreign workers`)
      runners.set(definition, runner)
    }
    return runner
  }
  const pauses = await watchPauses(ledger, work, onError)
  const name = workerName(host, version)
  const lookups = lookupFiles.current
  const runner = createJobRunner({
    verbs,
    ledger,
    now: clock.now,
    lookups,
    runnerOf,
    pauses,
    inputs: createInputs(inputs),
    block: blocks.get,
    kinds,
    metrics,
    tracer,
    log,
    defaultConcurrency: settings.concurrency,
    name
  })
  const worker = await startWorker({
    work,
    runner,
    lookups,
    onLookups: lookupFiles.onChange,
    processes: settings.processes
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
    concurrency: settings.concurrency,
    name,
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
