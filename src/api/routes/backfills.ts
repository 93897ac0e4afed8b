import { Type } from 'typebox'
import { backfillSchemas } from '../../schemas/backfills.ts'
import type { Route } from '../dependencies.ts'
import { IdParams, PageQuery } from '../query.ts'
import { responses } from '../responses.ts'

const tags = ['backfills']

const START = {
  operationId: 'startBackfill',
  tags,
  summary: 'Split a range of time into windows and submit an event for each',
  description: 'The range is half-open, and so are the windows. At most `concurrency` of them run at once, follow-on events included. The same `id` with the same body again is the same backfill.',
  body: Type.Ref('BackfillRequest'),
  response: responses({ 200: Type.Ref('Backfill'), 202: Type.Ref('Backfill') }, 400, 404, 409, 413, 415)
}

const LIST = {
  operationId: 'listBackfills',
  tags,
  summary: 'The backfills, newest first, without the list of what failed',
  querystring: PageQuery,
  response: responses({ 200: Type.Ref('BackfillList') }, 400)
}

const GET = {
  operationId: 'getBackfill',
  tags,
  summary: 'One backfill: how far it is, and which windows failed',
  params: IdParams,
  response: responses({ 200: Type.Ref('Backfill') }, 400, 404)
}

const CANCEL = {
  operationId: 'cancelBackfill',
  tags,
  summary: 'Submit no more windows',
  description: 'Windows that run go on, and are counted when they end. One that has ended stays as it is.',
  params: IdParams,
  response: responses({ 200: Type.Ref('Backfill') }, 400, 404)
}

const RETRY = {
  operationId: 'retryBackfill',
  tags,
  summary: 'Run the windows that failed again, as new events; one that was cancelled goes on, too',
  params: IdParams,
  response: responses({ 202: Type.Ref('Backfill') }, 400, 404, 409)
}

export const backfillRoutes: Route = {
  tag: { name: 'backfills', description: 'Events for a range of time, window by window' },
  schemas: backfillSchemas,
  routes: async (app, { engine: { backfills } }) => {
    app.post('/backfills', { schema: START }, async ({ body }, reply) => {
      const { backfill, known } = await backfills.start(body)
      return await reply.code(known ? 200 : 202).header('location', `/backfills/${backfill.id}`).send(backfill)
    })

    app.get(
      '/backfills',
      { schema: LIST },
      async ({ query: { limit = 50, cursor } }) => await backfills.list(limit, cursor)
    )

    app.get('/backfills/:id', { schema: GET }, async ({ params }) => await backfills.get(params.id))

    app.delete('/backfills/:id', { schema: CANCEL }, async ({ params }) => await backfills.cancel(params.id))

    app.post('/backfills/:id/retry', { schema: RETRY }, async ({ params }, reply) =>
      await reply.code(202).send(await backfills.retry(params.id)))
  }
}
