import { availableParallelism, hostname } from 'node:os'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { folders } from './config.ts'
import { startPresence, type Presence } from '../engine/worker/presence.ts'
import { watchPauses } from '../engine/worker/pauses.ts'
import { createInputs, type InputsOptions } from '../sdk/inputs/inputs.ts'
import type { Definition, Lookups } from '../engine/lookups/lookups.ts'
import { createJobRunner, type JobRunner } from '../engine/worker/run-job.ts'
import { threadEnvironment } from '../runners/environment.ts'
import { createRunner } from '../runners/entry.ts'
import type { Runner } from '../runners/runner.ts'
import { createThreads, type Threads } from '../runners/module/threads.ts'
import type { Base, Opened } from './base.ts'
import { shipped } from './shipped.ts'
import { storeSettings } from '../sdk/store/open.ts'
import { HOLDERS_TOPIC } from '../engine/worker/take-over.ts'
import { startWorker } from '../engine/worker/worker.ts'
import { instanceName, workerName } from '../engine/jobs/worker-name.ts'

/** Beside this file, as .ts in a checkout and as .js when compiled. */
export const THREAD_ENTRY = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './thread.ts' : './thread.js', import.meta.url)
)

/** Runs the processes. */
export async function startWorkerRole (base: Base): Promise<Opened> {
  const {
    config, log, host, version, verbs, ledger, work, clock, lookupFiles, metrics, tracer, kinds, blocks, loops, onError
  } = base
  const { fetch, worker: settings } = config
  const inputs = {
    folders: folders(config.inputs),
    maxBytes: fetch.max_bytes,
    timeoutMs: fetch.timeout_ms,
    allowPrivate: fetch.allow_private
  }
  const threads = openThreads(base, inputs)
  const pauses = await watchPauses(ledger, work, onError)
  const name = workerName(host, version)
  const instance = instanceName(name)
  const { current: lookups, onChange: onLookups } = lookupFiles
  const runner = createJobRunner({
    verbs,
    ledger,
    now: clock.now,
    lookups,
    runnerOf: createRunners(base, threads),
    pauses,
    inputs: createInputs(inputs),
    block: blocks.get,
    kinds,
    metrics,
    tracer,
    log,
    defaultConcurrency: settings.concurrency,
    name,
    others: { instance, workers: work.workers, ask: (run) => work.publish(HOLDERS_TOPIC, run) }
  })
  const served = namesIn(settings.processes)
  const worker = await startWorker({
    work,
    runner,
    lookups,
    onLookups,
    processes: served,
    concurrency: settings.concurrency,
    name: instance,
    lockMs: settings.lock_ms,
    stalledMs: settings.stalled_ms,
    log,
    onError
  })
  const presence = startPresence({ ledger, now: clock.now, describe: () => describe(base, served, runner), loops })
  return {
    close: async () => {
      await worker.stop(settings.shutdown_ms)
      await presence.close()
      pauses.close()
      await threads.close()
    }
  }
}

function describe (
  { host, version, lookupFiles }: Base,
  served: string[],
  runner: Pick<JobRunner, 'running'>
): Omit<Presence, 'v' | 'started' | 'runningCount'> {
  const processes = served.length === 0 ? ownProcesses(lookupFiles.current()) : served
  return { name: host, host: hostname(), version, processes, running: runner.running() }
}

function openThreads ({ config: { store, worker }, env }: Base, inputs: InputsOptions): Threads {
  return createThreads({
    entry: THREAD_ENTRY,
    maxThreads: worker.threads === 0 ? availableParallelism() : worker.threads,
    memoryMb: worker.thread_memory_mb,
    env: threadEnvironment(env),
    context: { store: storeSettings(store, env), inputs }
  })
}

/** One runner for each definition, made when its first job comes. */
function createRunners ({ config, env, kinds, strays }: Base, threads: Threads): (definition: Definition) => Runner {
  const options = {
    lookupsFolder: resolve(config.lookups),
    graceMs: config.worker.grace_ms,
    maxOutputBytes: config.worker.max_output,
    builtIns: shipped.processes,
    kinds,
    threads,
    strays,
    env,
    store: storeSettings(config.store, env)
  }
  const runners = new WeakMap<Definition, Runner>()
  return (definition) => {
    const runner = runners.get(definition) ?? createRunner(definition.run, options)
    if (runner === undefined) throw new Error(`${definition.name} is run by foreign workers`)
    runners.set(definition, runner)
    return runner
  }
}

const namesIn = (list: string): string[] => list.split(',').map((name) => name.trim()).filter((name) => name !== '')

/** All but those of foreign workers. */
const ownProcesses = ({ processes }: Lookups): string[] =>
  [...processes.values()].filter(({ run }) => !('external' in run)).map(({ name }) => name)
