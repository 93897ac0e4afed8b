import swagger from '@fastify/swagger'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import fastify, { LogController, type FastifyBaseLogger, type FastifyError } from 'fastify'
import { ErrorSchema } from '../schemas/errors.ts'
import { createAccess } from './access/access.ts'
import { audit } from './access/audit.ts'
import { protectPages } from './access/headers.ts'
import { limitRequests } from './access/limits.ts'
import { openInConsole, serveConsole } from './console.ts'
import type { ApiDependencies, App } from './dependencies.ts'
import { tellHowLong } from './keep-alive.ts'
import { openapi } from './openapi.ts'
import { servePages } from './pages.ts'
import { compileQuery } from './query.ts'
import { describeWrites } from './responses.ts'
import { toOriginal } from './routes/original.ts'
import { allRoutes } from './routes.ts'
import { sendError, sendNotFound } from './send-error.ts'
import { buildSerializer } from './serializers.ts'
import { answerInOneShape, refuseConnection, takeJson } from './transport.ts'

/** Of a part of the service to be ready: a busy machine is no reason to end. */
const PLUGIN_TIMEOUT_MS = 60_000

/** The HTTP service as one Fastify instance that only lacks `listen`. */
export async function createApp (given: ApiDependencies): Promise<App> {
  const { engine, settings, log, keys, board, isStopping = () => false, queries = [] } = given
  const routes = allRoutes(queries)
  const app = fastify({
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    // A child logger per request costs more than reading the event; the few lines that are written name the request.
    childLoggerFactory: (logger) => logger,
    rewriteUrl: settings.isOriginal ? toOriginal : undefined,
    bodyLimit: settings.bodyLimit,
    requestTimeout: settings.requestTimeoutMs,
    pluginTimeout: PLUGIN_TIMEOUT_MS,
    schemaController: { compilersFactory: { buildSerializer } },
    routerOptions: { maxParamLength: 512, ignoreTrailingSlash: true },
    // Requests that are under way get their answer, and so do those that still come over connections which are open.
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    clientErrorHandler: refuseConnection
  }).withTypeProvider<TypeBoxTypeProvider>()

  takeJson(app)
  answerInOneShape(app)
  app.setValidatorCompiler(compileQuery)
  for (const schema of [ErrorSchema, ...routes.flatMap(({ schemas = [] }) => schemas)]) app.addSchema(schema)
  app.setErrorHandler((error: FastifyError, request, reply) => sendError(error, request, reply, engine.metrics))
  app.setNotFoundHandler(sendNotFound)
  app.decorateRequest('caller')
  app.addHook('onRoute', describeWrites)
  app.addHook('onRequest', (_request, reply, next) => {
    if (isStopping()) reply.header('connection', 'close')
    next()
  })
  tellHowLong(app, settings.drainMs)
  app.addHook('onRequest', openInConsole)
  app.addHook('onRequest', createAccess(keys, settings.hosts))
  app.addHook('onResponse', audit)
  protectPages(app)
  await limitRequests(app, settings.requestsPerMinute)
  app.addHook('onResponse', async ({ method, routeOptions }, { statusCode, elapsedTime }) => {
    engine.metrics.answered(method, routeOptions.url ?? 'none', statusCode, elapsedTime)
  })
  if (log.isLevelEnabled('debug')) logRequests(app)

  const tags = routes.flatMap(({ tag }) => tag ?? [])
  await app.register(swagger, openapi({ version: settings.version, tags, lookups: engine.lookups() }))
  await servePages(app, board)
  await serveConsole(app, settings)
  for (const route of routes) await app.register(route.routes, { engine, settings, keys })
  return app
}

function logRequests (app: App): void {
  app.addHook('onResponse', async (request, reply) => {
    const [path] = request.url.split('?', 1)
    const ms = Math.round(reply.elapsedTime)
    request.log.debug({ request: request.id, method: request.method, path, status: reply.statusCode, ms }, 'request')
  })
}
