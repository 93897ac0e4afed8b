import { createApp } from '../api/app.ts'
import type { ApiSettings, App, Engine } from '../api/dependencies.ts'
import { createKeyRing } from '../api/access/key-file.ts'
import { createQueries, queryRoutes } from '../api/routes/queries.ts'
import { createBackfills } from '../engine/backfills/backfills.ts'
import { createBlocks } from '../engine/blocks/blocks.ts'
import { readOrigins } from '../engine/cloudevents/webhook.ts'
import { createFeed } from '../engine/history/feed.ts'
import { createHistory } from '../engine/history/history.ts'
import { createSubjects } from '../engine/history/subject.ts'
import { readTreeStatuses } from '../engine/history/tree-counts.ts'
import { createChildJobs } from '../engine/jobs/child-jobs.ts'
import { createFiles } from '../engine/jobs/files.ts'
import { createJobs } from '../engine/jobs/jobs.ts'
import { createLinks } from '../engine/jobs/links.ts'
import { createProcesses } from '../engine/jobs/processes.ts'
import { createQueueList } from '../engine/jobs/queue-list.ts'
import { createNotifications } from '../engine/notifications/failed.ts'
import { noticesOfJob } from '../engine/notifications/of-job.ts'
import { triesOf } from '../engine/notifications/notices.ts'
import { createRedrive } from '../engine/redrive/redrive.ts'
import { createTrees } from '../engine/redrive/tree.ts'
import { createReplays } from '../engine/redrive/replay.ts'
import { createFigures } from '../engine/reporting/figures.ts'
import { createHealth } from '../engine/reporting/health.ts'
import { createSchedules } from '../engine/schedules/schedules.ts'
import { backendOf } from '../queues/backends.ts'
import { createBoard } from '../queues/bullmq/board.ts'
import { openConfiguredStore, storeSettings, type OpenStore } from '../sdk/store/open.ts'
import { delaysOf, type Base, type Opened } from './base.ts'
import { allowedOf, createUses } from './block-uses.ts'
import { bounded, LEDGER_VERBS, VERBS, WORK_VERBS } from './bounded.ts'
import { shipped } from './shipped.ts'

/** How long requests that are under way at the end may take; then their connections are closed. */
const CLOSE_MS = 5000

/** Stands in kedro-graphql's sample of a .env file, where it is not read either. */
const MISSPELT = 'KEDROG_GRAPHQL_EVENTS_CONFIG'

/** Takes events and answers questions. */
export async function startApi (base: Base): Promise<Opened> {
  const keys = createKeyRing({ token: base.config.token, keys: base.config.keys, log: base.log })
  warn(base)
  const { config, log, env, lookupFiles, work, queueNames } = base
  const board = await createBoard(work, '/board')
  board.show(queueNames())
  lookupFiles.onChange(() => { board.show(queueNames()) })
  const engine = createEngine(base)
  const openStore = (): Promise<OpenStore> => openConfiguredStore(storeSettings(config.store, env), engine.blocks.get)
  const queries = createQueries(shipped.queries, { openStore }).map(queryRoutes)
  const settings = settingsOf(base)
  const isStopping = (): boolean => base.watch.state().isStopping
  const app = await createApp({ engine, settings, log, keys, board: board.plugin, isStopping, queries })
  const { host, port } = config
  const address = await app.listen({ host, port, listenTextResolver: () => 'http is served' })
  return { address, close: () => close(app) }
}

/** All that the routes ask, over a datastore that answers in time or not at all. */
function createEngine (base: Base): Engine {
  const { config, env, lookupFiles, clock, metrics, dispatch, reports, keys, kinds, redactor } = base
  const timeoutMs = config.queues.timeout_ms
  const ledger = bounded(base.ledger, LEDGER_VERBS, timeoutMs)
  const work = bounded(base.work, WORK_VERBS, timeoutMs)
  const verbs = bounded(base.verbs, VERBS, timeoutMs)
  const lookups = lookupFiles.current
  const given = { ledger, work, verbs, dispatch, lookups, now: clock.now }
  const noticesOf = noticesOfJob.bind(null, { ledger, work, notices: base.notices })
  const jobs = createJobs({ ...given, noticesOf })
  const blocks = createBlocks({
    ledger,
    keys,
    redactor,
    kinds,
    allowed: allowedOf(config),
    uses: createUses(config, kinds, lookups)
  })
  const open = (): Promise<OpenStore> => openConfiguredStore(storeSettings(config.store, env), blocks.get)
  const links = createLinks(config.secret_key, config.link_seconds)
  return {
    dispatch,
    jobs,
    blocks,
    reports,
    metrics,
    lookups,
    children: createChildJobs({ ...given, jobs }),
    history: createHistory(given),
    subjects: createSubjects(ledger),
    replays: createReplays(given),
    redrive: createRedrive({ ledger, jobs, verbs }),
    trees: createTrees({ ledger, jobs, verbs }),
    schedules: createSchedules({ ...given, treeStatuses: (keys) => readTreeStatuses(ledger, keys) }),
    backfills: createBackfills(given),
    notifications: createNotifications({ ...given, options: triesOf(delaysOf(config)) }),
    files: createFiles({ ledger, jobs, open, links, seconds: config.link_seconds }),
    processes: createProcesses(given),
    queues: createQueueList(given),
    figures: createFigures(given),
    feed: createFeed({ ...given, maxClients: config.api.max_streams }),
    health: createHealth({ work, lookupFiles, loops: base.loops, state: base.watch.state, timeoutMs })
  }
}

function settingsOf ({ config, version, publicUrl, eventsConfig }: Base): ApiSettings {
  const { enabled, allowed_origins: origins, allowed_rate: ratePerMinute } = config.cloudevents
  const served = enabled || eventsConfig !== undefined
  return {
    bodyLimit: config.api.body_limit,
    requestTimeoutMs: config.api.request_timeout_ms,
    drainMs: config.api.drain_ms,
    hosts: { host: config.host, publicUrl: config.public_url, allowed: config.api.allowed_hosts },
    requestsPerMinute: config.api.rate_limit,
    version,
    isOriginal: config.api.ensembl_compat,
    maxStreams: config.api.max_streams,
    streamsPerClient: config.api.streams_per_client,
    publicUrl,
    cloudEvents: { served, origins: readOrigins(origins), ratePerMinute }
  }
}

/** Names what is probably not meant. */
function warn ({ config, log, env, lookupFiles }: Base): void {
  const external = [...lookupFiles.current().processes.values()].filter(({ run }) => 'external' in run)
  if (backendOf(config.backend)?.isEmbedded === true && external.length > 0) {
    const processes = external.map(({ name }) => name)
    log.warn(
      { processes },
      'foreign workers cannot reach the embedded datastore: set SIGNALBOX_BACKEND to PostgreSQL or Redis'
    )
  }
  if (env[MISSPELT] !== undefined) {
    log.warn(
      { variable: MISSPELT },
      'this variable is not read: set SIGNALBOX_EVENTS_CONFIG or KEDRO_GRAPHQL_EVENTS_CONFIG'
    )
  }
}

async function close (app: App): Promise<void> {
  const late = setTimeout(() => { app.server.closeAllConnections() }, CLOSE_MS)
  await app.close().finally(() => { clearTimeout(late) })
}
