import { Readable } from 'node:stream'
import t from 'tap'
import { EventClient } from '../src/client/event-client.ts'
import { EventClientError } from '../src/client/event-client-error.ts'
import { age, ago, took } from '../src/client/ago.ts'
import { isClientCommand, runClientCommand } from '../src/client/commands.ts'
import { readRetryAfter, retryDelayMs } from '../src/client/retry.ts'
import type { EventTree, JobView, TreeJob } from '../src/schemas.ts'
import { usage } from '../src/usage.ts'
import { createFakeStream, startFakeService, type Reply } from './fixtures/fake-service.ts'

const at = { submitted: '2026-11-21T10:00:00.000Z', started: '2026-11-21T10:00:01.000Z', ended: '2026-11-21T10:00:03.500Z' }
const job = (status: JobView['status'], more: Partial<JobView> = {}): JobView => ({
  process: 'dump_dna', id: 'e1.dump_dna', status, input: { type: 'new_assembly', subject: 'minimus' }, output: null, progress: null, attempts: { made: 1, max: 3 }, reason: null, parent: null, waiting_for: null, event: 'e1', absorbed_by: null, absorbed: [], events: [], timestamps: at, ...more
})
const treeJob = (status: JobView['status'], more: Partial<TreeJob> = {}): TreeJob => ({ process: 'dump_dna', id: 'e1.dump_dna', status, progress: null, reason: null, waiting_for: null, absorbed_by: null, timestamps: at, refused: [], events: [], ...more })
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
  const code = await runClientCommand(name, args, { env: { SIGNALBOX_URL: url, ...env }, stdout: stdout.stream, stderr: stderr.stream, stdin: Readable.from([stdin]) })
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
  await client.eventTypes()
  await client.processes()
  await client.queues()
  await client.pauseQueue('q')
  await client.resumeQueue('q')
  await client.ready()
  t.strictSame(seen.map(({ method, url }) => `${method} ${url}`), [
    'POST /jobs?dry_run=true', 'GET /jobs/p/i%2F1?wait=5', 'GET /jobs/p/i/log?start=2', 'GET /jobs/p/i?format=failures', 'GET /jobs/p/i?format=email&email=a%40b',
    'GET /jobs/p?status=failed&subject=s+t&limit=2&cursor=c', 'DELETE /jobs/p/i', 'POST /jobs/p/i/retry', 'GET /events?type=a&since=1970-01-01T00%3A00%3A00.000Z',
    'GET /events/..?source=%2Fx', 'POST /events/e1/replay', 'GET /event_types', 'GET /processes', 'GET /queues', 'POST /queues/q/pause', 'POST /queues/q/resume', 'GET /ready'
  ])
  t.equal(seen.every(({ headers }) => headers.authorization === 'Bearer secret'), true)
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

t.test('waits between attempts grow and are bounded', async (t) => {
  t.equal(retryDelayMs(1, undefined, 1), 250)
  t.equal(retryDelayMs(3, undefined, 0), 500)
  t.equal(retryDelayMs(30, undefined, 1), 10_000)
  t.equal(retryDelayMs(1, 3_600_000, 0), 30_000)
  t.equal(readRetryAfter('2'), 2000)
  t.equal(readRetryAfter('Thu, 01 Jan 1970 00:00:05 GMT', 1000), 4000)
  t.equal(readRetryAfter('soon'), undefined)
})

t.test('times are told in their largest unit', async (t) => {
  const now = Date.parse('2026-11-21T12:00:00Z')
  t.strictSame(['2026-11-21T11:59:59Z', '2026-11-21T10:00:00Z', '2026-11-18T12:00:00Z', '2026-11-21T12:00:09Z', null].map((at) => ago(at, now)), ['1 second ago', '2 hours ago', '3 days ago', 'just now', '-'])
  t.strictSame(['2026-11-21T11:59:59Z', '2026-11-18T12:00:00Z', '2026-11-21T12:00:09Z'].map((at) => age(at, now)), ['1 s', '3 d', '0 s'])
  t.equal(took({ started: '2026-11-21T11:58:00Z', ended: null }, now), '2 m 0 s')
})

t.test('commands are known by name, Ensembl\'s too', async (t) => {
  t.strictSame(['submit', 'retrieve', 'delete', 'event_types', 'start'].map(isClientCommand), [true, true, true, true, false])
  t.match(usage(), /submit \[TYPE\]/)
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
  t.match(narrow.out, /^STATUS +ID +SUBJECT +TOOK +REASON\n✖ failed +e{33}\.dump_dna +minimus +2\.5 s +a long.*…\n$/)
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
  t.match((await command(t, ['event_types'], [{ body: { lookups: 'x', items: [{ type: 'big', match: { type: '*' }, processes: ['p'], description: null, example: null }] } }])).out, /big \{"type":"\*"\} +p/)
  t.match((await command(t, ['pause', 'q'], [{ body: { queue: 'q', processes: [], paused: true, workers: 1, waiting: 2, active: 0, delayed: 0, blocked: 0, completed: 0, failed: 1 } }])).out, /q +paused +1 +2/)
})

t.test('every command explains itself', async (t) => {
  for (const name of ['submit', 'get', 'list', 'cancel', 'retry', 'events', 'event', 'replay', 'processes', 'event_types', 'queues', 'pause', 'resume']) {
    t.match(await command(t, [name, '--help'], [{ body: {} }]), { code: 0, err: '', out: new RegExp(`Usage: signalbox ${name}[^]*Example[^]*signalbox ${name}[^]*Exit codes`) }, name)
  }
})
