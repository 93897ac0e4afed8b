import type { AddressInfo } from 'node:net'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import fastify, { LogController } from 'fastify'
import type { Logger } from 'pino'
import { createApp } from './api/app.ts'
import { healthRoutes } from './api/health.ts'
import { folders, type Config } from './config.ts'
import { createDispatch } from './dispatch.ts'
import { createHistory } from './history.ts'
import { createInputs } from './inputs.ts'
import { createJobs } from './jobs.ts'
import { openLookupFiles } from './lookup-files.ts'
import type { Definition } from './lookups.ts'
import { createMetrics } from './metrics.ts'
import { bounded } from './queues/bounded.ts'
import { createBoard } from './queues/board.ts'
import { EVENTS_QUEUE, type QueueCounts, type Queues } from './queues/contract.ts'
import { openQueues } from './queues/open.ts'
import { startResultPoller } from './results.ts'
import { createJobRunner } from './runner.ts'
import { checkRun, createRunner } from './runners/entry.ts'
import type { Runner } from './runners/runner.ts'
import { createThreads } from './runners/threads.ts'
import { ReadySchema } from './schemas.ts'
import { openStore } from './store.ts'
import { startWorker } from './worker.ts'

export type Role = 'api' | 'worker' | 'results'

export interface Service {
  /** The address of the HTTP service, where there is one. */
  address: string | undefined
  reload: () => Promise<boolean>
  /** In the order of flow: takes in nothing new, finishes what runs, lets go. */
  stop: () => Promise<void>
}

/** How long a datastore that is away at the start is waited for between two tries. */
const READY_RETRY_MS = 1000
const PRUNE_MS = 10 * 60 * 1000

/** Wires the roles that this process plays, and starts them. */
export async function startService ({ config, roles, log, version, env }: { config: Config, roles: Role[], log: Logger, version: string, env: Record<string, string | undefined> }): Promise<Service> {
  const onError = createErrorLog(log)
  const retentionMs = config.queues.retention_hours * 3_600_000
  const lookupFiles = await openLookupFiles({ folder: config.lookups, checkRun, log })
  const queues = await openQueues({ backend: config.backend, prefix: config.queues.prefix, connections: config.queues.connections, retentionMs, timeoutMs: config.queues.timeout_ms, onError })
  await untilReady(queues, config, log)

  const metrics = createMetrics({ depths: () => queueDepths(queues, lookupFiles.current().processes) })
  const dispatch = createDispatch({
    lookups: lookupFiles.current,
    queues,
    timeoutMs: config.queues.timeout_ms,
    batchSize: config.queues.batch_size,
    batches: config.queues.batches,
    maxWaiting: config.api.max_waiting_events,
    maxDepth: config.events.max_depth,
    maxFanOut: config.events.max_fan_out,
    onRefused: (refused, cause) => {
      metrics.refused()
      log.warn({ ...cause, type: refused.type, reason: refused.refused }, 'follow-on event refused')
    }
  })
  const stops: Array<() => Promise<unknown>> = []
  let address: string | undefined

  if (roles.includes('worker')) stops.unshift(await startWorkerRole())
  if (roles.includes('results')) {
    const poller = startResultPoller({ queues, dispatch, lookups: lookupFiles.current, log, lockMs: config.worker.lock_ms, stalledMs: config.worker.stalled_ms, maxOutput: config.worker.max_output, retentionMs, pruneMs: PRUNE_MS, onError })
    stops.push(async () => {
      await poller.drain()
      await poller.close()
    })
  }
  if (roles.includes('api')) stops.unshift(await startApi())
  else if (config.status.port >= 0) stops.push(await startStatus())

  async function startApi (): Promise<() => Promise<unknown>> {
    const reads = bounded(queues, config.queues.timeout_ms)
    const board = createBoard(queues, '/board')
    const show = (): void => { board.show([...new Set([EVENTS_QUEUE, ...[...lookupFiles.current().processes.values()].map(({ queue }) => queue)])]) }
    show()
    lookupFiles.onChange(show)
    const app = await createApp({
      dispatch,
      jobs: createJobs({ queues: reads, lookups: lookupFiles.current }),
      history: createHistory({ queues: reads, dispatch }),
      queues: reads,
      lookupFiles,
      metrics,
      board,
      log,
      settings: { bodyLimit: config.api.body_limit, requestTimeoutMs: config.api.request_timeout_ms, token: config.token, version, backendTimeoutMs: config.queues.timeout_ms }
    })
    if (config.token === '' && !isLoopback(config.host)) log.warn({ host: config.host }, 'anybody who reaches this address can submit and cancel: set SIGNALBOX_TOKEN')
    address = await app.listen({ host: config.host, port: config.port })
    return () => app.close()
  }

  async function startStatus (): Promise<() => Promise<unknown>> {
    const app = fastify({ loggerInstance: log, logController: new LogController({ disableRequestLogging: true }) })
    app.addSchema(ReadySchema)
    await app.register(healthRoutes, { queues, lookupFiles, metrics, settings: { backendTimeoutMs: config.queues.timeout_ms } })
    await app.listen({ host: config.host, port: config.status.port })
    log.info({ port: (app.server.address() as AddressInfo).port }, 'status is served')
    return () => app.close()
  }

  async function startWorkerRole (): Promise<() => Promise<unknown>> {
    const inputSettings = { folders: folders(config.inputs), maxBytes: config.fetch.max_bytes, timeoutMs: config.fetch.timeout_ms, allowPrivate: config.fetch.allow_private }
    const threads = createThreads({ maxThreads: config.worker.threads === 0 ? availableParallelism() : config.worker.threads, memoryMb: config.worker.thread_memory_mb, context: { storeUrl: config.store, inputs: inputSettings } })
    const runners = new WeakMap<Definition, Runner>()
    const runnerOf = (definition: Definition): Runner => {
      let runner = runners.get(definition)
      if (runner === undefined) {
        runner = createRunner(definition.run, { lookupsFolder: resolve(config.lookups), graceMs: config.worker.grace_ms, maxOutputBytes: config.worker.max_output, threads, env })
        if (runner === undefined) throw new Error(`${definition.name} is run by foreign workers`)
        runners.set(definition, runner)
      }
      return runner
    }
    const runner = createJobRunner({ lookups: lookupFiles.current, runnerOf, dispatch, queues, store: openStore(config.store), inputs: createInputs(inputSettings), metrics, log, defaultConcurrency: config.worker.concurrency })
    const worker = await startWorker({
      queues,
      runner,
      lookups: lookupFiles.current,
      onLookups: lookupFiles.onChange,
      processes: config.worker.processes.split(',').map((name) => name.trim()).filter((name) => name !== ''),
      concurrency: config.worker.concurrency,
      lockMs: config.worker.lock_ms,
      stalledMs: config.worker.stalled_ms,
      log,
      onError
    })
    return async () => {
      await worker.stop(config.worker.shutdown_ms)
      await threads.close()
    }
  }

  let stopping: Promise<void> | undefined
  async function stop (): Promise<void> {
    for (const one of stops) await one()
    lookupFiles.close()
    await queues.close()
  }

  return { address, reload: lookupFiles.reload, stop: () => (stopping ??= stop()) }
}

/** Waits for a datastore that is not there yet, as after the start of a whole machine, and brings it up to date. */
async function untilReady (queues: Queues, config: Config, log: Logger): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await queues.migrate()
      return await queues.ping(config.queues.timeout_ms)
    } catch (error) {
      log.warn({ err: error, backend: queues.address }, 'the datastore does not answer yet')
      await new Promise((resolve) => setTimeout(resolve, READY_RETRY_MS))
    }
  }
}

async function queueDepths (queues: Queues, processes: ReadonlyMap<string, Definition>): Promise<Map<string, QueueCounts>> {
  const names = [...new Set([EVENTS_QUEUE, ...[...processes.values()].map(({ queue }) => queue)])]
  const counts = await Promise.all(names.map((name) => queues.counts(name)))
  return new Map(names.map((name, i) => [name, counts[i] as QueueCounts]))
}

/** A datastore that is away makes every connection complain, again and again: each message is logged once in a while. */
function createErrorLog (log: Logger, everyMs = 5000): (error: Error) => void {
  const last = new Map<string, number>()
  return (error) => {
    const now = Date.now()
    if (now - (last.get(error.message) ?? 0) < everyMs) return
    if (last.size > 100) last.clear()
    last.set(error.message, now)
    log.warn({ err: error }, 'datastore connection')
  }
}

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127\./.test(host)
