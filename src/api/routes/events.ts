import { Readable } from 'node:stream'
import { Type } from 'typebox'
import { errors } from '../../base/errors.ts'
import { EVENT_STATUSES, eventSchemas, type HistoryRecord } from '../../schemas/events.ts'
import { closed, nameText, oneOf } from '../../schemas/parts.ts'
import type { Route } from '../dependencies.ts'
import { EventParams, pageFields, readText, readTime, SourceField } from '../query.ts'
import { PAGE, responses } from '../responses.ts'

const JSON_LINES = 'application/x-ndjson'

const EventsQuery = Type.Object({
  type: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
  subject: Type.Optional(nameText('All that happened to one thing')),
  source: Type.Optional(nameText('Of this source: `/schedules/NAME`, `/backfills/ID`, or what its sender gave')),
  status: Type.Optional(oneOf(EVENT_STATUSES, { description: 'What the event itself came to' })),
  tree_status: Type.Optional(oneOf(EVENT_STATUSES, {
    description: 'Submitted events alone: what the event came to with all that followed from it'
  })),
  roots_only: Type.Optional(Type.Boolean({ description: 'Only what was submitted, not what followed from it' })),
  q: Type.Optional(Type.String({
    minLength: 1,
    maxLength: 256,
    description: 'What its id, or the id that its sender gave, begins with; or its subject'
  })),
  since: Type.Optional(Type.String({ format: 'date-time', description: 'Accepted at this time or later' })),
  until: Type.Optional(Type.String({ format: 'date-time', description: 'Accepted before this time' })),
  order: Type.Optional(Type.Union([Type.Literal('asc'), Type.Literal('desc')], {
    description: 'Oldest or newest first; a cursor is of the same order'
  })),
  ...pageFields
}, closed)

const EventsContent = {
  'application/json': { schema: Type.Ref('EventList') },
  [JSON_LINES]: { schema: Type.Ref('HistoryRecord') }
}

const LIST = {
  operationId: 'listEvents',
  tags: ['events'],
  summary: 'The history of events, newest first unless asked otherwise',
  description:
    'With `accept: application/x-ndjson` all of it as JSON lines, one for each event and one for each end of one ' +
    'of its jobs; `limit` is not used then. An answer that breaks off is not whole.',
  querystring: EventsQuery,
  response: { ...responses({}, 400), 200: { description: 'Success', content: EventsContent } }
}

const GET = {
  operationId: 'getEvent',
  tags: ['events'],
  summary: 'An event with the whole tree of its jobs and follow-on events',
  description: 'Below a branch that is not shown whole (`more`, `truncated`) the event of the branch has the rest.',
  params: EventParams,
  querystring: Type.Object({
    source: SourceField,
    depth: Type.Optional(Type.Integer({ minimum: 0, description: 'So many levels of follow-on events below it' })),
    limit: Type.Integer({ minimum: 1, maximum: 1000, default: 1000, description: 'Events that are shown at most' })
  }, closed),
  response: responses({ 200: Type.Ref('EventTree'), ...PAGE }, 400, 404)
}

export const eventRoutes: Route = {
  tag: { name: 'events', description: 'What happened, and what came of it' },
  schemas: eventSchemas,
  routes: async (app, { engine: { history } }) => {
    app.get('/events', { schema: LIST }, async ({ query, headers }, reply) => {
      const { order, limit = 50, cursor } = query
      const { status, tree_status: treeStatus, roots_only: rootsOnly } = query
      const filter = {
        type: readText('type', query.type),
        subject: readText('subject', query.subject),
        source: readText('source', query.source),
        status,
        treeStatus,
        rootsOnly
      }
      const range = { since: readTime('since', query.since), until: readTime('until', query.until), order, cursor }
      const text = readText('q', query.q)
      if (headers.accept?.includes(JSON_LINES) !== true) {
        return await history.list({ ...filter, text }, { ...range, limit })
      }
      if (text !== undefined) throw errors.invalidQuery('q', 'is for one page; JSON lines have all')
      const records = history.records(filter, range)
      // What is wrong with the request, or with the datastore, is told as an error before the first line.
      const first = await records.next()
      return await reply.type(JSON_LINES).send(Readable.from(toLines(first, records), { objectMode: false }))
    })

    app.get('/events/:id', { schema: GET }, async ({ params, query, caller }, reply) => {
      const { source = caller.source, depth, limit } = query
      const tree = await history.tree(params.id, source, { depth, limit })
      // The schema refers to itself, which compiled serializers do slowly; the tree is made of plain values.
      return await reply.type('application/json').serializer(JSON.stringify).send(tree)
    })
  }
}

type First = IteratorResult<HistoryRecord, void>

async function * toLines (first: First, rest: AsyncIterable<HistoryRecord>): AsyncGenerator<string, void, undefined> {
  if (first.done === true) return
  yield `${JSON.stringify(first.value)}\n`
  for await (const record of rest) yield `${JSON.stringify(record)}\n`
}
