import fc from 'fast-check'
import { CloudEvent, HTTP, type Message } from 'cloudevents'
import { pino } from 'pino'
import t from 'tap'
import { openReceiver } from './fixtures/receiver.ts'

const STRUCTURED = 'application/cloudevents+json'
const BATCH = 'application/cloudevents-batch+json'
const minimal = { specversion: '1.0', id: '1', source: '/test', type: 'noted' }
const required = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/test', 'ce-type': 'noted' }

const { app, events } = await openReceiver({ origins: ['sender.example.com'], bodyLimit: 100_000 })
t.teardown(() => app.close())

const post = (body: unknown, headers: Record<string, string> = { 'content-type': STRUCTURED }, url = '/event/') => app.inject({ method: 'POST', url, headers, body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body) })
const stored = () => events.at(-1) as Record<string, unknown>

t.test('/event and /event/ are the same, and no answer redirects', async (t) => {
  for (const url of ['/event', '/event/']) {
    t.equal((await post(minimal, undefined, url)).statusCode, 200, `${url} POST`)
    const options = await app.inject({ method: 'OPTIONS', url })
    t.match({ status: options.statusCode, body: options.body }, { status: 200, body: /^$/ }, `${url} OPTIONS`)
    for (const method of ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE'] as const) {
      const answer = await app.inject({ method, url, headers: { 'content-type': STRUCTURED }, ...(method === 'GET' || method === 'HEAD' ? {} : { body: '{}' }) })
      t.equal(answer.statusCode, 405, `${url} ${method}`)
      t.equal(answer.headers.allow, 'POST, OPTIONS')
    }
  }
})

t.test('every mode gives the same event', async (t) => {
  const event = { ...minimal, subject: 'Euro €', ext: 'x', datacontenttype: 'application/json', data: { a: [1] } }
  await post(event)
  t.same(stored(), event)
  await post(event.data, { ...required, 'Ce-Subject': 'Euro%20%E2%82%AC', 'ce-ext': 'x', 'content-type': 'application/json' })
  t.same(stored(), event)
  t.equal((await post([event], { 'content-type': `${BATCH}; charset=utf-8` })).statusCode, 200)
  t.same(stored(), event)
})

t.test('the body is read whatever its Content-Type, and without one', async (t) => {
  const bytes = Buffer.from([0, 255, 128])
  for (const type of ['application/octet-stream', 'image/png', 'application/x-www-form-urlencoded', 'application/xml']) {
    t.equal((await post(bytes, { ...required, 'content-type': type })).statusCode, 200, type)
    t.match(stored(), { datacontenttype: type, data_base64: 'AP+A' })
  }
  t.equal((await app.inject({ method: 'POST', url: '/event', headers: required })).statusCode, 200, 'neither body nor type')
  t.same(stored(), minimal)
  const wrong = await post('x', { ...required, 'content-type': 'xyz' })
  t.match({ status: wrong.statusCode, body: wrong.json() }, { status: 400, body: { field: 'datacontenttype', code: 'INVALID_EVENT' } })
})

t.test('refusals have their status, a JSON body and the path of the field', async (t) => {
  const cases: Array<[unknown, string, number, string | undefined]> = [
    ['{', STRUCTURED, 400, ''],
    [{ ...minimal, id: 5 }, STRUCTURED, 400, 'id'],
    [minimal, 'application/json', 400, 'specversion'],
    [minimal, 'application/cloudevents+xml', 415, undefined],
    ['a,b', 'application/cloudevents+csv; charset=utf-8', 415, undefined],
    [[minimal, minimal, minimal, { ...minimal, source: 'not a uri' }], BATCH, 400, '3/source'],
    [minimal, BATCH, 400, ''],
    ['x'.repeat(100_001), STRUCTURED, 413, undefined]
  ]
  const before = events.length
  for (const [body, type, status, field] of cases) {
    const answer = await post(body, { 'content-type': type })
    t.match({ status: answer.statusCode, field: answer.json().field, code: typeof answer.json().code }, { status, field, code: 'string' }, `${type} ${JSON.stringify(body).slice(0, 80)}`)
  }
  t.equal(events.length, before, 'nothing was written')
})

t.test('what matches nothing is answered with nothing and not kept', async (t) => {
  const before = events.length
  const answer = await post({ ...minimal, type: 'unheard' })
  t.match({ status: answer.statusCode, body: answer.json() }, { status: 200, body: [] })
  t.same((await post([], { 'content-type': BATCH })).json(), [])
  t.same((await post([{ ...minimal, type: 'unheard' }, { ...minimal, id: '2', type: 'unheard' }], { 'content-type': BATCH })).json(), [[], []])
  t.equal(events.length, before)
})

t.test('a batch is taken with its copies once', async (t) => {
  const before = events.length
  const answer = await post([minimal, { ...minimal, id: '2' }, minimal, { ...minimal, id: '3', type: 'unheard' }], { 'content-type': BATCH })
  t.same(answer.json(), [[], [], [], []])
  t.equal(events.length, before + 2)
})

t.test('OPTIONS consents to the origins that are allowed, whole and without case', async (t) => {
  const ask = async (headers: Record<string, string>, on = app) => (await on.inject({ method: 'OPTIONS', url: '/event/', headers })).headers
  t.match(await ask({ 'webhook-request-origin': 'Sender.Example.com', 'webhook-request-rate': '120', 'webhook-request-callback': 'http://127.0.0.1:1/' }), { 'webhook-allowed-origin': 'Sender.Example.com', 'webhook-allowed-rate': '*', allow: 'POST' })
  for (const origin of ['sender.example.com.attacker.tld', 'evil-sender.example.com', 'example.com', '', '*', 'sender.example.co']) {
    const answer = await ask({ 'webhook-request-origin': origin })
    for (const name of ['webhook-allowed-origin', 'webhook-allowed-rate', 'allow']) t.notOk(name in answer, `${origin}: ${name}`)
  }
  t.notOk('webhook-allowed-origin' in await ask({ origin: 'sender.example.com', 'access-control-request-method': 'POST' }), 'CORS is something else')
  const all = await openReceiver({ origins: ['*'], ratePerMinute: 60 })
  t.teardown(() => all.app.close())
  for (const [asked, granted] of [['120', '60'], ['10', '10'], ['-5', '60'], ['0', '60'], ['many', '60'], ['9'.repeat(400), '60'], ['1e3', '60']] as const) {
    t.match(await ask({ 'webhook-request-origin': 'any.example.org', 'webhook-request-rate': asked }, all.app), { 'webhook-allowed-origin': '*', 'webhook-allowed-rate': granted }, asked)
  }
  const none = await openReceiver()
  t.teardown(() => none.app.close())
  t.notOk('webhook-allowed-origin' in await ask({ 'webhook-request-origin': 'sender.example.com' }, none.app), 'nobody is allowed unless the settings say so')
})

t.test('deliveries beyond the rate of their origin are 429 with Retry-After', async (t) => {
  const { app } = await openReceiver({ origins: ['*'], ratePerMinute: 2 })
  t.teardown(() => app.close())
  const deliver = (origin: string) => app.inject({ method: 'POST', url: '/event', headers: { ...required, 'webhook-request-origin': origin } })
  const answers = [await deliver('a.example'), await deliver('A.example'), await deliver('a.example'), await deliver('b.example')]
  t.same(answers.map((answer) => answer.statusCode), [200, 200, 429, 200])
  t.match(answers[2]?.headers['retry-after'], /^[1-9]\d?$/)
})

t.test('the token is taken from the header or the query, and is in no log line', async (t) => {
  const lines: string[] = []
  const { app } = await openReceiver({ token: 'a-long-secret', origins: ['*'], log: pino({ level: 'trace' }, { write: (line) => { lines.push(line) } }) })
  t.teardown(() => app.close())
  const send = (url: string, headers: Record<string, string> = {}) => app.inject({ method: 'POST', url, headers: { ...required, ...headers } })
  t.equal((await send('/event')).statusCode, 401)
  t.equal((await send('/event', { authorization: 'Bearer a-long-secreT' })).statusCode, 401)
  const header = await send('/event', { authorization: 'Bearer a-long-secret' })
  t.match({ status: header.statusCode, cache: header.headers['cache-control'] }, { status: 200, cache: 'no-store' })
  for (const url of ['/event?access_token=a-long-secret', '/event/?x=y&access_token=a-long-secret']) {
    const query = await send(url)
    t.match({ status: query.statusCode, cache: query.headers['cache-control'] }, { status: 200, cache: 'private' }, url)
  }
  for (const url of ['/event?access_token=', '/event?access_token=other-secret', '/event?access_token=a-long-secret&access_token=a-long-secret']) {
    const query = await send(url)
    t.match({ status: query.statusCode, cache: query.headers['cache-control'] }, { status: 401, cache: 'private' }, url)
  }
  t.equal((await send('/event?access_token=a-long-secret', { 'ce-id': '%zz' })).statusCode, 400)
  t.equal((await app.inject({ method: 'GET', url: '/event_types?access_token=a-long-secret' })).statusCode, 401, 'on this route only')
  t.equal((await app.inject({ method: 'OPTIONS', url: '/event', headers: { 'webhook-request-origin': 'x.example' } })).headers['webhook-allowed-origin'], '*', 'consent is asked without a token')
  t.ok(lines.length > 5, 'requests are logged')
  t.notOk(lines.some((line) => line.includes('secret')))
})

t.test('where no events are configured the address answers 404', async (t) => {
  const { app } = await openReceiver({ served: false })
  t.teardown(() => app.close())
  for (const url of ['/event', '/event/']) {
    for (const type of [STRUCTURED, BATCH, 'application/json', 'x']) t.equal((await app.inject({ method: 'POST', url, headers: { ...required, 'content-type': type }, body: '{}' })).statusCode, 404, type)
    t.equal((await app.inject({ method: 'OPTIONS', url })).statusCode, 404)
  }
})

t.test('the SDK of others can send in every mode', async (t) => {
  const event = new CloudEvent({ ...minimal, time: '2018-04-05T17:31:00.000Z', subject: 'sub', ext: 'value', datacontenttype: 'application/json', data: { a: 1, b: [null] } })
  const send = async ({ headers, body }: Message) => (await post(body, headers as Record<string, string>)).statusCode
  const expected = { ...minimal, time: '2018-04-05T17:31:00.000Z', subject: 'sub', ext: 'value', data: { a: 1, b: [null] } }
  t.equal(await send(HTTP.binary(event)), 200)
  t.match(stored(), expected)
  t.equal(await send(HTTP.structured(event)), 200)
  t.match(stored(), expected)
  t.equal((await post([event.toJSON(), { ...event.toJSON(), id: '2' }], { 'content-type': BATCH })).statusCode, 200)
  t.match(stored(), { ...expected, id: '2' })
})

t.test('10,000 requests of every kind, and no answer of 5xx', async (t) => {
  const { app } = await openReceiver()
  t.teardown(() => app.close())
  const word = fc.oneof(fc.string({ unit: fc.constantFrom(...'aZ09 %"\\;=/+-_.:é\u00ff€'), maxLength: 20 }), fc.constantFrom('1.0', '/x', 'noted', '%E2%82%AC', '%C0%A0', '"q\\"', '2018-04-05T17:31:00Z', ''))
  const header = fc.oneof({ weight: 3, arbitrary: fc.constantFrom('ce-id', 'ce-source', 'ce-type', 'ce-specversion', 'ce-time', 'ce-subject', 'ce-dataschema', 'ce-ext') }, { weight: 1, arbitrary: fc.constantFrom('ce-', 'ce-my-ext', 'ce-datacontenttype', 'ce-data', 'webhook-request-origin', 'webhook-request-rate', 'authorization', 'ce-__proto__', 'expect') })
  const type = fc.oneof(fc.constantFrom(STRUCTURED, BATCH, 'application/json', 'text/plain; charset=utf-16', 'text/plain; charset=none', 'application/cloudevents+xml', 'xyz', ''), word)
  const attribute = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.constantFrom('1.0', '/x', 'noted', 'application/json', 'TWE='))
  const event = fc.dictionary(fc.oneof(fc.constantFrom('specversion', 'id', 'source', 'type', 'data', 'data_base64', 'datacontenttype', 'time', 'parentid', '__proto__'), fc.string({ maxLength: 5 })), fc.oneof(attribute, fc.jsonValue({ maxDepth: 2 })), { maxKeys: 8 })
  const valid = fc.record({ specversion: fc.constant('1.0'), id: fc.string(), source: fc.webUrl(), type: fc.constantFrom('noted', 'other'), data: fc.jsonValue() }, { requiredKeys: ['specversion', 'id', 'source', 'type'] })
  const json = fc.oneof(event, valid, fc.array(fc.oneof(event, valid), { maxLength: 3 })).map((one) => Buffer.from(JSON.stringify(one)))
  const body = fc.oneof(json, json.map((bytes) => bytes.subarray(0, Math.floor(bytes.length / 2))), fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)))
  const request = fc.record({
    method: fc.oneof({ weight: 9, arbitrary: fc.constant('POST' as const) }, { weight: 1, arbitrary: fc.constantFrom('OPTIONS' as const, 'GET' as const, 'PUT' as const) }),
    url: fc.constantFrom('/event', '/event/', '/event?access_token=x', '/event/?a=b&a=c'),
    headers: fc.dictionary(header, word, { maxKeys: 8 }),
    type,
    complete: fc.boolean(),
    body
  })
  const seen = new Map<number, number>()
  await fc.assert(fc.asyncProperty(request, async ({ method, url, headers, type, complete, body }) => {
    const answer = await app.inject({ method, url, headers: { ...(complete ? required : {}), ...headers, 'content-type': type }, ...(method === 'GET' ? {} : { body }) })
    seen.set(answer.statusCode, (seen.get(answer.statusCode) ?? 0) + 1)
    return answer.statusCode < 500 && !(answer.statusCode >= 300 && answer.statusCode < 400)
  }), { numRuns: 10_000 })
  t.comment(JSON.stringify([...seen]))
  for (const status of [200, 400, 405, 415]) t.ok((seen.get(status) ?? 0) > 50, `${status} was among the answers`)
})
