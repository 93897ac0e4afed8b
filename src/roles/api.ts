import { createApp } from '../api/app.ts'
import { createBackfills } from '../engine/backfills/backfills.ts'
import { createBlocks } from '../engine/blocks/blocks.ts'
import { createChildJobs } from '../engine/jobs/child-jobs.ts'
import { readOrigins } from '../engine/cloudevents/webhook.ts'
import { createFiles } from '../engine/jobs/files.ts'
import { createHistory } from '../engine/history/history.ts'
import { createJobs } from '../engine/jobs/jobs.ts'
import { createLinks } from '../engine/jobs/links.ts'
import { createNotifications } from '../engine/notifications/failed.ts'
import { createRedrive } from '../engine/redrive/redrive.ts'
import { createReplays } from '../engine/redrive/replay.ts'
import { createBoard } from '../queues/bullmq/board.ts'
import { bounded } from '../queues/bounded.ts'
import { createSchedules } from '../engine/schedules/schedules.ts'
import { createQueries } from '../api/routes/queries.ts'
import { shipped } from './shipped.ts'
import type { Base, Opened } from './service.ts'
import { openConfiguredStore, storeSettings, type OpenStore } from '../sdk/store/open.ts'

/** How long requests that are under way at the end may take; then their connections are closed. */
const CLOSE_MS = 5000

/** Stands in kedro-graphql's sample of a .env file, where it is not read either. */
const MISSPELT = 'KEDROG_GRAPHQL_EVENTS_CONFIG'

/** Takes events and answers questions. */
export async function startApi (base: Base): Promise<Opened> {
  const { config, log, version, env, eventsConfig, lookupFiles, queues, queueNames, metrics, dispatch, reports, publicUrl, keys, redactor } = base
  const timeoutMs = config.queues.timeout_ms
  const external = [...lookupFiles.current().processes.values()].filter(({ run }) => 'external' in run).map(({ name }) => name)
  if (queues.backend === 'pglite' && external.length > 0) log.warn({ processes: external }, 'foreign workers cannot reach the embedded datastore: set SIGNALBOX_BACKEND to PostgreSQL or Redis')
  if (env[MISSPELT] !== undefined) log.warn({ variable: MISSPELT }, 'this variable is not read: set SIGNALBOX_EVENTS_CONFIG or KEDRO_GRAPHQL_EVENTS_CONFIG')
  const reads = bounded(queues, timeoutMs)
  const board = createBoard(queues, '/board')
  board.show(queueNames())
  lookupFiles.onChange(() => { board.show(queueNames()) })
  const jobs = createJobs({ queues: reads, lookups: lookupFiles.current })
  const blocks = createBlocks({ queues: reads, keys, redactor, kinds: shipped.kinds })
  const openStore = async (): Promise<OpenStore> => await openConfiguredStore(storeSettings(config.store, env), blocks.get)
  const app = await createApp({
    dispatch,
    jobs,
    children: createChildJobs({ queues: reads, lookups: lookupFiles.current }),
    history: createHistory({ queues: reads }),
    replays: createReplays({ queues: reads, dispatch }),
    redrive: createRedrive({ queues: reads, jobs, lookups: lookupFiles.current }),
    schedules: createSchedules({ queues: reads, lookups: lookupFiles.current }),
    backfills: createBackfills({ queues: reads, dispatch, retentionMs: config.queues.retention_hours * 3_600_000 }),
    notifications: createNotifications({ queues: reads }),
    reports,
    blocks,
    files: createFiles({
      queues: reads,
      jobs,
      open: openStore,
      links: createLinks(config.secret_key, config.link_seconds),
      seconds: config.link_seconds
    }),
    queries: createQueries(shipped.queries, { openStore }),
    queues: reads,
    lookupFiles,
    metrics,
    board,
    log,
    settings: {
      bodyLimit: config.api.body_limit,
      requestTimeoutMs: config.api.request_timeout_ms,
      token: config.token,
      version,
      backendTimeoutMs: timeoutMs,
      maxStreams: config.api.max_streams,
      publicUrl,
      cloudEvents: { served: config.cloudevents.enabled || eventsConfig !== undefined, origins: readOrigins(config.cloudevents.allowed_origins), ratePerMinute: config.cloudevents.allowed_rate }
    }
  })
  if (config.token === '' && !isLoopback(config.host)) log.warn({ host: config.host }, 'anybody who reaches this address can submit and cancel: set SIGNALBOX_TOKEN')
  const address = await app.listen({ host: config.host, port: config.port, listenTextResolver: () => 'http is served' })
  const close = async (): Promise<void> => {
    const late = setTimeout(() => { app.server.closeAllConnections() }, CLOSE_MS)
    await app.close().finally(() => { clearTimeout(late) })
  }
  return { address, close }
}

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127\./.test(host)
