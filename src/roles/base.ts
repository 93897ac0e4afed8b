import { hostname } from 'node:os'
import { resolve } from 'node:path'
import type { Logger } from 'pino'
import { toMilliseconds } from '../base/duration.ts'
import { createLoops, type Loops } from '../base/loops.ts'
import type { Tracer } from '../base/trace.ts'
import { maskSecrets } from '../base/mask.ts'
import { createBlocks, type Blocks } from '../engine/blocks/blocks.ts'
import { createKeys, type Keys } from '../engine/blocks/seal.ts'
import { loadEventsConfig, toStarted, type EventsConfig } from '../engine/cloudevents/events-config.ts'
import { startsOf } from '../engine/cloudevents/starts.ts'
import { createDispatch, type Dispatch } from '../engine/dispatch/dispatch.ts'
import { foretell } from '../engine/gates/foretell.ts'
import { openLookupFiles, type LookupFiles } from '../engine/lookups/lookup-files.ts'
import { createMetrics, type Metrics } from '../engine/metrics.ts'
import type { Cause, Dispatched } from '../engine/record.ts'
import type { Notices } from '../engine/dispatch/core.ts'
import { createNotices } from '../engine/notifications/notices.ts'
import { openPublisher } from '../engine/reporting/open.ts'
import { createTally } from '../engine/reporting/tally.ts'
import { createReports, type Reports } from '../engine/reporting/reports.ts'
import { startNaming } from '../engine/results/named.ts'
import type { Verbs } from '../engine/verbs.ts'
import type { Clock } from '../ledger/clock.ts'
import type { Ledger } from '../ledger/contract.ts'
import type { Work } from '../queues/work.ts'
import { checkRun } from '../runners/entry.ts'
import { loadKinds } from '../runners/module/kind-files.ts'
import { createStrays, type Strays } from '../runners/module/strays.ts'
import type { Kinds } from '../sdk/blocks/kind.ts'
import { createRedactor, type Redactor } from '../sdk/blocks/redactor.ts'
import type { Closers } from './closers.ts'
import type { Config } from './config.ts'
import { createErrorLog } from './error-log.ts'
import { watchCondition, type Watch } from './condition.ts'
import { openDatastore } from './datastore.ts'
import { createReadings, measured } from './measure.ts'
import { queueNamesOf } from './queue-names.ts'
import { shipped } from './shipped.ts'
import { openConfiguredTracer } from './tracing.ts'
import { createConfiguredVerbs } from './verbs.ts'

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
  /** What is true. */
  ledger: Ledger
  /** The work to do now. */
  work: Work
  /** The datastore's. */
  clock: Clock
  /** All that changes events, jobs and gates. */
  verbs: Verbs
  /** The one place where an event from outside becomes work. */
  dispatch: Dispatch
  /** Whom the units of the verbs tell of an end. */
  notices: Notices
  reports: Reports
  /** All queues of the lookups, and that of the notices where there are any. */
  queueNames: () => string[]
  metrics: Metrics
  tracer: Tracer
  /** What speaks against datastore and disk. */
  watch: Watch
  /** What is done again and again. */
  loops: Loops
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
  const files = { folder: config.lookups, checkRun, builtIns: shipped.processes, started, env, log }
  const lookupFiles = await openLookupFiles(files)
  closers.add(lookupFiles.close)
  const { ledger: opened, work, clock } = await openDatastore(config, { log, onError }, closers)
  const keys = createKeys(config.secret_key, config.secret_key_old)
  const kinds = await loadKinds(resolve(config.lookups), shipped.kinds)
  const blocks = createBlocks({ ledger: opened, keys, redactor, kinds })
  await blocks.check()

  const version = config.version === '' ? options.version : config.version
  const host = config.worker.name === '' ? hostname() : config.worker.name
  const loops = createLoops(onError)
  const watch = await watchCondition({ config, work, log, loops })
  closers.add(watch.close)
  const queueNames = (): string[] => queueNamesOf(lookupFiles.current())
  const readings = createReadings({ ledger: opened, work, clock, watch, loops, lookups: lookupFiles.current })
  const metrics = createMetrics(readings, { version, backend: work.backend })
  const ledger = measured(opened, metrics)
  const about = { config, log, version, host, env, redactor, strays, eventsConfig, loops, onError }
  const given = { ...about, lookupFiles, ledger, work, clock, kinds, blocks, keys, watch }
  const hide = <T>(value: T): T => redactor.value(maskSecrets(value) as T)
  const reports = openReports(given, { roles, metrics, hide }, closers)
  const lookups = lookupFiles.current
  const notices = createNotices({ lookups, hide, delays: delaysOf(config), reports: isReporting(config) })
  const tracer = await openConfiguredTracer(given, closers)
  const verbs = openVerbs(given, { notices, metrics, tracer }, closers)
  const naming = await startNaming({ ledger, lookups, now: clock.now }, lookupFiles.onChange, loops)
  closers.add(naming.close)
  const dispatch = createConfiguredDispatch(given, { verbs, reports, tracer })
  const publicUrl = publicUrlOf(config, host)
  return { ...given, publicUrl, queueNames, metrics, tracer, verbs, dispatch, notices, reports }
}

type Given = Pick<
  Base,
  'config' | 'log' | 'host' | 'watch' | 'lookupFiles' | 'ledger' | 'clock' | 'blocks' | 'redactor' | 'eventsConfig'
>

/** Counts what they commit. */
function openVerbs (
  given: Given & Pick<Base, 'work' | 'loops' | 'onError'>,
  { notices, metrics, tracer }: Pick<Base, 'notices' | 'metrics' | 'tracer'>,
  closers: Closers
): Verbs {
  const { ledger, clock, log, lookupFiles, loops } = given
  const tally = createTally({ ledger, now: clock.now, loops })
  closers.add(tally.close)
  const lookups = lookupFiles.current
  const onRefused = tellRefused.bind(null, log, metrics)
  const verbs = createConfiguredVerbs({ ...given, told: tally.told, lookups, notices, onRefused, tracer })
  closers.add(verbs.close)
  return verbs
}

/** An event may be refused that a job generated: nobody waits for the answer. */
function tellRefused (log: Logger, metrics: Metrics, refused: Dispatched, cause: Cause): void {
  metrics.refused()
  log.warn({ ...cause, type: refused.type, reason: refused.refused }, 'follow-on event refused')
}

/** The pauses between the tries of a notice, milliseconds. */
export const delaysOf = ({ notifications }: Config): number[] => notifications.retries.split(',').map(toMilliseconds)

const isReporting = ({ reporting: { server, block } }: Config): boolean => server !== '' || block !== ''

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
  { config, lookupFiles, ledger, clock, watch, eventsConfig = [] }: Given,
  { verbs, reports, tracer }: Pick<Base, 'verbs' | 'reports' | 'tracer'>
): Dispatch {
  return createDispatch({
    verbs,
    tracer,
    ledger,
    lookups: lookupFiles.current,
    foretell: (keyed, planned) => foretell({ ledger, lookups: lookupFiles.current, now: clock.now }, keyed, planned),
    starts: (event) => startsOf(event, eventsConfig),
    timeoutMs: config.queues.timeout_ms,
    maxWaiting: config.api.max_waiting_events,
    closed: () => watch.state().full,
    onSubmitted: reports.submitted
  })
}

/** An address to listen on everywhere is none to go to. */
function publicUrlOf ({ public_url: given, host: address, port }: Config, host: string): string {
  if (given !== '') return given.replace(/\/+$/, '')
  const reached = address === '0.0.0.0' || address === '::' ? host : address
  return `http://${reached.includes(':') ? `[${reached}]` : reached}:${port}`
}
