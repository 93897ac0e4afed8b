import { hostname } from 'node:os'
import { resolve } from 'node:path'
import type { Logger } from 'pino'
import { toMilliseconds } from '../base/duration.ts'
import { maskSecrets } from '../base/mask.ts'
import { createBlocks, type Blocks } from '../engine/blocks/blocks.ts'
import { createKeys, type Keys } from '../engine/blocks/seal.ts'
import { loadEventsConfig, toStarted, type EventsConfig } from '../engine/cloudevents/events-config.ts'
import { startsOf } from '../engine/cloudevents/starts.ts'
import { createDispatch, type Dispatch } from '../engine/dispatch/dispatch.ts'
import { openLookupFiles, type LookupFiles } from '../engine/lookups/lookup-files.ts'
import { createMetrics, type Metrics } from '../engine/metrics.ts'
import { createAnnounce, type Announce } from '../engine/notifications/announce.ts'
import { openPublisher } from '../engine/reporting/open.ts'
import { createReports, type Reports } from '../engine/reporting/reports.ts'
import type { Queues } from '../queues/contract.ts'
import { openQueues } from '../queues/open.ts'
import { checkRun } from '../runners/entry.ts'
import { loadKinds } from '../runners/module/kind-files.ts'
import { createStrays, type Strays } from '../runners/module/strays.ts'
import type { Kinds } from '../sdk/blocks/kind.ts'
import { createRedactor, type Redactor } from '../sdk/blocks/redactor.ts'
import type { Closers } from './closers.ts'
import type { Config } from './config.ts'
import { createErrorLog } from './error-log.ts'
import { queueNamesOf, readDepths, untilReady } from './queue-names.ts'
import { shipped } from './shipped.ts'

export type Role = 'api' | 'worker' | 'results'

export type ServiceOptions = {
  config: Config
  roles: Role[]
  log: Logger
  /** Of the package; the setting `version` stands over it. */
  version: string
  /** The environment, of which commands and HTTP runners may be given parts. */
  env: Record<string, string | undefined>
  /** The redactor used by the log. */
  redactor?: Redactor
  /** Takes what modules in the event loop throw where nobody waits. */
  strays?: Strays
  /** The embedded datastore has died and cannot come back in this process. */
  onFatal?: (error: Error) => void
}

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
  /** Those that are shipped, and the operator's own. */
  kinds: Kinds
  /** Named configuration with secrets; `blocks.get(kind, name)` answers what it is now. */
  blocks: Blocks
  keys: Keys
  /** Told the secrets of every block that is read here, for the service's own log. */
  redactor: Redactor
  strays: Strays
  /** Which CloudEvents start which process; undefined where that is not configured, or no event is taken here. */
  eventsConfig: EventsConfig | undefined
  onError: (error: Error) => void
}

/** A role that runs. Closing it lets its work end first. */
export type Opened = { close: () => Promise<unknown>, address?: string }

/** Opens what the roles share. `closers` gets what has been opened, also where a later step throws. */
export async function createBase (options: ServiceOptions, closers: Closers): Promise<Base> {
  const { config, roles, log, env, redactor = createRedactor(), strays = createStrays(), onFatal } = options
  const onError = createErrorLog(log, onFatal)
  const eventsConfig = roles.includes('api') ? loadEventsConfig(config.cloudevents.events_config) : undefined
  const started = toStarted(eventsConfig)
  const lookupFiles = await openLookupFiles({
    folder: config.lookups,
    checkRun,
    builtIns: shipped.processes,
    started,
    env,
    log
  })
  closers.add(lookupFiles.close)
  const queues = await openConfiguredQueues(config, onError)
  closers.add(queues.close)
  await untilReady(queues, config.queues.timeout_ms, log)
  const keys = createKeys(config.secret_key, config.secret_key_old)
  const kinds = await loadKinds(resolve(config.lookups), shipped.kinds)
  const blocks = createBlocks({ queues, keys, redactor, kinds })
  await blocks.check()

  const version = config.version === '' ? options.version : config.version
  const host = config.worker.name === '' ? hostname() : config.worker.name
  const given = {
    config, log, version, host, env, lookupFiles, queues, kinds, blocks, keys, redactor, strays, eventsConfig, onError
  }
  const queueNames = (): string[] => queueNamesOf(lookupFiles.current())
  const metrics = createMetrics({ depths: () => readDepths(queues, queueNames()) })
  const hide = <T>(value: T): T => redactor.value(maskSecrets(value) as T)
  const reports = openReports(given, { roles, metrics, hide }, closers)
  const delays = config.notifications.retries.split(',').map(toMilliseconds)
  const announce = createAnnounce({ queues, hide, lookups: lookupFiles.current, delays })
  const dispatch = createConfiguredDispatch(given, { metrics, reports })
  return { ...given, publicUrl: publicUrlOf(config, host), queueNames, metrics, dispatch, announce, reports }
}

type Given = Pick<Base, 'config' | 'log' | 'host' | 'lookupFiles' | 'queues' | 'blocks' | 'redactor' | 'eventsConfig'>

async function openConfiguredQueues ({ backend, queues }: Config, onError: (error: Error) => void): Promise<Queues> {
  const { prefix, connections, timeout_ms: timeoutMs, retention_hours: hours } = queues
  return await openQueues({ backend, prefix, connections, retentionMs: hours * 3_600_000, timeoutMs, onError })
}

type ForReports = { roles: Role[], metrics: Metrics, hide: <T>(value: T) => T }

function openReports (
  { config, log, host, blocks, redactor }: Given,
  { roles, metrics, hide }: ForReports,
  closers: Closers
): Reports {
  // Workers have nothing to report.
  const isNeeded = roles.some((role) => role !== 'worker')
  const settings = config.reporting
  const publisher = isNeeded ? openPublisher({ settings, block: blocks.get, redactor, metrics, log }) : undefined
  closers.add(async () => {
    await publisher?.close(settings.flush_ms)
  })
  return createReports({ publisher, host, hide })
}

function createConfiguredDispatch (
  { config, log, lookupFiles, queues, eventsConfig = [] }: Given,
  { metrics, reports }: Pick<Base, 'metrics' | 'reports'>
): Dispatch {
  return createDispatch({
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
}

/** An address to listen on everywhere is none to go to. */
function publicUrlOf ({ public_url: given, host: address, port }: Config, host: string): string {
  if (given !== '') return given.replace(/\/+$/, '')
  const reached = address === '0.0.0.0' || address === '::' ? host : address
  return `http://${reached.includes(':') ? `[${reached}]` : reached}:${port}`
}
