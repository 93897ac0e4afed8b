import { Readable } from 'node:stream'
import type { FastifyPluginAsync } from 'fastify'
import { Type } from 'typebox'
import type { HistoryRecord } from '../../schemas/schemas.ts'
import type { ApiDependencies, App } from '../app.ts'
import { readText, readTime } from '../query.ts'
import { responses } from '../responses.ts'

const JSON_LINES = 'application/x-ndjson'
const closed = { additionalProperties: false }
export const EventParams = Type.Object({ id: Type.String({ minLength: 1, maxLength: 256 }) }, closed)
export const SourceField = Type.Optional(Type.String({ minLength: 1, maxLength: 256, description: 'Where `id` is the sender\'s own: the source it was sent with' }))

export const eventRoutes: FastifyPluginAsync<ApiDependencies> = async (instance, { history }) => {
  const app = instance as App

  app.get('/events', {
    schema: {
      operationId: 'listEvents',
      tags: ['events'],
      summary: 'The history of events, newest first unless asked otherwise',
      description: 'With `accept: application/x-ndjson` all of it as JSON lines, one for each event and one for each end of one of its jobs; `limit` is not used then. An answer that breaks off is not whole.',
      querystring: Type.Object({
        type: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
        subject: Type.Optional(Type.String({ minLength: 1, maxLength: 256, description: 'All that happened to one thing' })),
        since: Type.Optional(Type.String({ format: 'date-time', description: 'Accepted at this time or later' })),
        order: Type.Optional(Type.Union([Type.Literal('asc'), Type.Literal('desc')], { description: 'Oldest or newest first; a cursor is of the same order' })),
        limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
        cursor: Type.Optional(Type.String({ maxLength: 512, description: '`next` of the page before' }))
      }, closed),
      response: {
        ...responses({}, 400),
        200: { description: 'Success', content: { 'application/json': { schema: Type.Ref('EventList') }, [JSON_LINES]: { schema: Type.Ref('HistoryRecord') } } }
      }
    }
  }, async (request, reply) => {
    const { type, subject, since, order, limit = 50, cursor } = request.query
    const filter = { type: readText('type', type), subject: readText('subject', subject), since: readTime('since', since), order, cursor }
    if (request.headers.accept?.includes(JSON_LINES) !== true) return await history.list({ ...filter, limit })
    const records = history.records(filter)
    // What is wrong with the request, or with the datastore, is told as an error before the first line.
    const first = await records.next()
    return await reply.type(JSON_LINES).send(Readable.from(toLines(first, records), { objectMode: false }))
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

async function * toLines (first: IteratorResult<HistoryRecord, void>, rest: AsyncIterable<HistoryRecord>): AsyncGenerator<string, void, undefined> {
  if (first.done === true) return
  yield `${JSON.stringify(first.value)}\n`
  for await (const record of rest) yield `${JSON.stringify(record)}\n`
}
