import { Type } from 'typebox'
import { closed, IdSchema, oneOf } from '../../schemas/parts.ts'
import { statsSchemas, STEPS } from '../../schemas/stats.ts'
import type { Route } from '../dependencies.ts'
import { readTime } from '../query.ts'
import { responses } from '../responses.ts'

const tags = ['health']

const STATS = {
  operationId: 'stats',
  tags,
  summary: 'Events and jobs by hour or day, type and process, and what is open now',
  querystring: Type.Object({
    since: Type.Optional(Type.String({
      format: 'date-time',
      description: 'From this time on, at most two weeks ago; since yesterday where it is not given'
    })),
    step: oneOf(STEPS, { default: 'hour' }),
    process: Type.Optional({ ...IdSchema, description: 'Jobs of this process alone' })
  }, closed),
  response: responses({ 200: Type.Ref('Stats') }, 400)
}

const WORKERS = {
  operationId: 'listWorkers',
  tags,
  summary: 'The workers of this service: what they serve and work on, and when they were last seen',
  response: responses({ 200: Type.Ref('Workers') })
}

export const statsRoutes: Route = {
  schemas: statsSchemas,
  routes: async (app, { engine: { figures } }) => {
    app.get('/stats', { schema: STATS }, async ({ query: { since, step = 'hour', process: name } }) =>
      await figures.stats(readTime('since', since), step, name))

    app.get('/workers', { schema: WORKERS }, async () => await figures.workers())
  }
}
