import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import fastify, { LogController, type FastifyBaseLogger, type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest, type RawServerDefault } from 'fastify'
import type { Logger } from 'pino'
import type { Blocks } from '../engine/blocks/blocks.ts'
import { blockSchemas } from '../schemas/blocks.ts'
import type { ChildJobs } from '../engine/jobs/child-jobs.ts'
import type { WebhookSettings } from '../engine/cloudevents/webhook.ts'
import type { Dispatch } from '../engine/dispatch/dispatch.ts'
import { SignalboxError } from '../base/errors.ts'
import { fileSchemas } from '../schemas/files.ts'
import type { Files } from '../engine/jobs/files.ts'
import type { History } from '../engine/history/history.ts'
import type { Jobs } from '../engine/jobs/jobs.ts'
import type { LookupFiles } from '../engine/lookups/lookup-files.ts'
import type { Metrics } from '../engine/metrics.ts'
import type { Notifications } from '../engine/notifications/failed.ts'
import type { Redrive } from '../engine/redrive/redrive.ts'
import { redriveSchemas } from '../schemas/redrive.ts'
import type { Replays } from '../engine/redrive/replay.ts'
import type { Board } from '../queues/bullmq/board.ts'
import type { Queues } from '../queues/contract.ts'
import { BackfillListSchema, BackfillRequestSchema, BackfillSchema } from '../schemas/backfills.ts'
import { NotificationListSchema, NotificationSchema } from '../schemas/notifications.ts'
import { ScheduleListSchema, ScheduleSchema } from '../schemas/schedules.ts'
import type { Backfills } from '../engine/backfills/backfills.ts'
import type { Schedules } from '../engine/schedules/schedules.ts'
import type { Reports } from '../engine/reporting/reports.ts'
import { sharedSchemas } from '../schemas/schemas.ts'
import { backfillRoutes } from './routes/backfills.ts'
import { CLOUDEVENTS_URL, cloudEventRoutes } from './routes/cloudevents.ts'
import { blockRoutes } from './routes/blocks.ts'
import { eventRoutes } from './routes/events.ts'
import { FILES_URL, fileRoutes } from './routes/files.ts'
import { healthRoutes } from './routes/health.ts'
import { jobRoutes } from './routes/jobs.ts'
import { lookupRoutes } from './routes/lookups.ts'
import { notificationRoutes } from './routes/notifications.ts'
import { openapi } from './openapi.ts'
import { redriveRoutes } from './routes/redrive.ts'
import { replayRoutes } from './routes/replay.ts'
import { queryRoutes, querySchemas, type OpenQuery } from './routes/queries.ts'
import { streamRoutes } from './routes/stream.ts'
import { scheduleRoutes } from './routes/schedules.ts'

export type ApiSettings = { bodyLimit: number, requestTimeoutMs: number, token: string, version: string, backendTimeoutMs: number, maxStreams: number, publicUrl: string, cloudEvents: WebhookSettings & { served: boolean } }

export type ApiDependencies = {
  dispatch: Dispatch
  jobs: Jobs
  children: ChildJobs
  history: History
  replays: Replays
  redrive: Redrive
  schedules: Schedules
  backfills: Backfills
  notifications: Notifications
  reports: Reports
  blocks: Blocks
  files: Files
  /** What may be asked of the files that processes have made. */
  queries: OpenQuery[]
  queues: Queues
  lookupFiles: LookupFiles
  metrics: Metrics
  board: Board
  log: Logger
  settings: ApiSettings
}

export type App = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger, TypeBoxTypeProvider>

/** Reachable without the token: they tell nothing of events, and what asks them rarely can hold one. A link to a file is its own proof. */
const OPEN = new Set(['/live', '/ready', '/metrics', FILES_URL])

/** The HTTP service as one Fastify instance that only lacks `listen`. */
export async function createApp (dependencies: ApiDependencies): Promise<App> {
  const { log, settings, metrics, board } = dependencies
  const app = fastify({
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    // A child logger per request costs more than reading the event; the few lines that are written name the request themselves.
    childLoggerFactory: (logger) => logger,
    bodyLimit: settings.bodyLimit,
    requestTimeout: settings.requestTimeoutMs,
    routerOptions: { maxParamLength: 512, ignoreTrailingSlash: true },
    // Requests that are under way get their answer.
    forceCloseConnections: 'idle'
  }).withTypeProvider<TypeBoxTypeProvider>()

  // What a query does not know is an error, not noise: `?dryrun=true` must not queue anything. The one body, an event, is
  // read by event.ts, which knows more rules than a schema can tell.
  const ajv = new Ajv({ coerceTypes: 'array', useDefaults: true, removeAdditional: false })
  addFormats.default(ajv)
  app.setValidatorCompiler(({ schema, httpPart }) => httpPart === 'body' ? () => true : ajv.compile(schema as object))
  for (const schema of [...sharedSchemas, ...fileSchemas, ...redriveSchemas, ...blockSchemas, ...querySchemas(dependencies.queries), ScheduleSchema, ScheduleListSchema, BackfillRequestSchema, BackfillSchema, BackfillListSchema, NotificationSchema, NotificationListSchema]) app.addSchema(schema)
  app.setErrorHandler((error: FastifyError, request, reply) => sendError(error, request, reply, metrics))
  app.setNotFoundHandler((request, reply) => reply.code(404).send({ statusCode: 404, code: 'NOT_FOUND', error: 'Not Found', message: `there is no ${request.method} ${request.url.split('?', 1)[0]}` }))
  if (settings.token !== '') app.addHook('onRequest', createTokenCheck(settings.token))
  if (log.isLevelEnabled('debug')) {
    app.addHook('onResponse', async (request, reply) => {
      request.log.debug({ request: request.id, method: request.method, path: request.url.split('?', 1)[0], status: reply.statusCode, ms: Math.round(reply.elapsedTime) }, 'request')
    })
  }

  await app.register(swagger, openapi(settings.version, dependencies.lookupFiles.current(), dependencies.queries.map(({ query }) => query.tag)))
  await app.register(swaggerUi, { routePrefix: '/docs', uiConfig: { docExpansion: 'list', tryItOutEnabled: true, displayRequestDuration: true } })
  await app.register(board.plugin, { prefix: '/board' })
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger())
  await app.register(jobRoutes, dependencies)
  await app.register(redriveRoutes, dependencies)
  await app.register(eventRoutes, dependencies)
  await app.register(replayRoutes, dependencies)
  await app.register(streamRoutes, dependencies)
  await app.register(cloudEventRoutes, dependencies)
  await app.register(lookupRoutes, dependencies)
  await app.register(scheduleRoutes, dependencies)
  await app.register(backfillRoutes, dependencies)
  await app.register(notificationRoutes, dependencies)
  await app.register(blockRoutes, dependencies)
  await app.register(fileRoutes, dependencies)
  await app.register(queryRoutes, dependencies)
  await app.register(healthRoutes, dependencies)
  return app
}

/** The one place where errors get their shape over HTTP. */
function sendError (error: FastifyError | SignalboxError, request: FastifyRequest, reply: FastifyReply, metrics: Metrics): FastifyReply {
  const statusCode = error.statusCode ?? 500
  const known = error instanceof SignalboxError
  if (statusCode >= 500) request.log.error({ err: error, request: request.id, method: request.method, path: request.url.split('?', 1)[0] }, 'request failed')
  const { code, message, field } = known ? error : describe(error, statusCode)
  metrics.rejected(code)
  if (known && error.retryAfter !== undefined) reply.header('retry-after', error.retryAfter)
  return reply.code(statusCode).send({ statusCode, code, error: STATUS_NAMES.get(statusCode) ?? 'Error', message, ...(field === undefined ? {} : { field }) })
}

function describe (error: FastifyError, statusCode: number): { code: string, message: string, field?: string } {
  if (error.validation !== undefined) {
    const [first] = error.validation
    const missing = first?.params as { missingProperty?: string, additionalProperty?: string } | undefined
    const field = [error.validationContext ?? '', ...(first?.instancePath ?? '').split('/').slice(1), missing?.missingProperty ?? missing?.additionalProperty ?? ''].filter((part) => part !== '').join('/')
    return { code: 'INVALID_REQUEST', message: `${field} ${first?.message ?? 'is not valid'}`, field }
  }
  if (statusCode < 500) return { code: error.code ?? 'BAD_REQUEST', message: error.message }
  return { code: 'INTERNAL', message: 'something went wrong here; the log says what' }
}

const STATUS_NAMES: ReadonlyMap<number, string> = new Map([
  [400, 'Bad Request'], [401, 'Unauthorized'], [403, 'Forbidden'], [404, 'Not Found'], [405, 'Method Not Allowed'], [409, 'Conflict'], [412, 'Precondition Failed'], [413, 'Payload Too Large'],
  [415, 'Unsupported Media Type'], [416, 'Range Not Satisfiable'], [429, 'Too Many Requests'], [500, 'Internal Server Error'], [503, 'Service Unavailable']
])

/** Compares digests, so that neither the length nor the first wrong character shows in the time it takes. */
function createTokenCheck (token: string): (request: FastifyRequest) => Promise<void> {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  const expected = digest(`Bearer ${token}`)
  return async (request) => {
    if (OPEN.has(request.routeOptions.url ?? '')) return
    const isReceiver = request.routeOptions.url === CLOUDEVENTS_URL
    // A sender asks for consent before it has been given a token; nothing is told that a delivery would not show.
    if (isReceiver && request.method === 'OPTIONS') return
    const query = isReceiver ? (request.query as { access_token?: unknown }).access_token : undefined
    const given = request.headers.authorization ?? (typeof query === 'string' ? `Bearer ${query}` : '')
    if (!timingSafeEqual(digest(given), expected)) throw new SignalboxError('UNAUTHORIZED', 401, 'a valid bearer token is needed')
  }
}
