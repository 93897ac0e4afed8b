import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { openAnyBackend, openBackend, until } from '../fixtures/servers.ts'
import { openService, spawnRole, roleEnvironment, createCall, step, STEPS, temporaryFolder, writeLookups, type Call } from '../fixtures/service.ts'

t.jobs = 1

const backend = await openAnyBackend()
t.teardown(() => backend.close())
const scratch = temporaryFolder(t)
const trace = join(scratch, 'trace')

const lookups = {
  events: {
    new_thing: { processes: ['one', 'two'], description: 'A thing is new', example: { subject: 'x', data: { a: 1 } } },
    noted: [],
    slow: ['slow'],
    failing: ['failing'],
    flaky: ['flaky'],
    strict: ['strict'],
    chained: ['chain'],
    wide: ['wide'],
    undeclared: ['undeclared'],
    spinning: ['spinning'],
    timed: ['timed'],
    talking: ['talking'],
    held: ['held'],
    foreign: ['foreign'],
    mixed: ['slow_shared', 'quick_shared']
  },
  processes: {
    one: step({ description: 'The first' }),
    two: step({ params: { default: { emit: [{ type: 'noted', subject: 'x', data: { n: 1 } }] } }, emits: ['noted'] }),
    slow: step({ params: { default: { ms: 30_000 } } }),
    failing: step({ params: { default: { fail: 'it cannot be done' } } }),
    flaky: step({ attempts: 3, backoff: { type: 'fixed', delay: '10ms' }, params: { default: { failFirst: 2 } } }),
    strict: step({ params: { schema: { type: 'object', required: ['subject', 'data'], properties: { data: { type: 'object', required: ['count'], properties: { count: { type: 'integer' } } } } } } }),
    chain: step({ params: { default: { emit: [{ type: 'chained', data: { emit: [{ type: 'chained', data: { emit: [{ type: 'chained' }] } }] } }] } } }),
    wide: step({ params: { default: { emit: Array.from({ length: 12 }, () => ({ type: 'noted' })) } } }),
    undeclared: step({ emits: [], params: { default: { emit: [{ type: 'noted' }] } } }),
    spinning: { run: { module: STEPS, export: 'spin' }, timeout: '300ms' },
    timed: step({ timeout: '50ms', params: { default: { ms: 30_000 } } }),
    talking: step({ params: { default: { lines: ['first line', 'second line'] } } }),
    held: step({ params: { default: { ms: 1, trace } } }),
    foreign: { run: { external: true } },
    slow_shared: step({ queue: 'shared', concurrency: 1, params: { default: { ms: 100, trace } } }),
    quick_shared: step({ queue: 'shared', concurrency: 1, params: { default: { ms: 1, trace } } })
  }
}

const { call, url, folder, service } = await openService(t, { backend: backend.url, lookups, env: { SIGNALBOX_MAX_DEPTH: '2', SIGNALBOX_MAX_FAN_OUT: '10' } })

const submit = async (type: string, more: object = {}): Promise<Array<[string, string]>> => {
  const answer = await call('POST', '/jobs', { type, ...more })
  if (answer.status !== 202) throw new Error(JSON.stringify(answer.body))
  return answer.body
}
const ended = async (processName: string, id: string) => {
  await until(async () => ['complete', 'failed', 'cancelled'].includes((await call('GET', `/jobs/${processName}/${id}`)).body.status), `the end of ${processName}`)
  return (await call('GET', `/jobs/${processName}/${id}`)).body
}
const closed = async (id: string) => {
  await until(async () => (await call('GET', `/events/${id}`)).body.tree_status !== 'incomplete', `the close of ${id}`)
  return (await call('GET', `/events/${id}`)).body
}
const keyOf = (answer: Awaited<ReturnType<Call>>): string => String(answer.headers['location']).replace('/events/', '')

t.test('POST /jobs answers with process and job id, in the order of the lookup, and the jobs run', async (t) => {
  const answer = await call('POST', '/jobs', { type: 'new_thing', subject: 'thing', anything: { else: true } })
  t.equal(answer.status, 202)
  t.same(answer.body.map(([processName]: [string]) => processName), ['one', 'two'])
  t.match(String(answer.headers['location']), /^\/events\/[0-9a-f-]{36}$/)
  const job = await ended('two', answer.body[1][1])
  t.match(job, { process: 'two', status: 'complete', output: { attempt: 1 }, attempts: { made: 1, max: 1 }, reason: null, waiting_for: null, event: keyOf(answer), progress: { complete: 1, total: 1 } })
  t.equal(job.input.anything.else, true, 'fields of the sender are kept')
  t.equal(job.events[0].type, 'noted')
  const tree = await closed(keyOf(answer))
  t.match(tree, { status: 'complete', tree_status: 'complete', depth: 0, cause: null })
  t.match(tree.jobs[1].events[0], { event: { type: 'noted', subject: 'x', source: `/jobs/two/${answer.body[1][1]}`, data: { n: 1 } }, depth: 1, root: keyOf(answer), status: 'complete', cause: { event: keyOf(answer), process: 'two', job: answer.body[1][1] } })
})

t.test('a known type without processes is recorded', async (t) => {
  const answer = await call('POST', '/jobs', { type: 'noted' })
  t.equal(answer.status, 202)
  t.same(answer.body, [])
  t.match(await closed(keyOf(answer)), { status: 'complete', jobs: [] })
})

t.test('the same id 100 times at once is one event with one answer, and each process runs once', async (t) => {
  const answers = await Promise.all(Array.from({ length: 100 }, () => call('POST', '/jobs', { type: 'held', id: 'again & again', source: '/test' })))
  const [first] = answers
  t.same(new Set(answers.map((answer) => JSON.stringify(answer.body))).size, 1)
  t.same(new Set(answers.map((answer) => answer.headers['location'])).size, 1)
  t.same(answers.map((answer) => answer.status).sort(), [...Array.from({ length: 99 }, () => 200), 202], 'one was accepted, the others were known')
  await ended('held', first?.body[0][1])
  t.equal(readFileSync(trace, 'utf8').split('\n').filter((line) => line === first?.body[0][1]).length, 1)
  const later = await call('POST', '/jobs', { type: 'held', id: 'again & again', source: '/test', data: { other: true } })
  t.match(later.body, { statusCode: 409, code: 'EVENT_ID_CONFLICT', field: 'data' })
  t.equal((await call('POST', '/jobs', { type: 'slow', id: 'again & again', source: '/test' })).body.field, 'type')
  t.equal((await call('GET', `/events/${encodeURIComponent('again & again')}?source=/test`)).body.id, keyOf(first as never), 'an event is found by the id of its sender')
  t.equal((await call('POST', '/jobs', { type: 'noted', id: 'again & again', source: '/elsewhere' })).status, 202, 'the same id of another source is another event')
})

t.test('?dry_run=true explains and queues nothing', async (t) => {
  const before = (await call('GET', '/events?limit=200')).body.items.length
  const answer = await call('POST', '/jobs?dry_run=true', { type: 'strict', subject: 's' })
  t.equal(answer.status, 200)
  t.match(answer.body, { dry_run: true, type: 'strict', jobs: [{ process: 'strict', queue: 'strict', problems: [{ field: 'data', message: 'is required' }] }] })
  t.match(answer.body.jobs[0].reason, /event_lookup\.json lists strict for strict/)
  t.equal((await call('POST', '/jobs?dry_run=true', { type: 'nothing' })).status, 404)
  t.equal((await call('POST', '/jobs?dryrun=true', { type: 'noted' })).status, 400, 'a misspelt question queues nothing')
  t.equal((await call('GET', '/events?limit=200')).body.items.length, before)
})

t.test('bad input is refused with the path of the field, and leaves nothing behind', async (t) => {
  const before = (await call('GET', '/events?limit=200')).body.items.length
  const deep = '{"type":"noted","data":' + '['.repeat(30_000) + ']'.repeat(30_000) + '}'
  const cases: Array<[unknown, number, string | undefined]> = [
    ['{"type":', 400, undefined],
    ['', 400, undefined],
    ['[]', 400, ''],
    ['"text"', 400, ''],
    ['null', 400, ''],
    [{}, 400, 'type'],
    [{ type: 5 }, 400, 'type'],
    [{ type: '' }, 400, 'type'],
    [{ type: ['noted'] }, 400, 'type'],
    [{ type: 'x'.repeat(300) }, 400, 'type'],
    [{ type: 'noted', id: 7 }, 400, 'id'],
    [{ type: 'noted', id: '' }, 400, 'id'],
    [{ type: 'noted', id: 'a\nb' }, 400, 'id'],
    [{ type: 'noted', source: {} }, 400, 'source'],
    [{ type: 'noted', subject: 1 }, 400, 'subject'],
    [{ type: 'noted', time: 'yesterday' }, 400, 'time'],
    [{ type: 'noted', time: '2026-02-30T00:00:00Z' }, 400, 'time'],
    [{ type: 'noted', data: { a: { b: 'nul \0' } } }, 400, 'data/a/b'],
    ['{"type":"noted","data":{"a":["\\ud800"]}}', 400, 'data/a/0'],
    [deep, 400, undefined],
    ['{"type":"noted","__proto__":{"x":1}}', 400, undefined],
    [{ type: 'strict', subject: 's', data: { count: 'many' } }, 400, 'data/count'],
    [{ type: 'strict', subject: 's', data: {} }, 400, 'data/count'],
    [{ type: 'nothing' }, 404, 'type'],
    [{ type: 'constructor' }, 404, 'type'],
    [{ type: '__proto__' }, 404, 'type'],
    [{ type: 'toString' }, 404, 'type'],
    [`{"type":"noted","data":"${'x'.repeat(2_000_000)}"}`, 413, undefined]
  ]
  for (const [body, status, field] of cases) {
    const answer = await call('POST', '/jobs', body)
    const shown = JSON.stringify(body).slice(0, 60)
    t.equal(answer.status, status, shown)
    t.match(answer.body, { statusCode: status, code: String, error: String, message: String }, shown)
    if (field !== undefined) t.equal(answer.body.field, field, shown)
  }
  t.equal((await call('POST', '/jobs', 'type=noted', { 'content-type': 'application/x-www-form-urlencoded' })).status, 400)
  t.equal((await call('POST', '/jobs', '<a/>', { 'content-type': 'text/xml' })).status, 400)
  t.equal((await call('GET', '/events?limit=200')).body.items.length, before)
})

t.test('bad ids and queries are 4xx', async (t) => {
  for (const [path, status] of [
    ['/jobs/one/nothing', 404], ['/jobs/one/nothing.one', 404], ['/jobs/nothing/nothing.nothing', 404], ['/jobs/constructor/x', 404], ['/jobs/nothing', 404],
    ['/jobs/one/..%2f..%2fetc', 400], ['/jobs/one/%00', 400], ['/jobs/one/a:b', 400], ['/jobs/..%2f/x', 400], ['/jobs/one/%e0%a4%a', 400],
    ['/jobs/one/../../../etc/passwd', 404], ['/events/%00', 404], ['/events/..%2f..%2f', 404], ['/events/' + 'x'.repeat(300), 400],
    ['/events?limit=0', 400], ['/events?limit=x', 400], ['/events?cursor=nonsense', 400], [`/events?cursor=${Buffer.from('1 e\0x').toString('base64url')}`, 400], ['/events?since=2016-12-31T23:59:60Z', 400], ['/events?since=yesterday', 400], ['/events?nosuch=1', 400], ['/events?subject=%00', 400],
    ['/jobs/one?status=nosuch', 400], ['/jobs/one/x.one?wait=-1', 400], ['/jobs/one/x.one/log?start=-1', 400], ['/nothing', 404]
  ] as const) {
    const answer = await call('GET', path)
    t.equal(answer.status, status, path)
    t.equal(answer.body.statusCode, status, path)
  }
  t.equal((await call('DELETE', '/jobs/one/nothing.one')).status, 404)
  t.equal((await call('POST', '/queues/nothing/pause')).status, 404)
})

t.test('no body whatever gives a 5xx', async (t) => {
  await fc.assert(fc.asyncProperty(fc.oneof(fc.json(), fc.string(), fc.jsonValue().map((data) => JSON.stringify({ type: 'noted', data })), fc.record({ type: fc.anything(), id: fc.anything(), source: fc.anything(), subject: fc.anything(), time: fc.anything() }).map((value) => { try { return JSON.stringify(value) ?? '' } catch { return '' } })), async (body) => {
    const { status } = await call('POST', '/jobs?dry_run=true', body)
    return status < 500
  }), { numRuns: 500 })
  await fc.assert(fc.asyncProperty(fc.constantFrom('/jobs/one/', '/jobs/', '/events/', '/events?subject=', '/events?cursor=', '/jobs/one?cursor='), fc.string({ unit: 'binary' }), async (path, text) => {
    const { status } = await call('GET', path + encodeURIComponent(text.toWellFormed()))
    return status < 500
  }), { numRuns: 300 })
  t.pass('none did')
})

t.test('a client that hangs up or lies about its length does no harm', async (t) => {
  await new Promise<void>((resolve) => {
    const request = httpRequest(`${url}/jobs`, { method: 'POST', headers: { 'content-type': 'application/json', 'content-length': 1000 } })
    request.on('error', () => { resolve() })
    request.write('{"type":')
    setImmediate(() => { request.destroy() })
  })
  t.equal((await call('GET', '/live')).status, 200)
})

t.test('a failed job says why, and can run again under its id', async (t) => {
  const answer = await call('POST', '/jobs', { type: 'failing' })
  const id = answer.body[0][1]
  t.match(await ended('failing', id), { status: 'failed', reason: 'it cannot be done', output: null })
  t.match(await closed(keyOf(answer)), { status: 'failed', jobs: [{ status: 'failed', reason: 'it cannot be done' }] })
  t.same((await call('GET', `/jobs/failing/${id}?format=failures`)).body, { [id]: 'it cannot be done' })
  const mail = (await call('GET', `/jobs/failing/${id}?format=email&email=someone@example.org`)).body
  t.match(mail, { email: 'someone@example.org', subject: 'failing job failed' })
  t.match(mail.body, /\* .* : it cannot be done/)
  t.match((await call('GET', `/jobs/failing/${id}?format=email`)).body, { statusCode: 400, field: 'email' })
  const retried = await call('POST', `/jobs/failing/${id}/retry`)
  t.equal(retried.status, 202)
  t.match(retried.body, { id, process: 'failing' })
  t.match(await ended('failing', id), { status: 'failed' })
  t.match(await closed(keyOf(answer)), { status: 'failed' })
})

t.test('a job that fails at first is tried again, and an event follows what its retry came to', async (t) => {
  const [[, id]] = await submit('flaky') as [[string, string]]
  t.match(await ended('flaky', id), { status: 'complete', attempts: { made: 3, max: 3 } })
  t.equal((await call('POST', `/jobs/flaky/${id}/retry`)).status, 409)
})

t.test('a waiting job is cancelled at once, stays visible, and can be retried', async (t) => {
  await call('POST', '/queues/held/pause')
  const answer = await call('POST', '/jobs', { type: 'held' })
  const id = answer.body[0][1]
  t.match((await call('GET', `/jobs/held/${id}`)).body, { status: 'submitted', waiting_for: 'queue held is paused' })
  const cancelled = await call('DELETE', `/jobs/held/${id}`)
  t.equal(cancelled.status, 200)
  t.equal(cancelled.body.status, 'cancelled')
  t.match((await call('GET', `/jobs/held/${id}`)).body, { status: 'cancelled', reason: 'cancelled', input: { type: 'held' } })
  t.match(await closed(keyOf(answer)), { status: 'cancelled', jobs: [{ status: 'cancelled' }] })
  t.ok((await call('GET', '/jobs/held?status=cancelled')).body.items.some((job: { id: string }) => job.id === id), 'it is listed')
  t.equal((await call('POST', `/jobs/held/${id}/retry`)).status, 202)
  t.match((await call('GET', `/jobs/held/${id}`)).body, { status: 'submitted' })
  await call('POST', '/queues/held/resume')
  t.match(await ended('held', id), { status: 'complete' })
  t.match(await closed(keyOf(answer)), { status: 'complete', jobs: [{ status: 'complete' }] })
  t.equal(readFileSync(trace, 'utf8').split('\n').filter((line) => line === id).length, 1, 'it ran once in all')
  t.match((await call('DELETE', `/jobs/held/${id}`)).body, { status: 'complete', removed: true }, 'a finished one is removed')
  t.equal((await call('GET', `/jobs/held/${id}`)).status, 404)
})

t.test('two who cancel a waiting job at once both hear that it is cancelled, and it stays visible', async (t) => {
  await call('POST', '/queues/held/pause')
  const [[, id]] = await submit('held') as [[string, string]]
  const answers = await Promise.all([1, 2, 3].map(() => call('DELETE', `/jobs/held/${id}`)))
  await call('POST', '/queues/held/resume')
  for (const answer of answers) t.match(answer, { status: 200, body: { status: 'cancelled' } })
  t.equal(answers.filter((answer) => answer.body.removed === true).length, 0)
  t.match((await call('GET', `/jobs/held/${id}`)).body, { status: 'cancelled' })
})

t.test('a running job is cancelled by signal', async (t) => {
  const answer = await call('POST', '/jobs', { type: 'slow' })
  const id = answer.body[0][1]
  await until(async () => (await call('GET', `/jobs/slow/${id}`)).body.status === 'running')
  t.match((await call('DELETE', `/jobs/slow/${id}`)).body, { status: 'cancelled', reason: 'cancelled' })
  t.match(await closed(keyOf(answer)), { status: 'cancelled' })
  t.equal((await call('POST', `/jobs/slow/${id}/retry`)).status, 202, 'and can be retried')
  await until(async () => (await call('GET', `/jobs/slow/${id}`)).body.status === 'running')
  t.equal((await call('DELETE', `/jobs/slow/${id}`)).body.status, 'cancelled')
})

t.test('a timeout ends work that obeys its signal, and work that burns CPU and does not', async (t) => {
  const [[, timed]] = await submit('timed') as [[string, string]]
  const [[, spinning]] = await submit('spinning') as [[string, string]]
  t.match(await ended('timed', timed), { status: 'failed', reason: 'timed out after 50 ms' })
  t.match(await ended('spinning', spinning), { status: 'failed', reason: /timed out after 300 ms/ })
})

t.test('the log of a job is read over HTTP', async (t) => {
  const [[, id]] = await submit('talking') as [[string, string]]
  await ended('talking', id)
  const { lines, total } = (await call('GET', `/jobs/talking/${id}/log`)).body
  t.equal(total, 2)
  t.match(lines[0], /^\d{4}-.*Z first line$/)
  t.match((await call('GET', `/jobs/talking/${id}/log?start=1&limit=1`)).body.lines, [/second line$/])
})

t.test('?wait answers when the job has ended', async (t) => {
  const [[, id]] = await submit('new_thing') as [[string, string]]
  t.equal((await call('GET', `/jobs/one/${id}?wait=30`)).body.status, 'complete')
  const [[, slow]] = await submit('slow') as [[string, string]]
  const begun = Date.now()
  t.not((await call('GET', `/jobs/slow/${slow}?wait=0.3`)).body.status, 'complete')
  t.ok(Date.now() - begun >= 300)
  await call('DELETE', `/jobs/slow/${slow}`)
})

t.test('follow-on events stop at the depth limit, and the record says so', async (t) => {
  const answer = await call('POST', '/jobs', { type: 'chained' })
  const tree = await closed(keyOf(answer))
  const second = tree.jobs[0].events[0].jobs[0].events[0]
  t.equal(second.depth, 2)
  const third = second.jobs[0].events[0]
  t.match(third, { depth: 3, refused: 'depth 3 is more than 2', jobs: [] })
})

t.test('an event that its own chain already holds starts nothing', async (t) => {
  const answer = await call('POST', '/jobs', { type: 'chained', subject: 's', data: { emit: [{ type: 'chained', subject: 's' }] } })
  const tree = await closed(keyOf(answer))
  t.match(tree.jobs[0].events[0], { refused: /a loop/, jobs: [] })
})

t.test('a process that generates without end is stopped at the fan-out limit', async (t) => {
  const answer = await call('POST', '/jobs', { type: 'wide' })
  const tree = await closed(keyOf(answer))
  t.equal(tree.jobs[0].events.length, 10)
  t.equal(tree.jobs[0].refused.length, 2)
  t.match(tree.jobs[0].refused[0], { type: 'noted', refused: /10 follow-on events/ })
})

t.test('an event type that a process does not declare is recorded and starts nothing', async (t) => {
  const answer = await call('POST', '/jobs', { type: 'undeclared' })
  t.match((await closed(keyOf(answer))).jobs[0].events[0], { refused: /does not declare noted in emits/ })
})

t.test('processes that share a queue keep to their own limits', async (t) => {
  const ids = (await Promise.all(Array.from({ length: 3 }, () => submit('mixed')))).flat()
  for (const [processName, id] of ids) t.match(await ended(processName, id), { status: 'complete', reason: null })
})

t.test('a job of a foreign worker waits for one and is not run by ours', async (t) => {
  const [[, id]] = await submit('foreign') as [[string, string]]
  t.match((await call('GET', `/jobs/foreign/${id}`)).body, { status: 'submitted', waiting_for: /none is connected to queue foreign/ })
  t.equal((await call('DELETE', `/jobs/foreign/${id}`)).body.status, 'cancelled')
})

t.test('history lists events by type, subject and time, page by page', async (t) => {
  const subject = 'history of one'
  const keys = []
  for (let i = 0; i < 5; i++) keys.push(keyOf(await call('POST', '/jobs', { type: 'noted', genome: subject, data: { i } })))
  const first = (await call('GET', `/events?subject=${encodeURIComponent(subject)}&limit=2`)).body
  t.same(first.items.map((item: { id: string }) => item.id), [keys[4], keys[3]])
  const second = (await call('GET', `/events?subject=${encodeURIComponent(subject)}&limit=3&cursor=${first.next}`)).body
  t.same(second.items.map((item: { id: string }) => item.id), [keys[2], keys[1], keys[0]])
  t.equal(second.next, null)
  t.equal((await call('GET', `/events?type=noted&subject=${encodeURIComponent(subject)}`)).body.items.length, 5)
  t.same((await call('GET', `/events?since=${new Date(Date.now() + 60_000).toISOString()}`)).body.items, [])
})

t.test('replay dispatches an event again as a new one that names the old', async (t) => {
  const old = keyOf(await call('POST', '/jobs', { type: 'new_thing', id: 'replayed', data: { ms: 1 } }))
  const answer = await call('POST', `/events/${old}/replay`)
  t.equal(answer.status, 202)
  t.same(answer.body.map(([processName]: [string]) => processName), ['one', 'two'])
  t.not(keyOf(answer), old)
  t.match(await closed(keyOf(answer)), { replays: old, event: { type: 'new_thing', data: { ms: 1 } } })
  t.equal((await call('POST', '/events/nothing/replay')).status, 404)
})

t.test('the lookups are told, with their hash', async (t) => {
  const types = (await call('GET', '/event_types')).body
  t.match(types.items[0], { type: 'new_thing', processes: ['one', 'two'], description: 'A thing is new', example: { data: { a: 1 } } })
  const processes = (await call('GET', '/processes')).body
  t.equal(processes.lookups, types.lookups)
  t.match(processes.items.find((one: { process: string }) => one.process === 'two'), { queue: 'two', emits: ['noted'], attempts: 1 })
  const queues = (await call('GET', '/queues')).body.items
  t.match(queues.find((one: { queue: string }) => one.queue === 'shared'), { processes: ['slow_shared', 'quick_shared'], paused: false })
  t.match(queues.find((one: { queue: string }) => one.queue === 'held'), { waiting: 0, blocked: 0 })
  t.notOk(queues.some((one: { queue: string }) => one.queue === 'events'))
})

t.test('metrics count what was accepted, rejected and run', async (t) => {
  const { body, headers } = await call('GET', '/metrics')
  t.match(String(headers['content-type']), /^text\/plain/)
  t.match(body, /signalbox_events_accepted_total\{type="new_thing",repeated="false"\} \d/)
  t.match(body, /signalbox_requests_rejected_total\{code="UNKNOWN_EVENT_TYPE"\} \d/)
  t.match(body, /signalbox_job_seconds_count\{process="failing",outcome="failed"\} \d/)
  t.match(body, /signalbox_queue_jobs\{queue="held",state="waiting"\} \d/)
  t.match(body, /signalbox_dispatch_seconds_bucket/)
})

t.test('the pages for people are served', async (t) => {
  t.equal((await call('GET', '/docs/')).status, 200)
  t.equal((await call('GET', '/board')).status, 200)
  const queues = (await call('GET', '/board/api/queues')).body.queues
  t.ok(queues.some((queue: { name: string, readOnlyMode: boolean }) => queue.name === 'held' && queue.readOnlyMode))
  t.equal((await call('PUT', '/board/api/queues/held/pause')).status >= 400, true, 'the board only shows')
  const document = (await call('GET', '/openapi.json')).body
  t.equal(document.openapi, '3.1.0')
  t.equal(document.paths['/jobs'].post.requestBody.content['application/json'].examples.new_thing.value.type, 'new_thing')
})

t.test('lookups are reloaded on change without a request lost; bad ones leave the old in force', async (t) => {
  const answers: number[] = []
  const done = new AbortController()
  const asking = (async () => { while (!done.signal.aborted) answers.push((await call('POST', '/jobs', { type: 'noted' })).status) })()
  const before = (await call('GET', '/event_types')).body.lookups
  writeLookups(folder, { events: { ...lookups.events, brand_new: ['brand_new'] }, processes: { ...lookups.processes, brand_new: step() } })
  await until(async () => (await call('GET', '/event_types')).body.lookups !== before)
  const [[, id]] = await submit('brand_new') as [[string, string]]
  t.match(await ended('brand_new', id), { status: 'complete' }, 'a worker serves the new queue')
  writeLookups(folder, { events: { broken: ['missing'] }, processes: {} })
  await until(async () => (await call('GET', '/ready')).body.lookups !== 'ok')
  const ready = await call('GET', '/ready')
  t.equal(ready.status, 200)
  t.match(ready.body, { ready: true, lookups: /broken starts missing/ })
  await submit('brand_new')
  writeLookups(folder, lookups)
  t.equal(await service.reload(), true)
  t.equal((await call('GET', '/ready')).body.lookups, 'ok')
  t.equal((await call('POST', '/jobs', { type: 'brand_new' })).status, 404)
  t.match((await call('GET', `/jobs/brand_new/${id}`)).body, { status: 'complete' }, 'a job of a process that is gone can still be seen')
  done.abort()
  await asking
  t.same(new Set(answers), new Set([202]))
})

t.test('what waits on a queue that the lookups no longer name still runs', async (t) => {
  const moved = { description: 'One at a time', concurrency: 1, params: { default: { ms: 300 } } }
  writeLookups(folder, { events: { ...lookups.events, moved: ['moved'] }, processes: { ...lookups.processes, moved: step({ ...moved, queue: 'left' }) } })
  t.equal(await service.reload(), true)
  const keys = (await Promise.all([1, 2, 3].map(() => call('POST', '/jobs', { type: 'moved' })))).map(keyOf)
  writeLookups(folder, { events: { ...lookups.events, moved: ['moved'] }, processes: { ...lookups.processes, moved: step(moved) } })
  t.equal(await service.reload(), true)
  t.notOk((await call('GET', '/queues')).body.items.some((one: { queue: string }) => one.queue === 'left'))
  for (const key of keys) t.match(await closed(key), { status: 'complete' })
  writeLookups(folder, lookups)
  t.equal(await service.reload(), true)
})

t.test('a token, where one is set, guards all but health', async (t) => {
  const other = await openAnyBackend()
  t.teardown(() => other.close())
  const { call } = await openService(t, { backend: other.url, lookups: { events: { noted: [] }, processes: {} }, env: { SIGNALBOX_TOKEN: 'a long secret' } })
  const token = { authorization: 'Bearer a long secret' }
  t.equal((await call('POST', '/jobs', { type: 'noted' })).status, 401)
  t.equal((await call('POST', '/jobs', { type: 'noted' }, { authorization: 'Bearer a long secreT' })).status, 401)
  t.equal((await call('POST', '/jobs', { type: 'noted' }, token)).status, 202)
  for (const path of ['/events', '/docs/', '/board', '/openapi.json', '/queues']) t.equal((await call('GET', path)).status, 401, path)
  for (const path of ['/live', '/ready', '/metrics']) t.equal((await call('GET', path)).status, 200, path)
})

t.test('a worker that is given names serves those processes alone, and its version stands with their jobs', async (t) => {
  const other = await openAnyBackend()
  t.teardown(() => other.close())
  const { call } = await openService(t, { backend: other.url, lookups: { events: { both: ['mine', 'theirs'] }, processes: { mine: step(), theirs: step() } }, env: { SIGNALBOX_PROCESSES: 'mine', SIGNALBOX_VERSION: 'v7' } })
  const [[, mine], [, theirs]] = (await call('POST', '/jobs', { type: 'both' })).body
  t.match((await call('GET', `/jobs/mine/${mine}?wait=20`)).body, { status: 'complete', worker: { version: 'v7' } })
  t.match((await call('GET', `/jobs/theirs/${theirs}`)).body, { status: 'submitted', waiting_for: /queue theirs/, worker: { host: null, version: null } })
})

t.test('SIGHUP reads the lookups again, and two services do not share an embedded database', async (t) => {
  const own = await openBackend('pglite')
  const folder = temporaryFolder(t)
  writeLookups(folder, { events: { noted: [] }, processes: {} })
  const env = await roleEnvironment(folder, own.url)
  const role = await spawnRole('start', env)
  const call = createCall(`http://127.0.0.1:${env['PORT']}`)
  t.teardown(async () => {
    await call.close()
    await role.end('SIGKILL')
    await own.close()
  })
  await t.rejects(spawnRole('start', { ...env, PORT: '0' }), { message: /another process uses the data folder/ })
  appendFileSync(join(folder, 'event_lookup.json'), ' ')
  role.child.kill('SIGHUP')
  t.equal((await call('GET', '/ready')).body.lookups, 'ok')
  t.equal(await role.end('SIGTERM'), 0)
  t.equal(existsSync(folder), true)
})
