import type { FastifyPluginAsync } from 'fastify'
import { Type } from 'typebox'
import { errors } from '../errors.ts'
import type { ApiDependencies, App } from './app.ts'
import { responses } from './responses.ts'

const closed = { additionalProperties: false }
const EventParams = Type.Object({ id: Type.String({ minLength: 1, maxLength: 256 }) }, closed)
const SourceQuery = Type.Object({ source: Type.Optional(Type.String({ minLength: 1, maxLength: 256, description: 'Where `id` is the sender\'s own: the source it was sent with' })) }, closed)

export const eventRoutes: FastifyPluginAsync<ApiDependencies> = async (instance, { history }) => {
  const app = instance as App

  app.get('/events', {
    schema: {
      operationId: 'listEvents',
      tags: ['events'],
      summary: 'The history of events, newest first',
      querystring: Type.Object({
        type: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
        subject: Type.Optional(Type.String({ minLength: 1, maxLength: 256, description: 'All that happened to one thing' })),
        since: Type.Optional(Type.String({ format: 'date-time', description: 'Accepted at this time or later' })),
        limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
        cursor: Type.Optional(Type.String({ maxLength: 512, description: '`next` of the page before' }))
      }, closed),
      response: responses({ 200: Type.Ref('EventList') }, 400)
    }
  }, async (request) => {
    const { type, subject, since, limit = 50, cursor } = request.query
    for (const [field, text] of [['type', type], ['subject', subject]] as const) {
      if (text?.includes('\0') === true) throw errors.invalidQuery(field, 'holds U+0000')
    }
    const from = since === undefined ? undefined : Date.parse(since)
    // The format knows leap seconds, which a Date does not.
    if (Number.isNaN(from)) throw errors.invalidQuery('since', 'is not a time that can be read')
    return await history.list({ type, subject, since: from, limit, cursor })
  })

  app.get('/events/:id', {
    schema: {
      operationId: 'getEvent',
      tags: ['events'],
      summary: 'An event with the whole tree of its jobs and follow-on events',
      params: EventParams,
      querystring: SourceQuery,
      response: responses({ 200: Type.Ref('EventTree') }, 400, 404)
    }
  }, async (request, reply) => {
    const tree = await history.tree(request.params.id, request.query.source)
    // The schema refers to itself, which compiled serializers do slowly; the tree is made of plain values.
    return await reply.type('application/json').serializer(JSON.stringify).send(tree)
  })

  app.post('/events/:id/replay', {
    schema: {
      operationId: 'replayEvent',
      tags: ['events'],
      summary: 'Dispatch an event again, as a new event that names the old one',
      description: 'By the lookups of now.',
      params: EventParams,
      querystring: SourceQuery,
      response: responses({ 202: Type.Ref('Submission') }, 400, 404)
    }
  }, async (request, reply) => {
    const { key, jobs } = await history.replay(request.params.id, request.query.source)
    return await reply.code(202).header('location', `/events/${key}`).send(jobs)
  })
}
