import type { Logger } from 'pino'
import { type Blocks, createBlocks } from './blocks/blocks.ts'
import { createKeys } from './blocks/seal.ts'
import { startsOf } from './cloudevents/starts.ts'
import { loadEventsConfig, toStarted, type EventsConfig } from './cloudevents/events-config.ts'
import type { Config } from './config.ts'
import { createDispatch, type Dispatch } from './dispatch.ts'
import { createErrorLog } from './error-log.ts'
import { openLookupFiles, type LookupFiles } from './lookup-files.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { EVENTS_QUEUE, GATES_QUEUE, type QueueCounts, type Queues } from './queues/contract.ts'
import { openQueues } from './queues/open.ts'
import { startApi } from './roles/api.ts'
import { startResults } from './roles/results.ts'
import { startStatus } from './roles/status.ts'
import { startWorkerRole } from './roles/worker.ts'
import { checkRun } from './runners/entry.ts'

export type Role = 'api' | 'worker' | 'results'

/** What every role stands on. */
export type Base = {
  config: Config
  log: Logger
  version: string
  env: Record<string, string | undefined>
  lookupFiles: LookupFiles
  queues: Queues
  /** All queues of the lookups, and that of the event records. */
  queueNames: () => string[]
  metrics: Metrics
  dispatch: Dispatch
  /** Named configuration with secrets; `blocks.get(kind, name)` answers what it is now. */
  blocks: Blocks
  /** Which CloudEvents start which process; undefined where that is not configured, or no event is taken here. */
  eventsConfig: EventsConfig | undefined
  onError: (error: Error) => void
}

/** A role that runs. Closing it lets its work end first. */
export type Opened = { close: () => Promise<unknown>, address?: string }

export interface Service {
  /** The address of the HTTP service, where there is one. */
  address: string | undefined
  /** The datastore as people may see it: no password. */
  backend: string
  reload: () => Promise<boolean>
  /** In the order of flow: takes in nothing new, finishes what runs, lets go. */
  stop: () => Promise<void>
}

export type ServiceOptions = {
  config: Config
  roles: Role[]
  log: Logger
  version: string
  /** The environment, of which commands and HTTP runners may be given parts. */
  env: Record<string, string | undefined>
  /** The embedded datastore has died and cannot come back in this process. */
  onFatal?: (error: Error) => void
}

/** How long a datastore that is away at the start is waited for between two tries. */
const READY_RETRY_MS = 1000

/** Wires the roles that this process plays, and starts them. Where one cannot start, none is left behind. */
export async function startService ({ config, roles, log, version, env, onFatal }: ServiceOptions): Promise<Service> {
  const opened: Opened[] = []
  const stop = async (): Promise<void> => { for (const one of opened.splice(0)) await one.close() }
  try {
    const onError = createErrorLog(log, onFatal)
    const eventsConfig = roles.includes('api') ? loadEventsConfig(config.cloudevents.events_config) : undefined
    const lookupFiles = await openLookupFiles({ folder: config.lookups, checkRun, started: toStarted(eventsConfig), log })
    opened.unshift({ close: async () => { lookupFiles.close() } })
    const { prefix, connections, timeout_ms: timeoutMs, retention_hours: hours } = config.queues
    const queues = await openQueues({ backend: config.backend, prefix, connections, retentionMs: hours * 3_600_000, timeoutMs, onError })
    opened.unshift({ close: queues.close })
    await untilReady(queues, timeoutMs, log)
    const blocks = createBlocks({ queues, keys: createKeys(config.secret_key, config.secret_key_old) })
    await blocks.check()
    const base = wire({ config, log, version, env, lookupFiles, queues, blocks, eventsConfig, onError })
    if (roles.includes('results')) opened.unshift(startResults(base))
    if (roles.includes('worker')) opened.unshift(await startWorkerRole(base))
    if (roles.includes('api')) opened.unshift(await startApi(base))
    else if (config.status.port >= 0) opened.unshift(await startStatus(base))
    let stopping: Promise<void> | undefined
    const address = roles.includes('api') ? opened[0]?.address : undefined
    return { address, backend: queues.address, reload: lookupFiles.reload, stop: () => (stopping ??= stop()) }
  } catch (error) {
    await stop()
    throw error
  }
}

function wire (given: Omit<Base, 'metrics' | 'dispatch' | 'queueNames'>): Base {
  const { config, log, lookupFiles, queues, eventsConfig = [] } = given
  const queueNames = (): string[] => [...new Set([EVENTS_QUEUE, ...[...lookupFiles.current().processes.values()].flatMap(({ queue, rules }) => rules === undefined ? [queue] : [GATES_QUEUE, queue])])]
  const metrics = createMetrics({ depths: () => readDepths(queues, queueNames()) })
  const dispatch = createDispatch({
    lookups: lookupFiles.current,
    starts: (event) => startsOf(event, eventsConfig),
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
  return { ...given, queueNames, metrics, dispatch }
}

async function readDepths (queues: Queues, names: string[]): Promise<Map<string, QueueCounts>> {
  const counts = await Promise.all(names.map(queues.counts))
  return new Map(names.map((name, i) => [name, counts[i] as QueueCounts]))
}

/** Waits for a datastore that is not there yet, as after the start of a whole machine, and brings it up to date. */
async function untilReady (queues: Queues, timeoutMs: number, log: Logger): Promise<void> {
  for (;;) {
    try {
      await queues.migrate()
      return await queues.ping(timeoutMs)
    } catch (error) {
      log.warn({ err: error, backend: queues.address }, 'the datastore does not answer yet')
      await new Promise((resolve) => setTimeout(resolve, READY_RETRY_MS))
    }
  }
}
