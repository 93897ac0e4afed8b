import type { FastifyPluginAsync } from 'fastify'
import { Type } from 'typebox'
import type { LookupFiles } from '../../engine/lookups/lookup-files.ts'
import type { Metrics } from '../../engine/metrics.ts'
import type { Queues } from '../../queues/contract.ts'

export type HealthDependencies = {
  queues: Pick<Queues, 'ping' | 'backend'>
  lookupFiles: LookupFiles
  metrics: Metrics
  settings: { backendTimeoutMs: number }
}

/** For orchestrators and monitoring; a worker or result poller serves these alone. */
export const healthRoutes: FastifyPluginAsync<HealthDependencies> = async (app, { queues, lookupFiles, metrics, settings }) => {
  app.get('/live', {
    schema: { operationId: 'live', tags: ['health'], summary: 'The process is up', response: { 200: Type.Object({ live: Type.Boolean() }, { description: 'Success' }) } }
  }, async () => ({ live: true }))

  app.get('/ready', {
    schema: {
      operationId: 'ready',
      tags: ['health'],
      summary: 'The datastore answers and accepts writes',
      description: 'Lookups on disk that are not valid are told here and do no harm: the old ones stay in force.',
      response: { 200: Type.Ref('Ready'), 503: { ...Type.Ref('Ready'), description: 'It does not; `Retry-After` says when to ask again' } }
    }
  }, async (_request, reply) => {
    const problem = await queues.ping(settings.backendTimeoutMs).then(() => undefined, (error: Error) => error)
    if (problem !== undefined) {
      reply.log.warn({ err: problem }, 'the datastore does not answer')
      reply.code(503).header('retry-after', 2)
    }
    return await reply.send({
      ready: problem === undefined,
      backend: problem === undefined ? 'ok' : `${queues.backend} does not answer`,
      lookups: lookupFiles.problem() ?? 'ok',
      lookups_hash: lookupFiles.current().hash
    })
  })

  app.get('/metrics', {
    schema: { operationId: 'metrics', tags: ['health'], summary: 'Numbers for Prometheus', produces: ['text/plain'], response: { 200: Type.String({ description: 'Prometheus text format' }) } }
  }, async (_request, reply) => await reply.type(metrics.contentType).send(await metrics.text()))
}
