import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { type HttpRun, createHttpRunner } from '../../../src/runners/http/http.ts'
import { allKinds, givenBlocks } from '../../fixtures/blocks.ts'
import { makeContext } from '../../fixtures/context.ts'

type Seen = { method: string, url: string, headers: IncomingMessage['headers'], body: string }
type Reply = { status?: number, headers?: Record<string, string>, body?: unknown } | 'hang' | 'cut'

/** A service that gives these answers in turn, the last one again and again, and remembers what it was asked. */
const open = async (t: { teardown: (close: () => void) => void, fail: () => void }, replies: Reply[]) => {
  const seen: Seen[] = []
  const waiters = new Set<() => void>()
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const reply = replies[Math.min(seen.length, replies.length - 1)] ?? {}
    seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body: Buffer.concat(parts).toString() })
    for (const wake of waiters) wake()
    if (reply === 'cut') request.socket.destroy()
    if (reply === 'cut' || reply === 'hang') return
    const body = typeof reply.body === 'string' ? reply.body : reply.body === undefined ? '' : JSON.stringify(reply.body)
    response.writeHead(reply.status ?? 200, reply.headers).end(body)
  }
  const server = createServer((request, response) => { answer(request, response).catch(t.fail) }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const asked = async (count: number): Promise<void> => {
    while (seen.length < count) await new Promise<void>(resolve => waiters.add(resolve))
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jobs`, seen, asked }
}

const make = (t: { teardown: (close: () => Promise<void>) => void }, http: HttpRun['http']) => {
  const runner = createHttpRunner({ http }, { graceMs: 300, maxOutputBytes: 10_000, kinds: allKinds, env: { KEY: 'Bearer s3cr3t-token' } })
  t.teardown(runner.close)
  return runner
}

const poll = { every_ms: 10, status: '/status', done: ['complete'], failed: ['failed'], output: '/output', events: '/events', reason: '/error' }

t.test('a 2xx answer without polling is the outcome; the job is sent with its id as Idempotency-Key', async t => {
  const { url, seen } = await open(t, [{ body: { output: 7, events: [{ type: 'next' }] } }, { body: { other: 1 } }, { body: 'text' }, { status: 204 }])
  const runner = make(t, { url, headers: { authorization: { env: 'KEY' }, 'x-plain': 'y' } })
  t.same(await runner.run(makeContext({ a: 1 }).context), { output: 7, events: [{ type: 'next' }] })
  t.same(await runner.run(makeContext().context), { output: { other: 1 } })
  t.same(await runner.run(makeContext().context), { output: 'text' })
  t.same(await runner.run(makeContext().context), { output: null })
  t.match(seen[0], { method: 'POST', headers: { 'idempotency-key': 'job-1', authorization: 'Bearer s3cr3t-token', 'x-plain': 'y', 'content-type': 'application/json' } })
  t.match(JSON.parse(seen[0]?.body ?? ''), { event: { id: 'e1' }, params: { a: 1 }, process: 'trial', job_id: 'job-1', attempt: 1, absorbed: [], absorbed_count: 0, joined: {} })
})

t.test('4xx is final, 408, 425, 429, 5xx and a broken connection are not', async t => {
  const { url } = await open(t, [{ status: 422, body: 'no genome' }, { status: 404 }, { status: 408 }, { status: 425 }, { status: 429 }, { status: 503 }, 'cut'])
  const runner = make(t, { url })
  const path = url.replace('/jobs', '')
  await t.rejects(runner.run(makeContext().context), { code: 'FINAL', message: `POST ${path}/jobs answered 422: no genome` })
  await t.rejects(runner.run(makeContext().context), { code: 'FINAL' })
  for (const status of [408, 425, 429, 503]) {
    const error = await runner.run(makeContext().context).catch((thrown: unknown) => thrown)
    t.match(error, { message: new RegExp(`answered ${status}$`) })
    t.notOk((error as { code?: string }).code)
  }
  const error = await runner.run(makeContext().context).catch((thrown: unknown) => thrown)
  t.match(error, { message: /^POST .* failed: / })
  t.notOk((error as { code?: string }).code)
})

t.test('no redirect is followed, long and late answers are cut off, a missing variable is named', async t => {
  const { url, seen } = await open(t, [{ status: 307, headers: { location: 'http://127.0.0.1:1/x' } }, { body: 'x'.repeat(5000) }, 'hang'])
  const runner = make(t, { url, timeout_ms: 200, max_response_bytes: 1000 })
  await t.rejects(runner.run(makeContext().context), { code: 'FINAL', message: /answered 307: redirects are not followed/ })
  await t.rejects(runner.run(makeContext().context), { code: 'FINAL', message: /more than the 1000 bytes/ })
  await t.rejects(runner.run(makeContext().context), { message: /was not answered within 200 ms/ })
  await t.rejects(make(t, { url, headers: { a: { env: 'NONE' } } }).run(makeContext().context), { code: 'FINAL', message: /environment variable NONE/ })
  t.equal(seen.length, 3)
})

t.test('it polls the Location until the work is done and outlives a few failures', async t => {
  const { url, seen } = await open(t, [
    { status: 202, headers: { location: '/jobs/9' } },
    { body: { status: 'running' } },
    { status: 503, headers: { 'retry-after': '1' } },
    'cut',
    { body: { status: 'complete', output: { n: 1 }, events: [{ type: 'next' }] } }
  ])
  const start = Date.now()
  t.same(await make(t, { url, poll }).run(makeContext().context), { output: { n: 1 }, events: [{ type: 'next' }] })
  t.ok(Date.now() - start >= 900, 'Retry-After is heeded')
  t.same(seen.map(({ method, url }) => `${method} ${url}`), ['POST /jobs', 'GET /jobs/9', 'GET /jobs/9', 'GET /jobs/9', 'GET /jobs/9'])
})

t.test('it gives up after max_failures in a row, and at once on a failed status or a 404', async t => {
  const first = { status: 202, body: { at: { status_url: '/s' } } }
  const entry = { poll: { ...poll, url: '/at/status_url', max_failures: 1 } }
  const down = await open(t, [first, { status: 500 }])
  await t.rejects(make(t, { url: down.url, ...entry }).run(makeContext().context), { message: /answered 500 \(2 times in a row\)/ })
  const failed = await open(t, [first, { body: { status: 'failed', error: 'disk full' } }])
  await t.rejects(make(t, { url: failed.url, ...entry }).run(makeContext().context), { message: 'the service reports failed: disk full' })
  const gone = await open(t, [first, { status: 404 }])
  await t.rejects(make(t, { url: gone.url, ...entry }).run(makeContext().context), { code: 'FINAL', message: /\/s answered 404/ })
})

t.test('another origin is polled only when it is allowed', async t => {
  const other = await open(t, [{ body: { status: 'complete', output: 1 } }])
  const { url } = await open(t, [{ status: 202, headers: { location: other.url } }])
  const { origin } = new URL(other.url)
  await t.rejects(make(t, { url, poll }).run(makeContext().context), { code: 'FINAL', message: /which is not http:.* and not among allowed_origins/ })
  t.equal(other.seen.length, 0)
  t.same(await make(t, { url, poll, allowed_origins: [origin] }).run(makeContext().context), { output: 1 })
})

t.test('an abort tells the service when it knows where', async t => {
  const { url, seen, asked } = await open(t, [{ status: 202, headers: { location: '/jobs/9' } }, { body: { status: 'running' } }, { body: { status: 'running' } }, { status: 204 }])
  const { context, abort } = makeContext()
  const slow = { ...poll, every_ms: 300 }
  const run = t.rejects(make(t, { url, poll: slow, cancel: {} }).run(context), { message: 'cancelled; the service was told and answered 204' })
  await asked(3)
  abort.abort(new Error('cancelled'))
  await run
  t.match(seen.at(-1), { method: 'DELETE', url: '/jobs/9' })

  const hanging = await open(t, ['hang'])
  const second = makeContext()
  const stopped = t.rejects(make(t, { url: hanging.url, poll, cancel: {} }).run(second.context), { message: 'timed out; the service was not told and may still work' })
  await hanging.asked(1)
  second.abort.abort(new Error('timed out'))
  await stopped
})

t.test('a secret shows neither in a reason nor in the log, even when the service quotes it', async t => {
  const { url } = await open(t, [{ status: 403, body: 'bad key Bearer s3cr3t-token or s3cr3t-token' }])
  const { context, lines } = makeContext()
  const error = await make(t, { url: `${url}?key=in-query`, headers: { authorization: { env: 'KEY' } } }).run(context).catch((thrown: Error) => thrown) as Error
  t.match(error.message, /bad key \*\*\* or \*\*\*$/)
  t.notMatch(`${error.stack ?? ''}${lines.join()}${JSON.stringify(error)}`, /s3cr3t|in-query/)
})

t.test('a header may come from a block, with the value of now, and is shown nowhere', async t => {
  const service = await open(t, [
    { body: { output: { got: 'Zq8 now-one', list: ['x Zq8+now-one y'] } } },
    { status: 400, body: { output: { got: 'Zq8 now-two' } } }
  ])
  const given = { smtp: { mail: { host: 'h', from: 'a@b', username: 'u', password: 'Zq8 now-one' } } }
  const runner = make(t, { url: service.url, headers: { 'x-key': { block: 'mail', field: 'password' } } })
  const { context, lines } = makeContext({}, givenBlocks(given))
  t.same(await runner.run(context), { output: { got: '***', list: ['x *** y'] } })
  given.smtp.mail.password = 'Zq8 now-two'
  await t.rejects(runner.run(context), { message: /answered 400: \{"output":\{"got":"\*\*\*"/ })
  t.same(service.seen.map(({ headers }) => headers['x-key']), ['Zq8 now-one', 'Zq8 now-two'])
  t.notMatch(lines.join('\n'), /now-/)
})
