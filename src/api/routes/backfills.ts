import type { FastifyPluginAsync } from 'fastify'
import { Type } from 'typebox'
import { IdSchema } from '../../schemas/schemas.ts'
import type { ApiDependencies, App } from '../app.ts'
import { responses } from '../responses.ts'

const closed = { additionalProperties: false }

export const backfillRoutes: FastifyPluginAsync<ApiDependencies> = async (instance, { backfills }) => {
  const app = instance as App
  const BackfillParams = Type.Object({ id: IdSchema }, closed)

  app.post('/backfills', {
    schema: {
      operationId: 'startBackfill',
      tags: ['backfills'],
      summary: 'Split a range of time into windows and submit an event for each',
      description: 'The range is half-open, and so are the windows. At most `concurrency` of them run at once, follow-on events included. The same `id` with the same body again is the same backfill.',
      body: Type.Ref('BackfillRequest'),
      response: responses({ 200: Type.Ref('Backfill'), 202: Type.Ref('Backfill') }, 400, 404, 409, 413, 415)
    }
  }, async (request, reply) => {
    const { backfill, known } = await backfills.start(request.body)
    return await reply.code(known ? 200 : 202).header('location', `/backfills/${backfill.id}`).send(backfill)
  })

  app.get('/backfills', {
    schema: {
      operationId: 'listBackfills',
      tags: ['backfills'],
      summary: 'The backfills, newest first, without the list of what failed',
      querystring: Type.Object({
        limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
        cursor: Type.Optional(Type.String({ maxLength: 512, description: '`next` of the page before' }))
      }, closed),
      response: responses({ 200: Type.Ref('BackfillList') }, 400)
    }
  }, async (request) => await backfills.list(request.query.limit ?? 50, request.query.cursor))

  app.get('/backfills/:id', {
    schema: { operationId: 'getBackfill', tags: ['backfills'], summary: 'One backfill: how far it is, and which windows failed', params: BackfillParams, response: responses({ 200: Type.Ref('Backfill') }, 400, 404) }
  }, async (request) => await backfills.get(request.params.id))

  app.delete('/backfills/:id', {
    schema: {
      operationId: 'cancelBackfill',
      tags: ['backfills'],
      summary: 'Submit no more windows',
      description: 'Windows that run go on, and are counted when they end. One that has ended stays as it is.',
      params: BackfillParams,
      response: responses({ 200: Type.Ref('Backfill') }, 400, 404)
    }
  }, async (request) => await backfills.cancel(request.params.id))

  app.post('/backfills/:id/retry', {
    schema: {
      operationId: 'retryBackfill',
      tags: ['backfills'],
      summary: 'Run the windows that failed again, as new events; one that was cancelled goes on, too',
      params: BackfillParams,
      response: responses({ 202: Type.Ref('Backfill') }, 400, 404, 409)
    }
  }, async (request, reply) => await reply.code(202).send(await backfills.retry(request.params.id)))
}
