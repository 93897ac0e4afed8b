import { hostname } from 'node:os'
import type { Logger } from 'pino'
import { type Blocks, createBlocks } from '../engine/blocks/blocks.ts'
import { type Redactor, createRedactor } from '../sdk/blocks/redactor.ts'
import { type Keys, createKeys } from '../engine/blocks/seal.ts'
import { startsOf } from '../engine/cloudevents/starts.ts'
import { loadEventsConfig, toStarted, type EventsConfig } from '../engine/cloudevents/events-config.ts'
import type { Config } from './config.ts'
import { createDispatch, type Dispatch } from '../engine/dispatch/dispatch.ts'
import { createErrorLog } from './error-log.ts'
import { openLookupFiles, type LookupFiles } from '../engine/lookups/lookup-files.ts'
import { createAnnounce, type Announce } from '../engine/notifications/announce.ts'
import { toMilliseconds } from '../base/duration.ts'
import { openPublisher } from '../engine/reporting/open.ts'
import type { Publisher } from '../engine/reporting/publisher.ts'
import { createReports, type Reports } from '../engine/reporting/reports.ts'
import { maskSecrets } from '../base/mask.ts'
import { createMetrics, type Metrics } from '../engine/metrics.ts'
import { EVENTS_QUEUE, GATES_QUEUE, NOTIFICATIONS_QUEUE, type QueueCounts, type Queues } from '../queues/contract.ts'
import { openQueues } from '../queues/open.ts'
import { shipped } from './shipped.ts'
import { startApi } from './api.ts'
import { startResults } from './results.ts'
import { startStatus } from './status.ts'
import { startWorkerRole } from './worker.ts'
import { checkRun } from '../runners/entry.ts'

export type Role = 'api' | 'worker' | 'results'

/** What every role stands on. */
export type Base = {
  config: Config
  log: Logger
  version: string
  /** What this machine is called in notices and reports. */
  host: string
  /** Where people reach the service, without a slash at the end. */
  publicUrl: string
  env: Record<string, string | undefined>
  lookupFiles: LookupFiles
  queues: Queues
  /** All queues of the lookups, and that of the event records. */
  queueNames: () => string[]
  metrics: Metrics
  dispatch: Dispatch
  announce: Announce
  reports: Reports
  /** Named configuration with secrets; `blocks.get(kind, name)` answers what it is now. */
  blocks: Blocks
  keys: Keys
  /** Told the secrets of every block that is read here, for the service's own log. */
  redactor: Redactor
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
  /** The one that the log goes through. */
  redactor?: Redactor
  /** The embedded datastore has died and cannot come back in this process. */
  onFatal?: (error: Error) => void
}

/** How long a datastore that is away at the start is waited for between two tries. */
const READY_RETRY_MS = 1000

/** Wires the roles that this process plays, and starts them. Where one cannot start, none is left behind. */
export async function startService ({ config, roles, log, version, env, redactor = createRedactor(), onFatal }: ServiceOptions): Promise<Service> {
  const opened: Opened[] = []
  const stop = async (): Promise<void> => { for (const one of opened.splice(0)) await one.close() }
  try {
    const onError = createErrorLog(log, onFatal)
    const eventsConfig = roles.includes('api') ? loadEventsConfig(config.cloudevents.events_config) : undefined
    const lookupFiles = await openLookupFiles({ folder: config.lookups, checkRun, builtIns: shipped.processes, started: toStarted(eventsConfig), env, log })
    opened.unshift({ close: async () => { lookupFiles.close() } })
    const { prefix, connections, timeout_ms: timeoutMs, retention_hours: hours } = config.queues
    const queues = await openQueues({ backend: config.backend, prefix, connections, retentionMs: hours * 3_600_000, timeoutMs, onError })
    opened.unshift({ close: queues.close })
    await untilReady(queues, timeoutMs, log)
    const keys = createKeys(config.secret_key, config.secret_key_old)
    const blocks = createBlocks({ queues, keys, redactor, kinds: shipped.kinds })
    await blocks.check()
    const { publisher, ...base } = wire({ config, log, version: config.version === '' ? version : config.version, env, lookupFiles, queues, blocks, keys, redactor, eventsConfig, onError }, roles)
    opened.unshift({ close: async () => { await publisher?.close(config.reporting.flush_ms) } })
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

type Given = Omit<Base, 'metrics' | 'dispatch' | 'announce' | 'reports' | 'host' | 'publicUrl' | 'queueNames'>

function wire (given: Given, roles: Role[]): Base & { publisher: Publisher | undefined } {
  const { config, log, lookupFiles, queues, blocks, redactor, eventsConfig = [] } = given
  const host = config.worker.name === '' ? hostname() : config.worker.name
  const queueNames = (): string[] => {
    const { eventTypes, processes } = lookupFiles.current()
    const notifies = [...processes.values(), ...eventTypes.values()].some(({ notify = [] }) => notify.length > 0)
    return [...new Set([EVENTS_QUEUE, ...notifies ? [NOTIFICATIONS_QUEUE] : [], ...[...processes.values()].flatMap(({ queue, rules }) => rules === undefined ? [queue] : [GATES_QUEUE, queue])])]
  }
  const metrics = createMetrics({ depths: () => readDepths(queues, queueNames()) })
  // Workers have nothing to report.
  const publisher = roles.some((role) => role !== 'worker') ? openPublisher({ settings: config.reporting, block: blocks.get, redactor, metrics, log }) : undefined
  const hide = <T>(value: T): T => redactor.value(maskSecrets(value) as T)
  const reports = createReports({ publisher, host, hide })
  const announce = createAnnounce({ queues, hide, lookups: lookupFiles.current, delays: config.notifications.retries.split(',').map(toMilliseconds) })
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
    onSubmitted: reports.submitted,
    onRefused: (refused, cause) => {
      metrics.refused()
      log.warn({ ...cause, type: refused.type, reason: refused.refused }, 'follow-on event refused')
    }
  })
  return { ...given, host, publicUrl: publicUrlOf(config, host), queueNames, metrics, dispatch, announce, reports, publisher }
}

/** An address to listen on everywhere is none to go to. */
function publicUrlOf ({ public_url: given, host: address, port }: Config, host: string): string {
  if (given !== '') return given.replace(/\/+$/, '')
  const reached = address === '0.0.0.0' || address === '::' ? host : address
  return `http://${reached.includes(':') ? `[${reached}]` : reached}:${port}`
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
