import { request as httpRequest, type IncomingMessage } from 'node:http'
import t, { type Test } from 'tap'
import { errors } from '../../../src/base/errors.ts'
import type { EventTree, TreeJob } from '../../../src/schemas/events.ts'
import { createStreams, type Update } from '../../../src/engine/history/stream.ts'
import { changesBetween, toTreeState } from '../../../src/engine/history/tree-state.ts'
import { createTurns } from '../../../src/base/turns.ts'
import { openAnyBackend, until } from '../../fixtures/servers.ts'
import { openService, step } from '../../fixtures/service.ts'

t.jobs = 1

const backend = await openAnyBackend()
t.teardown(() => backend.close())
const lookups = {
  events: { chained: ['chain'], slow: ['slow'], failing: ['failing'], noted: [] },
  processes: {
    chain: step({ params: { default: { ms: 1000, emit: [{ type: 'failing' }] } } }),
    slow: step({ params: { default: { ms: 30_000 } } }),
    failing: step({ params: { default: { fail: 'it cannot be done' } } })
  }
}
const SECRET = { authorization: 'Bearer secret' }
const { call: callOpen, url, service } = await openService(t, { backend: backend.url, lookups, env: { SIGNALBOX_MAX_STREAMS: '3', SIGNALBOX_TOKEN: 'secret' } })
const call: typeof callOpen = (method, path, body, headers) => callOpen(method, path, body, { ...SECRET, ...headers })

const none = { gated: null, queued: null, submitted: null, started: null, ended: null }
const treeJob = (id: string, status: TreeJob['status'], events: EventTree[] = []): TreeJob => ({ process: 'p', id, status, progress: null, reason: null, waiting_for: null, absorbed_by: null, timestamps: none, refused: [], more: 0, events })
const tree = (id: string, status: EventTree['status'], jobs: TreeJob[] = []): EventTree => ({
  id, event: { type: 'x' }, status, tree_status: status, received: '2026-11-21T10:00:00.000Z', lookups: 'abc', root: 'e1', depth: 0, cause: null, replays: null, parent: null, refused: null, jobs, truncated: false
})

/** Streams over trees that the test changes by hand. */
function fakeStreams (t: Test, { maxStreams = 10, heartbeatMs = 60_000 } = {}) {
  const trees = new Map<string, EventTree | Error>()
  let reads = 0
  const streams = createStreams({
    tree: async (id) => {
      reads++
      const found = trees.get(id) ?? errors.eventNotFound(id)
      if (found instanceof Error) throw found
      return found
    },
    maxStreams,
    heartbeatMs
  })
  const open = async (id: string, lastId?: string) => {
    const leave = new AbortController()
    t.teardown(() => { leave.abort() })
    const updates = await streams.open(id, { lastId, signal: leave.signal }).catch((error: unknown) => {
      leave.abort()
      throw error
    })
    return { updates, leave: () => { leave.abort() }, next: async () => (await updates?.next())?.value as Update | undefined }
  }
  return { trees, open, reads: () => reads }
}

t.test('a stream begins with the tree, tells each change, and ends with the end', async (t) => {
  const { trees, open } = fakeStreams(t)
  trees.set('e1', tree('e1', 'incomplete', [treeJob('e1.p', 'submitted')]))
  const { next } = await open('e1')
  t.match(await next(), { messages: [{ event: 'snapshot', data: { id: 'e1', jobs: [{ status: 'submitted' }] } }] })
  trees.set('e1', tree('e1', 'incomplete', [treeJob('e1.p', 'running')]))
  t.match(await next(), { messages: [{ event: 'job', data: { event: 'e1', process: 'p', id: 'e1.p', status: 'running' } }] })
  trees.set('e1', tree('e1', 'complete', [treeJob('e1.p', 'complete', [tree('f1', 'complete', [treeJob('f1.p', 'complete')])])]))
  const last = await next()
  t.same(last?.messages.map(({ event, data }) => [event, data.id]), [['job', 'e1.p'], ['event', 'e1'], ['event', 'f1'], ['job', 'f1.p']], 'a new event before its jobs, the jobs of a known one before it')
  t.match(await next(), { version: `${last?.version}.end`, messages: [{ event: 'end', data: { id: 'e1', tree_status: 'complete' } }] })
  t.equal(await next(), undefined)
})

t.test('equal trees have equal versions, and nothing between them', async (t) => {
  const one = () => toTreeState(tree('e1', 'incomplete', [treeJob('a', 'running'), treeJob('b', 'running')]))
  t.equal(one().version, one().version)
  t.same(changesBetween(one(), one()), [])
  t.not(one().version, toTreeState(tree('e1', 'incomplete', [treeJob('a', 'running'), treeJob('b', 'failed')])).version)
})

t.test('who knows the version of now gets no snapshot, and who knows the end nothing', async (t) => {
  const { trees, open } = fakeStreams(t)
  trees.set('e1', tree('e1', 'incomplete'))
  const first = await open('e1')
  const { version } = await first.next() as Update
  const second = await open('e1', version)
  const third = await open('e1', 'of another time')
  t.match(await third.next(), { messages: [{ event: 'snapshot' }] })
  trees.set('e1', tree('e1', 'failed'))
  t.match(await second.next(), { messages: [{ event: 'event', data: { id: 'e1', status: 'failed' } }] })
  const end = await second.next()
  t.match(end, { messages: [{ event: 'end' }] })
  t.equal((await open('e1', end?.version)).updates, undefined)
})

t.test('all who follow an event share one look at it, which ends with the last of them', async (t) => {
  const { trees, open, reads } = fakeStreams(t)
  trees.set('e1', tree('e1', 'incomplete'))
  const all = [await open('e1')]
  while (all.length < 10) all.push(await open('e1'))
  t.equal(reads(), 1, 'who comes later reads nothing')
  for (const { next } of all) await next()
  trees.set('e1', tree('e1', 'incomplete', [treeJob('e1.p', 'running')]))
  await Promise.all(all.map(({ next }) => next()))
  const before = reads()
  t.ok(before <= 4, `${before} reads for 10 streams`)
  const ends = all.map(({ next }) => next())
  for (const { leave } of all) leave()
  t.same(await Promise.all(ends), all.map(() => undefined))
  const other = await open('e1')
  t.equal(reads(), before + 1, 'nobody looks any more: the next one reads anew')
  other.leave()
})

t.test('one who comes when the last one leaves is not left behind', async (t) => {
  const { trees, open } = fakeStreams(t)
  trees.set('e1', tree('e1', 'incomplete'))
  const first = await open('e1')
  const second = open('e1')
  first.leave()
  const { next } = await second
  await next()
  trees.set('e1', tree('e1', 'complete'))
  t.match(await next(), { messages: [{ event: 'event', data: { status: 'complete' } }] })
})

t.test('a client that is slow to read misses steps, never the last', async (t) => {
  const { trees, open } = fakeStreams(t)
  trees.set('e1', tree('e1', 'incomplete', [treeJob('e1.p', 'submitted')]))
  const [slow, quick] = [await open('e1'), await open('e1')]
  await slow.next()
  await quick.next()
  for (const status of ['running', 'failed'] as const) {
    trees.set('e1', tree('e1', status === 'failed' ? 'failed' : 'incomplete', [treeJob('e1.p', status)]))
    await quick.next()
  }
  t.match(await slow.next(), { messages: [{ event: 'job', data: { status: 'failed' } }, { event: 'event', data: { status: 'failed' } }] })
  t.match(await slow.next(), { messages: [{ event: 'end' }] })
})

t.test('there is a sign of life where nothing changes; a datastore that is away ends no stream, an event that is gone does', async (t) => {
  const { trees, open, reads } = fakeStreams(t, { heartbeatMs: 30 })
  trees.set('e1', tree('e1', 'incomplete'))
  const { next } = await open('e1')
  await next()
  t.match(await next(), { messages: [] })
  trees.set('e1', errors.backendUnavailable())
  await until(() => reads() >= 3)
  t.match(await next(), { messages: [] })
  trees.delete('e1')
  await until(async () => await next() === undefined, 'the end of the stream')
})

t.test('no more streams are open than may be, and one that ends makes room', async (t) => {
  const { trees, open } = fakeStreams(t, { maxStreams: 2 })
  trees.set('e1', tree('e1', 'incomplete'))
  await t.rejects(open('nothing'), { code: 'EVENT_NOT_FOUND' })
  const [one] = [await open('e1'), await open('e1')]
  await t.rejects(open('e1'), { code: 'TOO_MANY_STREAMS', statusCode: 503, retryAfter: 5 })
  one.leave()
  await open('e1')
})

t.test('turns are taken one after the other, with a rest as long as each took', async (t) => {
  const turns = createTurns()
  const started: number[] = []
  const run = async (): Promise<void> => {
    started.push(performance.now())
    await new Promise((resolve) => { setTimeout(resolve, 40) })
  }
  await t.rejects(turns.take(async () => { throw new Error('no') }), { message: 'no' })
  await Promise.all([turns.take(run), turns.take(run)])
  t.ok((started[1] ?? 0) - (started[0] ?? 0) >= 75)
})

const submit = async (event: object): Promise<string> => String((await call('POST', '/jobs', event)).headers['location']).replace('/events/', '')

type Message = { id?: string, event?: string, data?: unknown, retry?: string }
type Listening = { response: IncomingMessage, messages: Message[], text: () => string, ended: Promise<void>, leave: () => void }

/** A client of the stream as the standard describes one. */
async function listen (t: Test, path: string, headers: Record<string, string> = {}): Promise<Listening> {
  const request = httpRequest(url + path, { headers: { accept: 'text/event-stream', ...SECRET, ...headers } })
  request.on('error', () => {})
  t.teardown(() => { request.destroy() })
  const response = await new Promise<IncomingMessage>((resolve) => { request.once('response', resolve).end() })
  const messages: Message[] = []
  let text = ''
  let rest = ''
  response.setEncoding('utf8').on('error', () => {}).on('data', (chunk: string) => {
    text += chunk
    const blocks = (rest + chunk).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const fields = Object.fromEntries(block.split('\n').filter((line) => !line.startsWith(':')).map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)])) as Record<string, string>
      if (Object.keys(fields).length > 0) messages.push({ ...fields, ...(fields['data'] === undefined ? {} : { data: JSON.parse(fields['data']) as unknown }) })
    }
  })
  return { response, messages, text: () => text, ended: new Promise((resolve) => { response.once('close', resolve) }), leave: () => { request.destroy() } }
}

t.test('GET /events/:id/stream follows a tree to its end, and then closes', async (t) => {
  const key = await submit({ type: 'chained', id: 'my own', source: '/test' })
  const { response, messages, text, ended } = await listen(t, '/events/my%20own/stream?source=/test')
  t.match(response, { statusCode: 200, headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-cache, no-transform', 'x-accel-buffering': 'no' } })
  await ended
  t.match(text(), /^retry: 2000\n\nid: [0-9a-f]{16}\nevent: snapshot\ndata: \{/)
  t.match(messages[1], { event: 'snapshot', data: { id: key, tree_status: 'incomplete' } })
  const { tree_status: status, jobs: [job] } = (await call('GET', `/events/${key}`)).body
  t.equal(status, 'failed')
  t.match(messages.filter((one) => one.event === 'job').at(-1), { data: { process: 'failing', status: 'failed', reason: 'it cannot be done', event: job.events[0].id } })
  t.ok(messages.some((one) => one.event === 'event' && (one.data as { id: string }).id === job.events[0].id))
  const last = messages.at(-1)
  t.match(last, { event: 'end', data: { id: key, tree_status: 'failed' }, id: /\.end$/ })
  const again = await listen(t, `/events/${key}/stream`)
  await again.ended
  t.same(again.messages.map((one) => one.event), [undefined, 'snapshot', 'end'], 'one that has ended is told at once')
  const known = await call('GET', `/events/${key}/stream`, undefined, { 'last-event-id': last?.id ?? '' })
  t.equal(known.status, 204, 'who knows the end need not come again')
})

t.test('a stream that broke is resumed without a snapshot', async (t) => {
  const key = await submit({ type: 'slow' })
  await until(async () => (await call('GET', `/jobs/slow/${key}.slow`)).body.progress !== null)
  const first = await listen(t, `/events/${key}/stream`)
  await until(() => first.messages.length > 1)
  const id = first.messages.at(-1)?.id ?? ''
  first.leave()
  const second = await listen(t, `/events/${key}/stream`, { 'last-event-id': id })
  await call('DELETE', `/jobs/slow/${key}.slow`)
  await second.ended
  t.equal(second.messages.some((one) => one.event === 'snapshot'), false)
  t.match(second.messages.filter((one) => one.event === 'job').at(-1), { data: { status: 'cancelled' } })
  t.match(second.messages.at(-1), { event: 'end', data: { tree_status: 'cancelled' } })
})

t.test('a stream needs the token, an event, and room', async (t) => {
  t.equal((await call('GET', '/events/nothing/stream')).status, 404)
  t.match((await call('GET', '/events/nothing/stream')).body, { code: 'EVENT_NOT_FOUND' })
  t.equal((await callOpen('GET', '/events/nothing/stream')).status, 401)
  t.equal((await call('GET', '/events/nothing/stream?nosuch=1')).status, 400)
  const head = httpRequest(`${url}/events/nothing/stream`, { method: 'HEAD', headers: SECRET }).end()
  t.equal(await new Promise((resolve) => { head.once('response', ({ statusCode }) => { resolve(statusCode) }) }), 404, 'there is none to hold open')
  const key = await submit({ type: 'slow' })
  const streams = [await listen(t, `/events/${key}/stream`), await listen(t, `/events/${key}/stream`), await listen(t, `/events/${key}/stream`)]
  const refused = await call('GET', `/events/${key}/stream`)
  t.match(refused, { status: 503, headers: { 'retry-after': '5' }, body: { code: 'TOO_MANY_STREAMS' } })
  for (const stream of streams) stream.leave()
  await until(async () => {
    const one = await listen(t, `/events/${key}/stream`)
    one.leave()
    return one.response.statusCode === 200
  }, 'room for another stream')
  await call('DELETE', `/jobs/slow/${key}.slow`)
})

t.test('all streams end when the service closes', async (t) => {
  await call('POST', '/queues/slow/pause')
  const key = await submit({ type: 'slow' })
  const { messages, ended } = await listen(t, `/events/${key}/stream`)
  await until(() => messages.length > 1)
  await service.stop()
  await ended
  t.same(messages.map((one) => one.event), [undefined, 'snapshot'], 'without an end: a client comes again')
})
