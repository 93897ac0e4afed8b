import type { OutgoingHttpHeaders } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { FastifyReply } from 'fastify'
import { Type } from 'typebox'
import { createStreams, type Update } from '../../engine/history/stream.ts'
import { createShares } from '../access/shares.ts'
import type { FeedMessage } from '../../schemas/stream.ts'
import type { Route } from '../dependencies.ts'
import { EventParams, SourceQuery } from '../query.ts'
import { responses } from '../responses.ts'

const HEARTBEAT_MS = 15_000
/** After which a browser connects again. */
const RECONNECT_MS = 2000

const HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  // Keeps nginx from holding the stream back.
  'x-accel-buffering': 'no',
  // A connection that was a stream is not used again.
  connection: 'close'
}

const STREAM = {
  operationId: 'streamEvent',
  tags: ['events'],
  summary: 'An event and what comes of it, live',
  description:
    'Server-sent events: `snapshot` (the tree as in GET /events/{id}), then `event` for a follow-on event that ' +
    'is new or whose status has changed, `job` for each change of a job, and `end` with `tree_status` when all ' +
    'has ended. A comment every 15 s shows that the stream lives. With the `Last-Event-ID` of a stream that ' +
    'broke there is no snapshot where nothing has changed since, and 204 where the end was told.',
  params: EventParams,
  querystring: SourceQuery,
  headers: Type.Object({ 'last-event-id': Type.Optional(Type.String({ maxLength: 128 })) }),
  response: {
    ...responses({}, 400, 404),
    200: { description: 'The stream', content: { 'text/event-stream': { schema: Type.String() } } },
    204: { ...Type.Null(), description: 'The client knows the end already' }
  }
}

const FEED = {
  operationId: 'streamEvents',
  tags: ['events'],
  summary: 'All submitted events, live',
  description:
    'Server-sent events: `snapshot` (the newest 50 as in GET /events), then `event` for each that is new or of ' +
    'which its summary tells something else, at most twice a second. A comment every 15 s shows that the stream ' +
    'lives. It has no end.',
  response: {
    ...responses({}, 400),
    200: { description: 'The stream', content: { 'text/event-stream': { schema: Type.String() } } }
  }
}

export const streamRoutes: Route = {
  routes: async (app, { engine: { history, feed }, settings: { maxStreams, streamsPerClient } }) => {
    const tree = (id: string, source?: string) => history.tree(id, source)
    const streams = createStreams({ tree, maxStreams, heartbeatMs: HEARTBEAT_MS })
    const takeShare = createShares('streams', streamsPerClient)
    const closing = new AbortController()
    app.addHook('preClose', async () => { closing.abort() })

    app.get('/stream', { exposeHeadRoute: false, schema: FEED }, async (request, reply) => {
      takeShare(request, reply as FastifyReply)
      const gone = new AbortController()
      reply.raw.on('close', () => { gone.abort() })
      const messages = await feed.open(AbortSignal.any([gone.signal, closing.signal]))
      await send(reply as FastifyReply, toFeedText(messages))
    })

    // A request for the headers alone would hold a stream open.
    app.get(
      '/events/:id/stream',
      { exposeHeadRoute: false, schema: STREAM },
      async (request, reply) => {
        const { params, query: { source }, headers, caller } = request
        takeShare(request, reply as FastifyReply)
        const gone = new AbortController()
        reply.raw.on('close', () => {
          gone.abort()
        })
        const signal = AbortSignal.any([gone.signal, closing.signal])
        const updates = await streams.open(params.id, {
          source: source ?? caller.source,
          lastId: headers['last-event-id'],
          signal
        })
        if (updates === undefined) return await reply.code(204).send(null)
        await send(reply as FastifyReply, toText(updates))
      }
    )
  }
}

async function send (reply: FastifyReply, text: AsyncIterable<string>): Promise<void> {
  reply.hijack()
  reply.raw.writeHead(200, { ...reply.getHeaders() as OutgoingHttpHeaders, ...HEADERS })
  // It ends in an error when the client goes away, as most do.
  await pipeline(Readable.from(text), reply.raw).catch(() => {})
}

async function * toText (updates: AsyncIterable<Update>): AsyncGenerator<string, void, undefined> {
  yield `retry: ${RECONNECT_MS}\n\n`
  for await (const { version, messages } of updates) {
    if (messages.length === 0) yield ':\n\n'
    for (const [i, { event, data }] of messages.entries()) {
      // The id comes with the last of them: a client that has not got them all does not know that version.
      const id = i === messages.length - 1 ? `id: ${version}\n` : ''
      yield `${id}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
    }
  }
}

async function * toFeedText (updates: AsyncIterable<FeedMessage[]>): AsyncGenerator<string, void, undefined> {
  yield `retry: ${RECONNECT_MS}\n\n`
  for await (const messages of updates) {
    if (messages.length === 0) yield ':\n\n'
    for (const { event, data } of messages) yield `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
  }
}
