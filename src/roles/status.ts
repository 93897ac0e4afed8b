import fastify, { LogController } from 'fastify'
import { healthRoutes } from '../api/routes/health.ts'
import { ReadySchema } from '../schemas/schemas.ts'
import type { Base, Opened } from './service.ts'

/** Health and metrics of a role that serves nothing else over HTTP. */
export async function startStatus ({ config, log, queues, lookupFiles, metrics }: Base): Promise<Opened> {
  const app = fastify({ loggerInstance: log, logController: new LogController({ disableRequestLogging: true }) })
  app.addSchema(ReadySchema)
  await app.register(healthRoutes, { queues, lookupFiles, metrics, settings: { backendTimeoutMs: config.queues.timeout_ms } })
  const address = await app.listen({ host: config.host, port: config.status.port, listenTextResolver: () => 'status is served' })
  return { address, close: () => app.close() }
}
