import { Type } from 'typebox'
import { backfillSchemas, WINDOW_STATUSES, type BackfillRoom } from '../../schemas/backfills.ts'
import { closed, oneOf } from '../../schemas/parts.ts'
import type { Route } from '../dependencies.ts'
import { exactBody, IdParams, pageFields, PageQuery } from '../query.ts'
import { anyOf, responses } from '../responses.ts'

const tags = ['backfills']

const START = {
  operationId: 'startBackfill',
  tags,
  summary: 'Split a range of time into windows and submit an event for each',
  description:
    'The range is half-open, and so are the windows. At most `concurrency` of them run at once, follow-on events ' +
    'included. The same `id` with the same body again is the same backfill.',
  querystring: Type.Object({
    dry_run: Type.Optional(Type.Boolean({ description: 'Tell how many events it would submit, and submit none' }))
  }, closed),
  body: Type.Ref('BackfillRequest'),
  response: responses({
    200: anyOf(['BackfillPlan', 'Backfill'], 'With dry_run the plan; else the backfill that was there already'),
    202: Type.Ref('Backfill')
  }, 400, 404, 409, 413, 415)
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

const WINDOWS = {
  operationId: 'listBackfillWindows',
  tags,
  summary: 'The windows of a backfill in their order, each with its state and its event',
  params: IdParams,
  querystring: Type.Object({
    status: Type.Optional(oneOf(WINDOW_STATUSES)),
    ...pageFields,
    limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 })
  }, closed),
  response: responses({ 200: Type.Ref('BackfillWindowList') }, 400, 404)
}

const steer = (operationId: string, summary: string) => ({
  operationId,
  tags,
  summary,
  params: IdParams,
  response: responses({ 200: Type.Ref('Backfill') }, 400, 404)
})

const ROOM = {
  ...steer('setBackfillConcurrency', 'Change how many windows of a backfill run at once, from now on'),
  body: Type.Ref('BackfillRoom'),
  response: responses({ 200: Type.Ref('Backfill') }, 400, 404, 413, 415)
}

export const backfillRoutes: Route = {
  tag: { name: 'backfills', description: 'Events for a range of time, window by window' },
  schemas: backfillSchemas,
  routes: async (app, { engine: { backfills } }) => {
    app.post('/backfills', { schema: START }, async ({ body, query, caller }, reply) => {
      if (query.dry_run === true) return await reply.code(200).send(await backfills.plan(body))
      const { backfill, known } = await backfills.start(body, caller.name)
      return await reply.code(known ? 200 : 202).header('location', `/backfills/${backfill.id}`).send(backfill)
    })

    app.get(
      '/backfills',
      { schema: LIST },
      async ({ query: { limit = 50, cursor } }) => await backfills.list(limit, cursor)
    )

    app.get('/backfills/:id', { schema: GET }, async ({ params }) => await backfills.get(params.id))

    app.delete('/backfills/:id', { schema: CANCEL }, async ({ params, caller }) =>
      await backfills.cancel(params.id, caller.name))

    app.post('/backfills/:id/retry', { schema: RETRY }, async ({ params, caller }, reply) =>
      await reply.code(202).send(await backfills.retry(params.id, caller.name)))

    app.get('/backfills/:id/windows', { schema: WINDOWS }, async ({ params, query: { status, limit = 100, cursor } }) =>
      await backfills.windows(params.id, { status, limit, cursor }))

    app.post('/backfills/:id/pause', {
      schema: steer('pauseBackfill', 'Submit no windows until it is resumed; those that run go on')
    }, async ({ params, caller }) => await backfills.pause(params.id, caller.name))

    app.post('/backfills/:id/resume', {
      schema: steer('resumeBackfill', 'Submit windows again')
    }, async ({ params, caller }) => await backfills.resume(params.id, caller.name))

    app.put('/backfills/:id/concurrency', {
      validatorCompiler: exactBody,
      schema: ROOM
    }, async ({ params, body, caller }) =>
      await backfills.setConcurrency(params.id, (body as BackfillRoom).concurrency, caller.name))
  }
}
