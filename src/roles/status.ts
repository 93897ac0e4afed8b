import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import fastify, { LogController, type FastifyBaseLogger } from 'fastify'
import { healthRoutes } from '../api/routes/health.ts'
import { createHealth } from '../engine/reporting/health.ts'
import { ErrorSchema } from '../schemas/errors.ts'
import type { Base, Opened } from './base.ts'

/** Health and metrics of a role that serves nothing else over HTTP. */
export async function startStatus ({ config, log, work, lookupFiles, metrics, watch, loops }: Base): Promise<Opened> {
  const logController = new LogController({ disableRequestLogging: true })
  const app = fastify({
    loggerInstance: log as FastifyBaseLogger,
    logController
  }).withTypeProvider<TypeBoxTypeProvider>()
  const timeoutMs = config.queues.timeout_ms
  const health = createHealth({ work, lookupFiles, loops, state: watch.state, timeoutMs })
  for (const schema of [ErrorSchema, ...healthRoutes.schemas ?? []]) app.addSchema(schema)
  await app.register(healthRoutes.routes, { engine: { health, metrics } })
  const { host, status: { port } } = config
  const address = await app.listen({ host, port, listenTextResolver: () => 'status is served' })
  return { address, close: () => app.close() }
}
