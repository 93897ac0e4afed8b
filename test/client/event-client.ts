import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import t from 'tap'
import { CALLS } from '../../src/client/calls.ts'
import { EventClient } from '../../src/client/event-client.ts'
import { EventClientError } from '../../src/client/event-client-error.ts'
import { age, ago, took } from '../../src/cli/ago.ts'
import { isClientCommand } from '../../src/cli/command-list.ts'
import { runClientCommand } from '../../src/cli/commands.ts'
import { createFetchTransport } from '../../src/client/fetch-transport.ts'
import { retryDelayMs } from '../../src/client/may-retry.ts'
import { createSseReader } from '../../src/client/stream.ts'
import type { EventTree, TreeJob } from '../../src/schemas/events.ts'
import type { JobView } from '../../src/schemas/jobs.ts'
import { usage } from '../../src/cli/usage.ts'
import { createFakeStream, startFakeService, startFakeStreams, type Reply, type StreamReply } from '../fixtures/fake-service.ts'
import { HOME } from '../fixtures/places.ts'
import { shipped } from '../../src/roles/shipped.ts'

const at = { gated: null, queued: null, submitted: '2026-11-21T10:00:00.000Z', started: '2026-11-21T10:00:01.000Z', ended: '2026-11-21T10:00:03.500Z' }
const job = (status: JobView['status'], more: Partial<JobView> = {}): JobView => ({
  process: 'dump_dna', id: 'e1.dump_dna', status, input: { type: 'new_assembly', subject: 'minimus' }, output: null, progress: null, attempts: { made: 1, max: 3, list: [] }, worker: { host: null, version: null }, taken_over: 0, reason: null, parent: null, waiting_for: null, event: 'e1', absorbed_by: null, made_good_by: null, dismissed: null, absorbed: [], events: [], timestamps: at, ...more
})
const treeJob = (status: JobView['status'], more: Partial<TreeJob> = {}): TreeJob => ({ process: 'dump_dna', id: 'e1.dump_dna', status, progress: null, reason: null, waiting_for: null, absorbed_by: null, timestamps: at, refused: [], more: 0, events: [], ...more })
const tree = (status: EventTree['tree_status'], jobs: TreeJob[] = []): EventTree => ({
  id: 'e1', event: { type: 'new_assembly', subject: 'minimus' }, status, tree_status: status, received: at.submitted, lookups: 'abc', root: 'e1', depth: 0, cause: null, replays: null, parent: null, refused: null, jobs, truncated: false
})
const accepted: Reply = { status: 202, headers: { location: '/events/e1' }, body: [['dump_dna', 'e1.dump_dna']] }
const error = (status: number, code: string, headers: Record<string, string> = {}): Reply => ({ status, headers, body: { statusCode: status, code, error: 'x', message: `it is ${code}`, field: 'data/fasta' } })

type Test = Parameters<typeof startFakeService>[0]

async function connect (test: Test, ...replies: Reply[]) {
  const { url, seen } = await startFakeService(test, ...replies)
  const client = new EventClient({ url, token: 'secret' })
  test.after(async () => { await client.close() })
  return { client, seen, url }
}

/** Runs a client command against a service that gives these replies. */
async function command (test: Test, line: string[], replies: Reply[], { isTTY = false, columns = 100, env = {}, stdin = '' }: { isTTY?: boolean, columns?: number, env?: Record<string, string>, stdin?: string } = {}) {
  const { url, seen } = await startFakeService(test, ...replies)
  const [stdout, stderr] = [createFakeStream({ isTTY, columns }), createFakeStream({ isTTY, columns })]
  const [name = '', ...args] = line
  const code = await runClientCommand(name, args, { env: { SIGNALBOX_URL: url, ...env }, stdout: stdout.stream, stderr: stderr.stream, stdin: Readable.from([stdin]) }, async () => shipped)
  return { code, out: stdout.text(), err: stderr.text(), seen }
}

t.test('every method asks its route', async (t) => {
  const { client, seen } = await connect(t, { headers: { location: '/events/e2' }, body: { dry_run: true, items: [], next: null } })
  await client.plan({ type: 'a' })
  await client.getJob('p', 'i/1', { wait: 5 })
  await client.getJobLog('p', 'i', { start: 2 })
  await client.failures('p', 'i')
  await client.email('p', 'i', 'a@b')
  await client.listJobs('p', { status: 'failed', subject: 's t', limit: 2, cursor: 'c' })
  await client.cancelJob('p', 'i')
  await client.retryJob('p', 'i')
  await client.listEvents({ type: 'a', since: new Date(0) })
  await client.getEvent('..', { source: '/x' })
  await client.replayEvent('e1')
  await client.replayEvent('e1', { as: 'then' })
  await client.listFailedJobs({ process: 'p', since: new Date(0), limit: 2 })
  await client.retryJobs({ process: 'p', reason_contains: 'disk', until: new Date(0), dry_run: true })
  await client.replayEvents({ type: 'a', as: 'then', id: 'k' })
  await client.eventTypes()
  await client.processes()
  await client.queues()
  await client.pauseProcess('p')
  await client.resumeProcess('p')
  await client.pauseQueue('q')
  await client.resumeQueue('q')
  await client.ready()
  t.strictSame(seen.map(({ method, url }) => `${method} ${url}`), [
    'POST /jobs?dry_run=true', 'GET /jobs/p/i%2F1?wait=5', 'GET /jobs/p/i/log?start=2', 'GET /jobs/p/i?format=failures', 'GET /jobs/p/i?format=email&email=a%40b',
    'GET /jobs/p?status=failed&subject=s+t&limit=2&cursor=c', 'DELETE /jobs/p/i', 'POST /jobs/p/i/retry', 'GET /events?type=a&since=1970-01-01T00%3A00%3A00.000Z',
    'GET /events/..?source=%2Fx', 'POST /events/e1/replay', 'POST /events/e1/replay?as=then', 'GET /jobs?process=p&limit=2&status=failed&since=1970-01-01T00%3A00%3A00.000Z', 'POST /jobs/retry', 'POST /events/replay', 'GET /event_types', 'GET /processes', 'GET /queues', 'POST /processes/p/pause', 'POST /processes/p/resume', 'POST /queues/q/pause', 'POST /queues/q/resume', 'GET /ready'
  ])
  t.strictSame(seen.find(({ url }) => url === '/jobs/retry')?.body, { process: 'p', reason_contains: 'disk', dry_run: true, until: '1970-01-01T00:00:00.000Z' })
  t.strictSame(seen.find(({ url }) => url === '/events/replay')?.body, { type: 'a', as: 'then', id: 'k' })
  t.equal(seen.every(({ headers }) => headers.authorization === 'Bearer secret'), true)
})

t.test('every call is a route of the OpenAPI document', async (t) => {
  const { paths } = JSON.parse(readFileSync(join(HOME, 'openapi', 'openapi.json'), 'utf8')) as { paths: Record<string, Record<string, { operationId: string }>> }
  const routes = new Map(Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, { operationId }]) => [operationId, `${method.toUpperCase()} ${path}`])))
  for (const [name, { method, path }] of Object.entries(CALLS)) t.equal(`${method} ${path}`, routes.get(name), name)
})

t.test('without undici, as in a browser, requests travel by fetch', async (t) => {
  const { url } = await startFakeService(t, { status: 503, headers: { 'retry-after': '7' }, body: { a: 1 } }, 'reset', 'hang')
  const { request, close } = createFetchTransport()
  const given = { method: 'GET', origin: url, path: '/queues?a=b', headers: {}, headersTimeoutMs: 30_000, bodyTimeoutMs: 30_000 }
  const answer = await request(given)
  t.equal(answer.statusCode, 503)
  t.equal(answer.header('retry-after'), '7')
  t.equal(await answer.text(), '{"a":1}')
  await t.rejects(request(given))
  await t.rejects(request({ ...given, headersTimeoutMs: 50 }), { name: 'TimeoutError' })
  await close()
})

t.test('a stream that is read by fetch comes in pieces, and ends in the error that gives it up', async (t) => {
  const { url } = await startFakeStreams(t, [{ pieces: ['data: 1\n\n'], then: 'stay' }])
  const { request } = createFetchTransport()
  const answer = await request({ method: 'GET', origin: url, path: '/events/e1/stream', headers: {}, headersTimeoutMs: 30_000, bodyTimeoutMs: 0 })
  const pieces: string[] = []
  const read = async (): Promise<void> => {
    for await (const chunk of answer.chunks()) {
      pieces.push(Buffer.from(chunk).toString())
      answer.destroy(new Error('enough'))
    }
  }
  await t.rejects(read(), { message: 'enough' })
  t.strictSame(pieces, ['data: 1\n\n'])
})

t.test('submit answers the key of the event and its jobs, and whether the service knew it', async (t) => {
  const { client } = await connect(t, accepted, { ...accepted, status: 200 })
  t.strictSame(await client.submit({ type: 'a', id: '1' }), { event: 'e1', jobs: [['dump_dna', 'e1.dump_dna']], repeated: false })
  t.equal((await client.submit({ type: 'a', id: '1' })).repeated, true)
})

t.test('an event without an id gets one, the same in all attempts', async (t) => {
  const { client, seen } = await connect(t, 'reset', error(503, 'BACKEND_UNAVAILABLE', { 'retry-after': '0' }), { ...accepted, status: 200 })
  t.equal((await client.submit({ type: 'a' })).repeated, false)
  const bodies = seen.map(({ body }) => body as { id: string, source: string })
  t.equal(bodies.length, 3)
  t.match(bodies[0], { type: 'a', source: '/client', id: /^[0-9a-f]{8}-[0-9a-f]{4}-7/ })
  t.strictSame(bodies[1], bodies[0])
  t.strictSame(bodies[2], bodies[0])
})

t.test('an event keeps its own id and source', async (t) => {
  const { client, seen } = await connect(t, accepted)
  await client.submit({ type: 'a', id: '1' })
  await client.submit({ type: 'a', source: '/mine' })
  t.strictSame(seen[0]?.body, { type: 'a', id: '1' })
  t.match(seen[1]?.body, { source: '/mine', id: /-/ })
})

t.test('Retry-After is obeyed', async (t) => {
  const { client, seen } = await connect(t, error(503, 'OVERLOADED', { 'retry-after': '1' }), { body: { items: [] } })
  const started = performance.now()
  await client.queues()
  t.ok(performance.now() - started >= 990)
  t.equal(seen.length, 2)
})

t.test('a refusal is not tried again and tells code, status and field', async (t) => {
  const { client, seen } = await connect(t, error(400, 'INVALID_EVENT'))
  await t.rejects(client.submit({ type: 'a' }), { name: 'EventClientError', statusCode: 400, code: 'INVALID_EVENT', field: 'data/fasta', message: 'it is INVALID_EVENT' })
  t.equal(seen.length, 1)
})

t.test('what must not happen twice is tried again only where it cannot have happened', async (t) => {
  const { client, seen } = await connect(t, 'reset', 'reset', error(503, 'BACKEND_UNAVAILABLE'), error(503, 'OVERLOADED', { 'retry-after': '0' }), { body: job('running') })
  await t.rejects(client.cancelJob('p', 'i'), { code: 'CONNECTION_FAILED' })
  await t.rejects(client.replayEvent('e1'), { code: 'CONNECTION_FAILED' })
  await t.rejects(client.retryJob('p', 'i'), { code: 'BACKEND_UNAVAILABLE' })
  t.equal(seen.length, 3)
  await client.retryJob('p', 'i')
  t.equal(seen.length, 5)
})

t.test('a service that is not there is named', async (t) => {
  const client = new EventClient({ url: 'http://127.0.0.1:1', retries: 1 })
  t.after(async () => { await client.close() })
  await t.rejects(client.queues(), { code: 'CONNECTION_FAILED', statusCode: undefined, message: /cannot reach http:\/\/127\.0\.0\.1:1: nothing listens there/ })
})

t.test('an answer that does not come in time is an error', async (t) => {
  const { url } = await startFakeService(t, 'hang')
  const client = new EventClient({ url, timeoutMs: 100 })
  await t.rejects(client.queues(), { code: 'TIMEOUT' })
})

t.test('an answer of something else is an error', async (t) => {
  const { client } = await connect(t, { raw: '<html>' }, { status: 404, raw: '<html>' }, { status: 202, body: [] })
  await t.rejects(client.queues(), { code: 'INVALID_ANSWER' })
  await t.rejects(client.queues(), { code: 'HTTP_404', statusCode: 404, message: /GET http.*\/queues was answered with 404/ })
  await t.rejects(client.plan({ type: 'a' }), { code: 'INVALID_ANSWER', message: /has taken the event/ })
})

t.test('empty ids and wrong addresses are refused before anything is sent', async (t) => {
  const { client, seen } = await connect(t, { body: {} })
  await t.rejects(client.cancelJob('p', ''), { code: 'INVALID_ARGUMENT' })
  t.equal(seen.length, 0)
  t.throws(() => new EventClient({ url: 'localhost:3000' }), EventClientError)
})

t.test('a path before the routes is kept', async (t) => {
  const { url, seen } = await startFakeService(t, { body: { items: [] } })
  const client = new EventClient({ url: `${url}/signalbox/` })
  await client.queues()
  await client.close()
  await client.close()
  t.equal(seen[0]?.url, '/signalbox/queues')
})

t.test('ready answers also where the service is not', async (t) => {
  const { client } = await connect(t, { status: 503, body: { ready: false, backend: 'redis does not answer' } })
  t.match(await client.ready(), { ready: false })
})

t.test('pages are read to the last', async (t) => {
  const { client, seen } = await connect(t, { body: { items: [{ id: '1' }, { id: '2' }], next: 'c' } }, { body: { items: [{ id: '3' }], next: null } })
  const ids: string[] = []
  for await (const { id } of client.events({ limit: 2 })) ids.push(id)
  t.strictSame(ids, ['1', '2', '3'])
  t.equal(seen[1]?.url, '/events?limit=2&cursor=c')
})

t.test('waitForEvent asks until the tree has ended', async (t) => {
  const { client } = await connect(t, { body: tree('incomplete') }, { body: tree('incomplete') }, { body: tree('complete') })
  const updates: string[] = []
  t.match(await client.waitForEvent('e1', { onUpdate: ({ tree_status: status }) => { updates.push(status) } }), { tree_status: 'complete' })
  t.strictSame(updates, ['incomplete', 'incomplete', 'complete'])
})

t.test('a wait ends with its time, and with its signal', async (t) => {
  const { client } = await connect(t, { body: tree('incomplete') })
  t.match(await client.waitForEvent('e1', { timeoutMs: 150 }), { tree_status: 'incomplete' })
  const stop = new AbortController()
  await t.rejects(client.waitForEvent('e1', { signal: stop.signal, onUpdate: () => { stop.abort() } }), { name: 'AbortError' })
})

t.test('waitForJob lets the service wait, unless its progress is to be seen', async (t) => {
  const { client, seen } = await connect(t, { body: job('running') }, { body: job('failed') })
  t.match(await client.waitForJob('p', 'i'), { status: 'failed' })
  t.equal(seen[0]?.url, '/jobs/p/i?wait=60')
  await client.waitForJob('p', 'i', { onUpdate: () => {} })
  t.equal(seen[2]?.url, '/jobs/p/i?wait=0')
})

const message = (event: string, data: unknown, id = ''): string => `${id === '' ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
const { jobs: _jobs, truncated: _truncated, ...event } = tree('incomplete')
const followOn = { ...event, id: 'f1', depth: 1, cause: { event: 'e1', process: 'dump_dna', job: 'e1.dump_dna' }, jobs: [['verify', 'f1.verify']] }
const { events: _events, ...running } = treeJob('running')
const SNAPSHOT = message('snapshot', tree('incomplete', [treeJob('submitted')]), 'v1')
const END = message('end', { id: 'e1', tree_status: 'complete' }, 'v9.end')

async function connectStreams (test: Test, streams: StreamReply[], ...replies: Reply[]) {
  const { url, seen, streamed } = await startFakeStreams(test, streams, ...replies)
  const client = new EventClient({ url, token: 'secret' })
  test.after(async () => { await client.close() })
  return { client, seen, streamed }
}

t.test('a stream of events is read as the standard says, wherever it is cut', async (t) => {
  const text = '\uFEFF: a comment\r\nretry: 5\n\nid: 1\nevent: a\ndata: one\ndata:two\r\n\r\ndata\rdata\r\rid:2\nnothing: x\ndata:  ö\n\nevent: cut off\ndata: x\n'
  const expected = [{ event: 'a', data: 'one\ntwo', id: '1' }, { event: 'message', data: '\n', id: '1' }, { event: 'message', data: ' ö', id: '2' }]
  t.strictSame(createSseReader().feed(text), expected)
  const { feed } = createSseReader()
  t.strictSame([...text].flatMap((letter) => feed(letter)), expected)
})

t.test('stream gives typed messages to the end', async (t) => {
  const { client, streamed } = await connectStreams(t, [{ pieces: ['retry: 2000\n\n', SNAPSHOT.slice(0, 30), SNAPSHOT.slice(30), ':\n\n', message('job', { ...running, event: 'e1' }) + message('event', followOn, 'v2'), END], then: 'stay' }])
  const names: string[] = []
  for await (const one of client.stream('e/1', { source: '/s' })) names.push(one.event === 'job' ? `${one.event} ${one.data.status}` : `${one.event} ${one.data.id}`)
  t.strictSame(names, ['snapshot e1', 'job running', 'event f1', 'end e1'])
  t.match(streamed[0], { url: '/events/e%2F1/stream?source=%2Fs', headers: { authorization: 'Bearer secret', accept: 'text/event-stream' } })
})

t.test('a stream that breaks is taken up where it broke', async (t) => {
  const { client, streamed } = await connectStreams(t, [{ pieces: [SNAPSHOT], then: 'reset' }, { status: 503, headers: { 'retry-after': '0' }, body: { code: 'BACKEND_UNAVAILABLE', message: 'x' } }, { pieces: [message('job', { ...running, event: 'e1' }, 'v2')], then: 'end' }, { status: 204, raw: '' }])
  const names: string[] = []
  for await (const one of client.stream('e1')) names.push(one.event)
  t.strictSame(names, ['snapshot', 'job'])
  t.strictSame(streamed.map(({ headers }) => headers['last-event-id']), [undefined, 'v1', 'v1', 'v2'])
})

t.test('a stream that cannot be had is an error', async (t) => {
  const { client, streamed } = await connectStreams(t, [{ status: 404, body: { code: 'EVENT_NOT_FOUND', message: 'x' } }, { status: 503, body: { code: 'TOO_MANY_STREAMS', message: 'x' } }, { body: {} }, { pieces: ['data: {\n\n'], then: 'stay' }])
  const read = async (): Promise<void> => { for await (const one of client.stream('e1')) t.fail(one.event) }
  await t.rejects(read(), { code: 'EVENT_NOT_FOUND' })
  await t.rejects(read(), { code: 'TOO_MANY_STREAMS' })
  await t.rejects(read(), { code: 'INVALID_ANSWER' })
  await t.rejects(read(), { code: 'INVALID_ANSWER' })
  t.equal(streamed.length, 4)
})

t.test('a stream ends with its signal, and when nobody reads on', async (t) => {
  const { client } = await connectStreams(t, [{ pieces: [SNAPSHOT], then: 'stay' }])
  const stop = new AbortController()
  await t.rejects((async () => { for await (const { event: name } of client.stream('e1', { signal: stop.signal })) if (name === 'snapshot') stop.abort() })(), { name: 'AbortError' })
  const messages = client.stream('e1')
  t.match(await messages.next(), { value: { event: 'snapshot' } })
  t.match(await messages.return(), { done: true })
})

t.test('waitForEvent listens to the stream, shows the tree grow, and asks for the end of it', async (t) => {
  const pieces = [SNAPSHOT, message('job', { ...running, event: 'e1' }), message('event', followOn) + message('job', { ...running, process: 'verify', id: 'f1.verify', event: 'f1' }, 'v2'), message('event', { ...event, status: 'complete' }, 'v3'), END]
  const { client, seen } = await connectStreams(t, [{ pieces, then: 'stay' }], { body: tree('complete') })
  const updates: EventTree[] = []
  t.match(await client.waitForEvent('e1', { onUpdate: (update) => { updates.push(update) } }), { tree_status: 'complete' })
  t.equal(seen.length, 1, 'the tree was asked for once')
  t.strictSame(updates.map(({ jobs: [first] }) => [first?.status, first?.events.length, first?.events[0]?.jobs[0]?.status]), [['submitted', 0, undefined], ['running', 0, undefined], ['running', 1, undefined], ['running', 1, 'running'], ['running', 1, 'running'], [undefined, undefined, undefined]])
  t.match(updates[4], { status: 'complete', tree_status: 'incomplete' })
})

t.test('waitForEvent asks again and again where there is no stream, and does not ask for one twice', async (t) => {
  const { client, seen, streamed } = await connectStreams(t, [{ status: 404, body: { code: 'NOT_FOUND', message: 'x' } }], { body: tree('incomplete') }, { body: tree('complete') })
  t.match(await client.waitForEvent('e1'), { tree_status: 'complete' })
  t.match(await client.waitForEvent('e1'), { tree_status: 'complete' })
  t.equal(seen.length, 3)
  t.equal(streamed.length, 1)
  const full = await connectStreams(t, [{ status: 503, body: { code: 'TOO_MANY_STREAMS', message: 'x' } }], { body: tree('complete') })
  for (let i = 0; i < 2; i++) t.match(await full.client.waitForEvent('e1'), { tree_status: 'complete' })
  t.equal(full.streamed.length, 2, 'there may be room the next time')
})

t.test('waitForEvent asks for itself where a proxy keeps the stream back', async (t) => {
  const { client, streamed } = await connectStreams(t, [{ pieces: [], then: 'stay' }], { body: tree('complete') })
  t.match(await client.waitForEvent('e1'), { tree_status: 'complete' })
  await client.waitForEvent('e1')
  t.equal(streamed.length, 1)
})

t.test('a wait on a stream ends with its time, with its signal, and with what its listener throws', async (t) => {
  const { client } = await connectStreams(t, [{ pieces: [SNAPSHOT], then: 'stay' }], { body: tree('incomplete') })
  t.match(await client.waitForEvent('e1', { timeoutMs: 150 }), { tree_status: 'incomplete' })
  const stop = new AbortController()
  await t.rejects(client.waitForEvent('e1', { signal: stop.signal, onUpdate: () => { stop.abort() } }), { name: 'AbortError' })
  await t.rejects(client.waitForEvent('e1', { onUpdate: () => { throw new Error('mine') } }), { message: 'mine' })
})

t.test('waits between attempts grow and are bounded', async (t) => {
  t.equal(retryDelayMs(1, {}, 1), 250)
  t.equal(retryDelayMs(3, {}, 0), 500)
  t.equal(retryDelayMs(30, {}, 1), 10_000)
  t.equal(retryDelayMs(1, { retryAfterMs: 3_600_000 }, 0), 30_000)
})

t.test('times are told in their largest unit', async (t) => {
  const now = Date.parse('2026-11-21T12:00:00Z')
  t.strictSame(['2026-11-21T11:59:59Z', '2026-11-21T10:00:00Z', '2026-11-18T12:00:00Z', '2026-11-21T12:00:09Z', null].map((at) => ago(at, now)), ['1 second ago', '2 hours ago', '3 days ago', 'just now', '-'])
  t.strictSame(['2026-11-21T11:59:59Z', '2026-11-18T12:00:00Z', '2026-11-21T12:00:09Z'].map((at) => age(at, now)), ['1 s', '3 d', '0 s'])
  t.equal(took({ started: '2026-11-21T11:58:00Z', ended: null }, now), '2 m 0 s')
})

t.test('commands are known by name, Ensembl\'s too', async (t) => {
  t.strictSame(['submit', 'retrieve', 'delete', 'event_types', 'start'].map(isClientCommand), [true, true, true, true, false])
  t.match(await usage(async () => shipped), /submit \[TYPE\]/)
})

t.test('submit builds the event from its options', async (t) => {
  const { code, seen, out } = await command(t, ['submit', 'new_assembly', '--genome', 'minimus', '--id', '7', '--source', '/s', '--event', '{"type":"x","note":1}', '--data', '{"a":1,"b":2}', '--set', 'b=3=4', '--set', 'c:=[5]'], [accepted])
  t.equal(code, 0)
  t.strictSame(seen[0]?.body, { type: 'new_assembly', note: 1, id: '7', source: '/s', genome: 'minimus', data: { a: 1, b: '3=4', c: [5] } })
  t.match(out, /^accepted: event e1\n {2}dump_dna {2}e1\.dump_dna\nsignalbox event e1 --wait\n/)
})

t.test('submit reads the event from stdin', async (t) => {
  const { code, seen } = await command(t, ['submit', '-e', '-'], [accepted], { stdin: '{"type":"a","id":"1"}' })
  t.equal(code, 0)
  t.strictSame(seen[0]?.body, { type: 'a', id: '1' })
})

t.test('submit --dry-run tells the plan, and 3 where the event would be refused', async (t) => {
  const plan = (problems: object[]): Reply => ({ body: { dry_run: true, type: 'a', lookups: 'abc', jobs: [{ process: 'dump_dna', queue: 'q', reason: 'a rule', problems }] } })
  const good = await command(t, ['submit', 'a', '--dry-run'], [plan([])])
  t.equal(good.code, 0)
  t.match(good.out, /a would start 1 job\nPROCESS +QUEUE +WHY\ndump_dna +q +a rule\n/)
  const bad = await command(t, ['submit', 'a', '--dry-run'], [plan([{ field: 'data/fasta', message: 'is required' }])])
  t.equal(bad.code, 3)
  t.match(bad.out, /dump_dna: data\/fasta is required/)
  const ruled = await command(t, ['submit', 'a', '--dry-run'], [{ body: { dry_run: true, type: 'a', lookups: 'abc', jobs: [], rules: [{ entry: 'big', applied: false, reason: 'type is a, not b' }] } }])
  t.match(ruled.out, /a would start nothing\nENTRY +APPLIES +WHY\nbig +no +type is a, not b\n/)
})

t.test('submit --wait writes plain progress, then the tree', async (t) => {
  const running = (complete: number) => tree('incomplete', [treeJob('running', { progress: { complete, total: 100, message: 'bases' } })])
  const { code, out, err } = await command(t, ['submit', 'a', '--wait'], [accepted, { body: running(10) }, { body: running(55) }, { body: tree('complete', [treeJob('complete', { events: [{ ...tree('complete'), id: 'f1' }] })]) }])
  t.equal(code, 0)
  t.equal(err, 'dump_dna running 10 % bases\ndump_dna running 55 % bases\ndump_dna complete\n')
  t.match(out, '✔ new_assembly  minimus  complete  e1\n└─ ✔ dump_dna  complete  2.5 s  e1.dump_dna\n   └─ ✔ new_assembly  minimus  complete  f1\n')
  t.equal(out.includes('\u001b'), false)
})

t.test('on a terminal progress is redrawn in colour, unless NO_COLOR says otherwise', async (t) => {
  const replies: Reply[] = [accepted, { body: tree('incomplete', [treeJob('running', { progress: { complete: 1, total: 2 } })]) }, { body: tree('complete', [treeJob('complete')]) }]
  const { out, err } = await command(t, ['submit', 'a', '--wait'], replies, { isTTY: true })
  t.match(err, '█'.repeat(12))
  t.match(err, '\u001b[1A\r\u001b[J')
  t.match(out, '\u001b[32mcomplete\u001b[39m')
  const bare = await command(t, ['submit', 'a', '--wait'], replies, { isTTY: true, env: { NO_COLOR: '1' } })
  t.equal(bare.out.includes('\u001b'), false)
})

t.test('what a wait ended with is the exit code', async (t) => {
  const end = async (status: EventTree['tree_status'], ...more: string[]) => (await command(t, ['event', 'e1', '--wait', ...more], [{ body: tree(status) }])).code
  t.strictSame([await end('complete'), await end('failed'), await end('cancelled'), await end('incomplete', '100ms')], [0, 1, 5, 6])
  t.equal((await command(t, ['get', 'p', 'i', '--wait', '5'], [{ body: job('failed', { reason: 'no' }) }])).code, 1)
})

t.test('what the service says is the exit code', async (t) => {
  t.match(await command(t, ['get', 'p', 'i'], [error(404, 'JOB_NOT_FOUND')]), { code: 3, out: '', err: 'signalbox: it is JOB_NOT_FOUND\n' })
  t.match(await command(t, ['get', 'p', 'i'], [error(500, 'INTERNAL')]), { code: 4 })
  t.match(await command(t, ['get', 'p', 'i'], [error(401, 'UNAUTHORIZED')]), { code: 3, err: /SIGNALBOX_TOKEN/ })
})

t.test('a wrong command line is told with its usage, and asks nothing', async (t) => {
  const lines: Array<[string[], RegExp]> = [
    [['get', 'p'], /ID is missing\nUsage: signalbox get PROCESS ID \[options\]/],
    [['get', 'p', 'i', 'x'], /"x" is one argument too many/],
    [['get', 'p', ''], /ID is empty/],
    [['list', 'p', '--frob'], /Unknown option '--frob'\n/],
    [['list', 'p', '--limit', '0'], /--limit "0"/],
    [['list', 'p', '--status', 'done'], /--status "done" is not one of/],
    [['events', '--since', 'yesterday'], /--since "yesterday"/],
    [['submit'], /TYPE is missing/],
    [['submit', 'a', '--data', '{'], /--data is not JSON/],
    [['submit', 'a', '--event', '@/nowhere'], /ENOENT/],
    [['submit', 'a', '--set', 'b'], /"b" is not key=value/],
    [['submit', 'a', '--wait=soon'], /--wait "soon"/],
    [['get', 'p', 'i', '--log', '--failures'], /do not go together/],
    [['retry'], /PROCESS and ID are missing, or a condition/],
    [['retry', 'p'], /ID is missing/],
    [['retry', 'p', 'i', '--all'], /--all does not go with PROCESS and ID/],
    [['retry', '--process', 'p', '--wait'], /--wait is for one job/],
    [['retry', '--process', 'p', '--limit', '1001'], /not a number from 1 to 1000/],
    [['replay'], /ID is missing, or a condition/],
    [['replay', '--all'], /ID is missing, or a condition/],
    [['replay', 'e1', '--type', 'a'], /--type does not go with ID/],
    [['replay', '--type', 'a', '--source', '/s'], /--source is for one event/],
    [['replay', 'e1', '--as', 'before'], /--as "before" is neither now nor then/],
    [['replay', '--status', 'done'], /--status "done" is not one of/],
    [['queues', '--url', 'ftp://x'], /not an http or https address/]
  ]
  for (const [line, message] of lines) t.match(await command(t, line, [{ body: {} }]), { code: 2, out: '', err: message, seen: [] }, line.join(' '))
})

t.test('--json gives the answers of the service', async (t) => {
  const list = { items: [job('complete')], next: 'c' }
  t.strictSame(JSON.parse((await command(t, ['list', 'p', '--json'], [{ body: list }])).out), list)
  t.strictSame(JSON.parse((await command(t, ['list', 'p', '--json', '--all'], [{ body: list }, { body: { items: [], next: null } }])).out), { ...list, next: null })
  t.strictSame(JSON.parse((await command(t, ['submit', 'a', '--json'], [accepted])).out), { event: 'e1', jobs: [['dump_dna', 'e1.dump_dna']], repeated: false })
  const waited = await command(t, ['submit', 'a', '--json', '--wait'], [accepted, { body: tree('complete') }])
  t.strictSame(JSON.parse(waited.out), tree('complete'))
  t.equal(waited.err, '')
  t.strictSame(JSON.parse((await command(t, ['retrieve', 'p', 'i', '--failures', '--json'], [{ body: { i: 'no' } }])).out), { i: 'no' })
})

t.test('tables keep ids whole and cut the rest to the terminal', async (t) => {
  const body = { items: [job('failed', { id: `${'e'.repeat(33)}.dump_dna`, reason: 'a long reason '.repeat(20) })], next: null }
  const { out } = await command(t, ['list', 'dump_dna'], [{ body }], { isTTY: true, columns: 100, env: { NO_COLOR: '1' } })
  t.match(out, `${'e'.repeat(33)}.dump_dna`)
  t.ok(Math.max(...out.split('\n').map((line) => line.length)) <= 100)
  t.match(out, /TOOK +REASON/)
  const narrow = await command(t, ['list', 'dump_dna'], [{ body }], { isTTY: true, columns: 80, env: { NO_COLOR: '1' } })
  t.match(narrow.out, /^STATUS +SUBJECT +AGE +TOOK +REASON\n✖ failed +minimus .* 2\.5 s +a long.*…\n {2}e{33}\.dump_dna\n$/)
})

t.test('text of others does not steer the terminal', async (t) => {
  const { out } = await command(t, ['get', 'p', 'i', '--log'], [{ body: { lines: ['\u001b[2Jhello\u0007\r\u009b2J'], total: 1 } }])
  t.equal(out, 'hello\n')
})

t.test('events takes ages and the other commands show their answers', async (t) => {
  const { seen } = await command(t, ['events', '--since', '2h', '--type', 'a'], [{ body: { items: [], next: null } }])
  const since = new URL(`http://x${seen[0]?.url}`).searchParams.get('since') ?? ''
  t.ok(Math.abs(Date.now() - 7_200_000 - Date.parse(since)) < 60_000)
  t.match((await command(t, ['cancel', 'p', 'i'], [{ body: job('cancelled') }])).out, '⊘ dump_dna  e1.dump_dna  cancelled')
  t.match((await command(t, ['delete', 'p', 'i'], [{ body: job('complete') }])).out, 'was complete and is removed')
  t.match((await command(t, ['retry', 'p', 'i'], [{ status: 202, body: job('submitted', { waiting_for: 'a worker' }) }])).out, 'submitted again, waits for a worker')
  t.match((await command(t, ['replay', 'e0'], [accepted])).out, 'dispatched again: event e1')
  t.match((await command(t, ['get', 'p', 'i', '--email', 'a@b'], [{ body: { ...job('failed'), email: 'a@b', subject: 's', body: 'one\n  two\n' } }])).out, 'To: a@b\nSubject: s\n\none\n  two\n')
  t.match((await command(t, ['event_types'], [{ body: { lookups: 'x', items: [{ type: 'a', processes: [], description: null, example: null }] } }])).out, /a +\(recorded only\)/)
  const plan = { dry_run: true, type: 'a', lookups: 'x', jobs: [], left_out: [{ process: 'q', reason: 'the event names no file' }] }
  t.match((await command(t, ['submit', 'a', '--dry-run'], [{ body: plan }])).out, /a would start nothing\nNOT STARTED +WHY\nq +the event names no file\n/)
  t.match((await command(t, ['event_types'], [{ body: { lookups: 'x', items: [{ type: 'big', match: { type: '*' }, processes: ['p'], description: null, example: null }] } }])).out, /big \{"type":"\*"\} +p/)
  t.match((await command(t, ['pause', 'q'], [{ body: { queue: 'q', processes: [], paused: true, workers: 1, waiting: 2, active: 0, delayed: 0, blocked: 0, completed: 0, failed: 1 } }])).out, /q +paused +1 +2/)
  t.match((await command(t, ['pause', '--process', 'dump_dna'], [{ body: { process: 'dump_dna', paused: true } }])).out, 'process dump_dna is paused')
  const noted = await command(t, ['pause', '--process', 'dump_dna', '--note', 'the disk is full'], [{ body: { process: 'dump_dna', paused: true, acts: [{ act: 'pause', by: 'ops', at: at.ended, note: 'the disk is full' }] } }])
  t.match(noted, { seen: [{ body: { note: 'the disk is full' } }], out: 'process dump_dna is paused by ops: the disk is full' })
  t.match((await command(t, ['schedules', 'pause', 'nightly', '--note', 'no city'], [{ body: { schedule: 'nightly', type: 'a', cron: null, every: '1h', timezone: 'UTC', paused: true, next: null, last: null, problem: null } }])).seen, [{ url: '/schedules/nightly/pause', body: { note: 'no city' } }])
})

t.test('failed lists the failed jobs of all processes', async (t) => {
  const { seen, out } = await command(t, ['failed', '--process', 'dump_dna', '--subject', 'minimus'], [{ body: { items: [job('failed', { reason: 'no space' })], next: 'c' } }])
  t.equal(seen[0]?.url, '/jobs?process=dump_dna&subject=minimus&status=failed')
  t.match(out, /PROCESS +ID +SUBJECT +AGE +TOOK +REASON\n✖ dump_dna +e1\.dump_dna +minimus .*no space\nthere are more: --all shows them\n/)
  t.equal((await command(t, ['failed'], [{ body: { items: [], next: null } }])).out, 'no failed jobs\n')
})

t.test('retry takes one job, or a filter', async (t) => {
  const first = { dry_run: false, retried: [['p', '1.p']], skipped: [{ process: 'p', id: '2.p', reason: 'the job is \u001b[2Jrunning' }], next: 'c' }
  const last = { dry_run: false, retried: [['p', '3.p']], skipped: [], next: null }
  const once = await command(t, ['retry', '--process', 'p', '--reason', 'disk', '--limit', '1000'], [{ status: 202, body: first }])
  t.strictSame(once.seen[0]?.body, { process: 'p', reason_contains: 'disk', limit: 1000, dry_run: false })
  t.match(once.out, /^1 job runs again\nPROCESS +ID\np +1\.p\n1 left as they are:\n {2}p {2}2\.p {2}the job is running\nthere are more/)
  const all = await command(t, ['retry', '--all', '--json'], [{ status: 202, body: first }, { status: 202, body: last }])
  t.strictSame(all.seen.map(({ body }) => body), [{ dry_run: false, all: true }, { dry_run: false, all: true, cursor: 'c' }])
  t.strictSame(JSON.parse(all.out), { dry_run: false, retried: [['p', '1.p'], ['p', '3.p']], skipped: first.skipped, next: null })
  t.match((await command(t, ['retry', '--subject', 's', '--dry-run'], [{ body: { ...last, dry_run: true } }])).out, /^1 job would run again\n/)
  t.equal((await command(t, ['retry', '--subject', 's'], [{ status: 202, body: { ...first, retried: [], next: null } }])).code, 3)
})

t.test('failures shows causes, dismiss takes them off the list with a note', async (t) => {
  const group = { process: 'gather', pattern: 'the city answered …', reason: 'the city answered 500', count: 45, first: at.started, last: at.ended, subjects: ['seattle', 'denver', 'oakland'], subject_count: 41, jobs: [] }
  const causes = await command(t, ['failures', '--since', '1d'], [{ body: { items: [group], total: 45, next: null } }])
  t.match(causes.seen[0]?.url, /^\/jobs\/failures\?since=/)
  t.match(causes.out, /PROCESS +JOBS +LAST +REASON +SUBJECTS\n✖ gather +45 .* the city answered 500 +seattle, denver \+39\n/)
  const answer = { dry_run: false, dismissed: [['gather', '1.gather']], skipped: [], next: null }
  const one = await command(t, ['dismiss', 'gather', '1.gather', '--note', 'the city was away'], [{ body: answer }])
  t.strictSame(one.seen[0]?.body, { jobs: [['gather', '1.gather']], note: 'the city was away', dry_run: false })
  t.match(one.out, /^1 failure dismissed\nPROCESS +ID\ngather +1\.gather\n/)
  const many = await command(t, ['dismiss', '--process', 'gather', '--dry-run'], [{ body: { ...answer, dry_run: true } }])
  t.match(many, { seen: [{ body: { process: 'gather', dry_run: true } }], out: '1 failure would be dismissed' })
  t.match(await command(t, ['dismiss'], [{ body: answer }]), { code: 2, seen: [], err: /PROCESS and ID are missing, or a condition/ })
  const back = await command(t, ['dismiss', '--undo', 'gather', '1.gather'], [{ body: job('failed') }])
  t.match(back, { seen: [{ method: 'DELETE', url: '/jobs/gather/1.gather/dismiss' }], out: /on the list again/ })
  t.match(await command(t, ['dismiss', '--undo', '--process', 'gather'], [{ body: answer }]), { code: 2, seen: [] })
})

t.test('retry and cancel take a whole event, and tell first what they would do', async (t) => {
  const retried = { dry_run: true, retried: [['p', '1.p']], skipped: [], next: null }
  const asked = await command(t, ['retry', '--event', 'e1', '--dry-run'], [{ body: retried }])
  t.match(asked, { seen: [{ method: 'POST', url: '/events/e1/retry?dry_run=true' }], out: '1 job would run again' })
  const cancelled = { dry_run: false, cancelled: [['p', '1.p']], stopping: [['q', '2.q']], next: null }
  const done = await command(t, ['cancel', '--event', 'e1'], [{ status: 202, body: cancelled }])
  t.match(done, { seen: [{ method: 'POST', url: '/events/e1/cancel?dry_run=false' }], out: '1 cancelled\n  q  2.q  has been told to stop\n' })
})

t.test('stats, workers and subject show how the service does, and what was last done', async (t) => {
  const outcomes = { complete: 9, failed: 1, cancelled: 0, absorbed: 0 }
  const counted = { process: 'p', jobs: outcomes, run: { p50: 90, p95: 4096 }, wait: { p50: 5, p95: null }, open: 2, failed: 1, oldest: at.started }
  const stats = await command(t, ['stats'], [{ body: { since: at.submitted, until: at.ended, step: 'hour', steps: [], types: [{ type: 'a', events: 7 }], processes: [counted] } }])
  t.match(stats.out, /^7 events since .*\nPROCESS +COMPLETE +FAILED +OPEN +OLDEST +RUN P50 +RUN P95 +WAIT P95\np +9 +1 +2 .* 90ms +4\.10s/)
  const worker = { id: 'w', name: 'blue', host: 'vm-1', version: '1.0', processes: ['p'], running: [], running_count: 3, started: at.started, last_seen: at.ended, lost: true }
  t.match((await command(t, ['workers'], [{ body: { items: [worker] } }])).out, /✖ blue +vm-1 +1\.0 +3 .* p\n/)
  const subject = { subject: 'seattle', events: 3, cut: false, processes: [{ process: 'p', last_success: { job: '1.p', event: '1', at: at.ended }, last_failure: null }, { process: 'q', last_success: null, last_failure: { job: '2.q', event: '2', at: at.ended } }] }
  const last = await command(t, ['subject', 'seattle'], [{ body: subject }])
  t.equal(last.seen[0]?.url, '/subjects/seattle')
  t.match(last.out, /p +✔ \d+ days ago +1\.p\nq +never +✖ \d+ days ago\n/)
})

t.test('replay takes one event, or a filter', async (t) => {
  const answer = { id: 'k', dry_run: false, replayed: [{ event: 'e1', as: 'r1', jobs: [['p', 'r1.p'], ['q', 'r1.q']] }], skipped: [{ event: 'e2', reason: 'no' }], next: null }
  const many = await command(t, ['replay', '--type', 'a', '--since', '2h', '--as', 'then', '--key', 'k'], [{ status: 202, body: answer }])
  t.match(many.seen[0], { url: '/events/replay', body: { type: 'a', as: 'then', id: 'k', dry_run: false } })
  t.match(many.out, /^1 events? dispatched again\nEVENT +AS +STARTS\ne1 +r1 +p q\n1 left as they are:\n {2}e2 {2}no\n/)
  const all = await command(t, ['replay', '--subject', 's', '--all', '--json'], [{ status: 202, body: { ...answer, next: 'c' } }, { status: 202, body: answer }])
  t.equal(JSON.parse(all.out).replayed.length, 2)
  t.equal(new Set(all.seen.map(({ body }) => (body as { id: string }).id)).size, 1, 'all its requests have one name')
  t.equal((await command(t, ['replay', 'e1', '--as', 'then'], [accepted])).seen[0]?.url, '/events/e1/replay?as=then')
})

t.test('every command explains itself', async (t) => {
  for (const name of ['submit', 'get', 'list', 'cancel', 'retry', 'failed', 'events', 'event', 'replay', 'processes', 'event_types', 'queues', 'pause', 'resume']) {
    t.match(await command(t, [name, '--help'], [{ body: {} }]), { code: 0, err: '', out: new RegExp(`Usage: signalbox ${name}[^]*Example[^]*signalbox ${name}[^]*Exit codes`) }, name)
  }
})
