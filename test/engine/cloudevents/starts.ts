import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { loadEventsConfig } from '../../../src/engine/cloudevents/events-config.ts'
import { loadConfig } from '../../../src/roles/config.ts'
import { openAnyBackend, until } from '../../fixtures/servers.ts'
import { openService, type Answer } from '../../fixtures/service.ts'
import { DATA, HOME } from '../../fixtures/places.ts'

t.jobs = 1

const KEDRO = join(DATA, 'cloudevents', 'kedro')
const STRUCTURED = { 'content-type': 'application/cloudevents+json' }
const BATCH = { 'content-type': 'application/cloudevents-batch+json' }

const echo = (more: object = {}) => ({ run: { module: join(HOME, 'test', 'fixtures', 'modules', 'echo.mjs'), export: 'echo', thread: false }, ...more })
const request = { specversion: '1.0', id: '1234', source: 'example.com', type: 'com.example.event', data: { key: 'value' } }

const lookups = {
  events: { 'com.example.event': ['listed', 'event00'], only_listed: ['listed'], noted: [], strict: ['strict'] },
  processes: {
    event00: echo({ params: { default: { mode: 'fast' } } }),
    event01: echo(),
    gated: echo({ limit: { per_key: 1 } }),
    listed: echo(),
    strict: echo({ params: { schema: { required: ['data'], properties: { data: { type: 'object', required: ['count'] } } } } }),
    command: { run: { command: ['sh', '-c', 'printf \'{"output":{"params":%s,"event":%s}}\' "$SIGNALBOX_PARAMS" "$(cat)"'] } }
  }
}
const mapping = {
  event01: { source: 'example.com', type: 'com.example.event' },
  event00: { source: 'example.com', type: 'com.example.event' },
  command: { source: 'example.com', type: 'for.command' },
  gated: { source: 'example.com', type: 'for.gated' }
}

const backend = await openAnyBackend()
t.teardown(() => backend.close())
const { call } = await openService(t, { backend: backend.url, lookups, env: { KEDRO_GRAPHQL_EVENTS_CONFIG: JSON.stringify(mapping) } })

const send = (event: object, headers: Record<string, string> = STRUCTURED, path = '/event/') => call('POST', path, event, headers)
const names = (answer: Answer): string[] => answer.body.map(([processName]: [string]) => processName)
const ended = async (processName: string, id: string) => {
  await until(async () => ['complete', 'failed'].includes((await call('GET', `/jobs/${processName}/${id}`)).body.status), `the end of ${processName}`)
  return (await call('GET', `/jobs/${processName}/${id}`)).body
}
const count = async (): Promise<number> => (await call('GET', '/events?limit=200')).body.items.length

t.test('all names with source and type start in the order of the configuration, then what the lookup lists', async (t) => {
  const answer = await send(request)
  t.equal(answer.status, 202)
  t.match(String(answer.headers['content-type']), /^application\/json/)
  t.same(names(answer), ['event01', 'event00', 'listed'])
  const [, [, id], [, listed]] = answer.body
  const job = await ended('event00', id)
  t.match(job.output.params, { mode: 'fast', key: 'value', id, event: String }, 'its own id and the event as one JSON string')
  t.same(JSON.parse(job.output.params.event), request)
  t.same((await ended('listed', listed)).output, { params: { key: 'value' }, event: request, jobId: listed }, 'what the lookup lists gets the event alone')
})

t.test('a repeat is answered with the first jobs and starts nothing, in every mode', async (t) => {
  const first = await send({ ...request, id: 'again' })
  const events = await count()
  const repeats = [
    await send({ ...request, id: 'again' }),
    await send({ ...request, id: 'again' }, STRUCTURED, '/event'),
    await send({ ...request, id: 'again', time: '2026-11-26T10:00:00Z' })
  ]
  const others = [
    await send({ ...request, id: 'again', data: 'other' }, STRUCTURED, '/event'),
    await call('POST', '/event', '', { 'ce-specversion': '1.0', 'ce-id': 'again', 'ce-source': 'example.com', 'ce-type': 'com.example.event', 'content-type': 'text/plain' }),
    await send({ ...request, id: 'again', type: 'no.longer.known' })
  ]
  t.same(repeats.map(({ status }) => status), [200, 200, 200])
  t.same(others.map(({ status, body }) => [status, body.code]), Array.from({ length: 3 }, () => [409, 'EVENT_ID_CONFLICT']), 'another event under a known id is no repeat')
  for (const repeat of repeats) t.same(repeat.body, first.body)
  t.equal(await count(), events)
  t.equal(first.status, 202)
})

t.test('source and type must be equal, to the letter', async (t) => {
  const events = await count()
  for (const other of [{ source: 'example.com/' }, { source: 'Example.com' }, { type: 'COM.example.event' }, { type: 'com.example.event2' }, { source: 'http://example.com', type: 'for.command' }]) {
    const answer = await send({ ...request, id: JSON.stringify(other), ...other })
    if (other.type === undefined) t.same(names(answer), ['listed', 'event00'], 'the lookup asks for the type alone')
    else t.match(answer, { status: 200, body: [] }, JSON.stringify(other))
  }
  t.equal(await count(), events + 2)
  t.match(await send({ ...request, id: 'n', type: 'noted' }), { status: 200, body: [] }, 'a known type that starts nothing')
  t.equal(await count(), events + 3, 'is kept')
})

t.test('a command has the parameters in its environment and the event on stdin', async (t) => {
  const event = { ...request, type: 'for.command' }
  const [[, id]] = (await send({ ...event, id: 'c' })).body
  const { params, event: stdin } = (await ended('command', id)).output
  t.equal(params.id, id)
  t.same(JSON.parse(params.event), { ...event, id: 'c' })
  t.same(stdin, { ...event, id: 'c' })
})

t.test('a process that waits at a gate is given the same, and keeps its parent', async (t) => {
  const [[, parent]] = (await send({ ...request, id: 'above', type: 'for.command' })).body
  const event = { ...request, id: 'g', type: 'for.gated', subject: 's', parentid: parent }
  const [[, id]] = (await send(event)).body
  const { output, parent: kept } = await ended('gated', id)
  t.same({ id: output.params.id, event: JSON.parse(output.params.event), kept }, { id, event, kept: parent })
  t.match((await call('GET', `/jobs/command/${parent}/children`)).body.items, [{ process: 'gated', id, status: 'complete' }])
})

t.test('a batch is taken whole or not at all', async (t) => {
  const events = await count()
  const one = (id: string, more: object = {}) => ({ ...request, id, ...more })
  const refused = await send([one('b1'), one('b2', { type: 'only_listed' }), one('b3', { type: 'strict' })], BATCH)
  t.match(refused, { status: 400, body: { field: '2/data/count' } })
  t.match(await send([one('b1'), one('b2'), one('b3', { parentid: 'nobody' })], BATCH), { status: 400, body: { field: '2/parentid', code: 'UNKNOWN_PARENT' } })
  t.equal(await count(), events, 'nothing of it is kept')
  const taken = await send([one('b1'), one('b2', { type: 'only_listed' }), one('b1'), one('b4', { type: 'unheard' })], BATCH)
  t.equal(taken.status, 202)
  t.same(taken.body.map((jobs: Array<[string]>) => jobs.map(([processName]) => processName)), [['event01', 'event00', 'listed'], ['listed'], ['event01', 'event00', 'listed'], []])
  t.equal(await count(), events + 2)
  const again = await send([one('b1'), one('b2', { type: 'only_listed' })], BATCH)
  t.match(again, { status: 200, body: taken.body.slice(0, 2) })
})

t.test('a thousand events in one batch', async (t) => {
  const many = Array.from({ length: 1000 }, (_, i) => ({ ...request, id: `many-${i}`, type: 'only_listed' }))
  const begun = performance.now()
  const first = await send(many, BATCH)
  t.comment(`${first.status} after ${Math.round(performance.now() - begun)} ms`)
  await until(async () => (await send(many, BATCH)).status === 200, 'all of them to be known')
  const answer = await send(many, BATCH)
  t.equal(new Set(answer.body.map((jobs: unknown) => JSON.stringify(jobs))).size, 1000)
  await until(async () => (await call('GET', '/queues')).body.items.every((queue: { waiting: number, active: number }) => queue.waiting + queue.active === 0), 'an empty queue')
})

t.test('a replay starts what the mapping says, with the new id', async (t) => {
  const first = await send({ ...request, id: 'first', type: 'for.command' })
  const replay = await call('POST', `${String(first.headers['location'])}/replay`)
  t.same(names(replay), ['command'])
  const job = await ended('command', replay.body[0][1])
  t.equal(job.output.params.id, job.id)
})

t.test('a job names its parent; the parent lists its children', async (t) => {
  const [[, parent]] = (await send({ ...request, id: 'parent', type: 'for.command' })).body
  const child = await call('POST', '/jobs', { type: 'only_listed', parent })
  t.equal(child.status, 202)
  const other = await send({ ...request, id: 'child', parentid: parent })
  t.same(names(other), ['event01', 'event00', 'listed'])
  for (const [name, id] of [...child.body, ...other.body]) await ended(name, id)
  const children = await call('GET', `/jobs/command/${parent}/children`)
  t.same(children.body.items.map((job: { process: string, id: string }) => [job.process, job.id]), [...child.body, ...other.body])
  t.match(children.body, { next: null, items: [{ parent }, { parent }, { parent }, { parent }] })
  const page = (await call('GET', `/jobs/command/${parent}/children?limit=3`)).body
  t.equal(page.items.length, 3)
  t.same((await call('GET', `/jobs/command/${parent}/children?limit=3&cursor=${page.next}`)).body, { items: [children.body.items[3]], next: null })
  t.equal((await call('GET', `/jobs/listed/${child.body[0][1]}`)).body.parent, parent)
  t.equal((await call('GET', `/jobs/command/${parent}`)).body.parent, null)
  t.equal((await call('GET', String(child.headers['location']))).body.parent, parent)

  const replay = await call('POST', `${String(child.headers['location'])}/replay`)
  t.equal((await call('GET', `/jobs/listed/${replay.body[0][1]}`)).body.parent, parent, 'a replay keeps it')
  t.equal((await call('GET', `/jobs/command/${parent}/children`)).body.items.length, 5)

  t.same((await call('GET', `/jobs/listed/${child.body[0][1]}/children`)).body, { items: [], next: null })
  t.equal((await call('GET', '/jobs/command/none.command/children')).status, 404)
  t.match(await call('GET', `/jobs/command/${parent}/children?cursor=x`), { status: 400, body: { field: 'cursor' } })
  for (const unknown of ['nobody', 'e1.command', `${parent}x`, '', 5, {}, 'a\0.b']) t.match(await call('POST', '/jobs', { type: 'only_listed', parent: unknown }), { status: 400 }, JSON.stringify(unknown))
  t.match(await call('POST', '/jobs', { type: 'only_listed', parent: 'nobody' }), { body: { field: 'parent', code: 'UNKNOWN_PARENT' } })
  t.equal((await call('POST', '/jobs', { type: 'only_listed', parent: null })).status, 202)
})

t.test('the mapping is read from JSON or a file, and refused with the place of its fault', async (t) => {
  t.equal(loadEventsConfig(''), undefined)
  t.same(loadEventsConfig('{}'), [])
  t.same(loadEventsConfig(' {"b": {"source": "s", "type": "t"}, "a": {"source": "s", "type": "t"}}'), [{ process: 'b', source: 's', type: 't' }, { process: 'a', source: 's', type: 't' }])
  const cases: Array<[string, RegExp]> = [
    ['{"a": {"source": "s", "type" "t"}}', /invalid JSON at position 29 \(line 1, column 30\)/],
    ['{"a": {"source": "s"\n, "type": tree}}', /invalid JSON at position 33 \(line 2, column 13\)/],
    ['{"a": {', /invalid JSON at position 7 /],
    ['{"a": {"source": "s"}}', /a\/type is missing/],
    ['{"a": {"type": "t"}}', /a\/source is missing/],
    ['{"a": {"source": "s", "type": ""}}', /a\/type must NOT have fewer/],
    ['{"a": {"source": 5, "type": "t"}}', /a\/source must be string/],
    ['{"a": {"source": "s", "type": "t", "subject": "x"}}', /a\/subject is not known/],
    ['["a"]', /must be object/],
    ['/no/such/file', /neither a JSON object nor a file that can be read/]
  ]
  for (const [text, message] of cases) t.throws(() => loadEventsConfig(text), { code: 'INVALID_CONFIG', message }, text)
})

t.test('the variables in their order, and a misspelt one', async (t) => {
  const read = (env: Record<string, string>) => loadConfig({ file: join(HOME, 'config', 'default.json'), env }).cloudevents.events_config
  t.equal(read({}), '')
  t.equal(read({ KEDRO_GRAPHQL_EVENT_CONFIG: 'c' }), 'c')
  t.equal(read({ KEDRO_GRAPHQL_EVENT_CONFIG: 'c', KEDRO_GRAPHQL_EVENTS_CONFIG: 'b' }), 'b')
  t.equal(read({ KEDRO_GRAPHQL_EVENT_CONFIG: 'c', KEDRO_GRAPHQL_EVENTS_CONFIG: 'b', SIGNALBOX_EVENTS_CONFIG: 'a' }), 'a')
  t.equal(read({ KEDROG_GRAPHQL_EVENTS_CONFIG: 'd' }), '')
})

t.test("kedro-graphql's own request and configuration", { skip: existsSync(KEDRO) ? false : `no samples at ${KEDRO}` }, async (t) => {
  const config = loadEventsConfig(join(KEDRO, 'events-config.json'))
  t.same(config, [{ process: 'event00', source: 'example.com', type: 'com.example.event' }])
  const sample = JSON.parse(readFileSync(join(KEDRO, 'event-request.json'), 'utf8'))
  const answer = await call('POST', '/event/', { ...sample.body, id: 'sample' }, sample.headers)
  t.ok(names(answer).includes('event00'))
})
