import { Type } from 'typebox'
import type { Metrics } from '../../engine/metrics.ts'
import type { Health } from '../../engine/reporting/health.ts'
import { ReadySchema } from '../../schemas/health.ts'
import type { Route } from '../dependencies.ts'
import { refusals } from '../responses.ts'

/** Orchestrators hold no key, and these tell nothing of events. */
const config = { scope: 'open' } as const
/** Asks for a key where there are named ones. */
const metricsConfig = { scope: 'metrics' } as const

const LIVE = {
  operationId: 'live',
  tags: ['health'],
  summary: 'The process is up',
  response: { ...refusals(), 200: Type.Object({ live: Type.Boolean() }, { description: 'Success' }) }
}

const READY = {
  operationId: 'ready',
  tags: ['health'],
  summary: 'The datastore answers and accepts writes, and every queue that this process should serve is served',
  description: 'Lookups on disk that are not valid are told here and do no harm: the old ones stay in force.',
  response: {
    ...refusals(),
    200: Type.Ref('Ready'),
    503: { ...Type.Ref('Ready'), description: 'It does not; `Retry-After` says when to ask again' }
  }
}

const METRICS = {
  operationId: 'metrics',
  tags: ['health'],
  summary: 'Numbers for Prometheus',
  response: {
    ...refusals(),
    200: { description: 'Prometheus text format', content: { 'text/plain': { schema: Type.String() } } }
  }
}

/** Workers and result pollers serve these alone. */
export const healthRoutes: Route<{ engine: { health: Health, metrics: Metrics } }> = {
  tag: { name: 'health', description: 'For orchestrators and monitoring' },
  schemas: [ReadySchema],
  routes: async (app, { engine: { health, metrics } }) => {
    app.get('/live', { config, schema: LIVE }, async () => ({ live: true }))

    app.get('/ready', { config, schema: READY }, async (_request, reply) => {
      const { view, problem } = await health.ready()
      if (problem !== undefined) {
        reply.log.warn({ err: problem }, 'not ready')
        reply.code(503).header('retry-after', 2)
      }
      return await reply.send(view)
    })

    app.get('/metrics', { config: metricsConfig, schema: METRICS }, async (_request, reply) =>
      await reply.type(metrics.contentType).send(await metrics.text()))
  }
}
