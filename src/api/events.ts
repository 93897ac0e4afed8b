import type { FastifyPluginAsync } from 'fastify'
import { Type } from 'typebox'
import type { ApiDependencies, App } from './app.ts'
import { readText, readTime } from './query.ts'
import { responses } from './responses.ts'

const closed = { additionalProperties: false }
export const EventParams = Type.Object({ id: Type.String({ minLength: 1, maxLength: 256 }) }, closed)
export const SourceField = Type.Optional(Type.String({ minLength: 1, maxLength: 256, description: 'Where `id` is the sender\'s own: the source it was sent with' }))

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
    return await history.list({ type: readText('type', type), subject: readText('subject', subject), since: readTime('since', since), limit, cursor })
  })

  app.get('/events/:id', {
    schema: {
      operationId: 'getEvent',
      tags: ['events'],
      summary: 'An event with the whole tree of its jobs and follow-on events',
      params: EventParams,
      querystring: Type.Object({ source: SourceField }, closed),
      response: responses({ 200: Type.Ref('EventTree') }, 400, 404)
    }
  }, async (request, reply) => {
    const tree = await history.tree(request.params.id, request.query.source)
    // The schema refers to itself, which compiled serializers do slowly; the tree is made of plain values.
    return await reply.type('application/json').serializer(JSON.stringify).send(tree)
  })
}
