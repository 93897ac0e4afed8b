import type { IncomingMessage, ServerResponse } from 'node:http'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type {
  FastifyBaseLogger, FastifyInstance, FastifyPluginAsync, FastifyPluginCallback, RawServerDefault
} from 'fastify'
import type { Logger } from 'pino'
import type { TSchema } from 'typebox'
import type { Backfills } from '../engine/backfills/backfills.ts'
import type { Blocks } from '../engine/blocks/blocks.ts'
import type { WebhookSettings } from '../engine/cloudevents/webhook.ts'
import type { Dispatch } from '../engine/dispatch/dispatch.ts'
import type { Feed } from '../engine/history/feed.ts'
import type { History } from '../engine/history/history.ts'
import type { Subjects } from '../engine/history/subject.ts'
import type { ChildJobs } from '../engine/jobs/child-jobs.ts'
import type { Files } from '../engine/jobs/files.ts'
import type { Jobs } from '../engine/jobs/jobs.ts'
import type { Processes } from '../engine/jobs/processes.ts'
import type { QueueList } from '../engine/jobs/queue-list.ts'
import type { Lookups } from '../engine/lookups/lookups.ts'
import type { Metrics } from '../engine/metrics.ts'
import type { Notifications } from '../engine/notifications/failed.ts'
import type { Redrive } from '../engine/redrive/redrive.ts'
import type { Trees } from '../engine/redrive/tree.ts'
import type { Replays } from '../engine/redrive/replay.ts'
import type { Reports } from '../engine/reporting/reports.ts'
import type { Figures } from '../engine/reporting/figures.ts'
import type { Health } from '../engine/reporting/health.ts'
import type { Schedules } from '../engine/schedules/schedules.ts'
import type { HostSettings } from './access/hosts.ts'
import type { KeyRing } from './access/key-file.ts'

/** What the routes ask. One object: a route takes out of it what it needs. */
export type Engine = {
  dispatch: Dispatch
  jobs: Jobs
  children: ChildJobs
  history: History
  subjects: Subjects
  replays: Replays
  redrive: Redrive
  trees: Trees
  schedules: Schedules
  backfills: Backfills
  notifications: Notifications
  reports: Reports
  blocks: Blocks
  files: Files
  processes: Processes
  queues: QueueList
  figures: Figures
  feed: Feed
  health: Health
  metrics: Metrics
  /** The lookups in force. */
  lookups: () => Lookups
}

export type ApiSettings = {
  bodyLimit: number
  requestTimeoutMs: number
  /** How long it serves on when it is asked to end. */
  drainMs: number
  hosts: HostSettings
  requestsPerMinute: number
  version: string
  /** Whether the root answers as Ensembl's event service did. */
  isOriginal: boolean
  maxStreams: number
  streamsPerClient: number
  publicUrl: string
  cloudEvents: WebhookSettings & { served: boolean }
}

export type ApiDependencies = {
  engine: Engine
  settings: ApiSettings
  log: Logger
  keys: KeyRing
  /** The board of the queues, a page of its own. */
  board: FastifyPluginCallback<{ prefix: string }>
  /** Whether it has been asked to end: then every connection is closed with its next answer. */
  isStopping?: () => boolean
  /** Routes that come with what is shipped. */
  queries?: Route[]
}

/** What a route is given. */
export type RouteContext = Pick<ApiDependencies, 'engine' | 'settings' | 'keys'>

export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

/** Routes that belong together, of a file under routes/. Their order in routes.ts is that of the documentation. */
export type Route<Context extends object = RouteContext> = {
  /** Under which heading they are documented; needed by the first route of a heading. */
  tag?: { name: string, description: string }
  /** Schemas that they or others refer to by `$id`. */
  schemas?: readonly TSchema[]
  routes: FastifyPluginAsync<Context, RawServerDefault, TypeBoxTypeProvider>
}
