import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { createApp } from '../../../src/api/app.ts'
import { createKeyRing } from '../../../src/api/access/key-file.ts'
import { digestOf } from '../../../src/api/access/keys.ts'
import { SCOPES, type Scope } from '../../../src/schemas/me.ts'
import type { App, Engine } from '../../../src/api/dependencies.ts'
import type { Lookups } from '../../../src/engine/lookups/lookups.ts'
import { emptyMetrics } from '../../fixtures/metrics.ts'

const NO_LOOKUPS: Lookups = { eventTypes: new Map(), processes: new Map(), schedules: new Map(), hash: 'none', warnings: [] }

type Given = { token?: string, keys?: string, requestsPerMinute?: number, lines?: string[] }

const settings = {
  bodyLimit: 10_000,
  isOriginal: false,
  requestTimeoutMs: 1000,
  drainMs: 0,
  hosts: { host: '127.0.0.1', publicUrl: '', allowed: '' },
  version: 'test',
  maxStreams: 1,
  streamsPerClient: 1,
  publicUrl: '',
  cloudEvents: { served: true, origins: [], ratePerMinute: 0 }
}

/** The service over an engine that would throw: what these tests see was decided before it was asked. */
async function openApp (t: Test, { token = '', keys = '', requestsPerMinute = 0, lines = [] }: Given = {}): Promise<App> {
  const log = pino({ level: 'info' }, { write: (line: string) => { lines.push(line) } })
  const engine = { metrics: emptyMetrics(), lookups: () => NO_LOOKUPS } as unknown as Engine
  const app = await createApp({
    engine,
    settings: { ...settings, requestsPerMinute },
    log,
    keys: createKeyRing({ token, keys, log }),
    board: (board, _options, done) => {
      board.get('/', async () => 'board')
      done()
    }
  })
  t.teardown(() => app.close())
  await app.ready()
  return app
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` })
const entry = (name: string, scopes: Scope[], more: object = {}) => ({ name, sha256: digestOf(name), scopes, ...more })

/** Each route that people and programs can reach, as the OpenAPI document lists them. */
function operations (app: App): Array<{ method: string, url: string }> {
  const { paths = {} } = app.swagger() as { paths?: Record<string, object> }
  return Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => ({
    method: method.toUpperCase(), url: path.replace(/\{[^}]+\}/g, 'x')
  })))
}

t.test('every route refuses a foreign Host, and every change a foreign Origin, with no key set at all', async (t) => {
  const app = await openApp(t)
  const all = operations(app)
  t.ok(all.length > 30)
  for (const { method, url } of [...all, { method: 'GET', url: '/board/' }, { method: 'GET', url: '/docs/' }, { method: 'GET', url: '/nowhere' }]) {
    const host = await app.inject({ method: method as 'GET', url, headers: { host: 'evil.example:3000' } })
    t.equal(host.statusCode, 421, `${method} ${url} of another name`)
    if (method === 'GET' || method === 'OPTIONS') continue
    const crossing = { origin: 'http://evil.example', 'sec-fetch-site': 'cross-site' }
    const forged = await app.inject({ method: method as 'GET', url, headers: { host: '127.0.0.1:3000', ...crossing } })
    t.equal(forged.statusCode, 403, `${method} ${url} of another origin`)
    // The original service's errors have no code.
    if (!url.startsWith('/ensembl/')) t.equal(forged.json<{ code: string }>().code, 'ORIGIN_NOT_ALLOWED')
  }
})

t.test('a key gets in only where one of its scopes is asked for, and every route asks for one', async (t) => {
  const app = await openApp(t, { keys: JSON.stringify(SCOPES.map((scope) => entry(scope, [scope]))) })
  const open = new Set(['/live', '/ready', '/files/x', '/event'])
  for (const { method, url } of operations(app)) {
    if (open.has(url) && (url !== '/event' || method === 'OPTIONS')) continue
    if (url === '/me' || url === '/session') continue
    const none = await app.inject({ method: method as 'GET', url, headers: { host: 'localhost' } })
    t.equal(none.statusCode, 401, `${method} ${url} without a key`)
    const refused = []
    for (const scope of SCOPES) {
      const { statusCode } = await app.inject({ method: method as 'GET', url, headers: { host: 'localhost', ...bearer(scope) } })
      if (statusCode === 403) refused.push(scope)
    }
    t.equal(refused.length, SCOPES.length - 1, `${method} ${url} is open to one scope alone: not to ${refused.join(', ')}`)
    if (method !== 'GET') t.ok(refused.includes('read'), `${method} ${url} is closed to a key that may only read`)
  }
})

t.test('any key that is known may ask what may be done with it', async (t) => {
  const app = await openApp(t, { keys: JSON.stringify([entry('scraper', ['metrics']), entry('ops', ['operate', 'read'])]) })
  const me = async (headers: object) => (await app.inject({ url: '/me', headers: { host: 'localhost', ...headers } })).json<object>()
  t.same(await me(bearer('scraper')), { name: 'scraper', scopes: ['metrics'], key_needed: true })
  t.same(await me(bearer('ops')), { name: 'ops', scopes: ['read', 'operate'], key_needed: true })
  t.match(await me(bearer('nobody')), { statusCode: 401, code: 'UNAUTHORIZED' })
  const free = await openApp(t)
  t.same((await free.inject({ url: '/me', headers: { host: 'localhost' } })).json(), { name: 'anybody', scopes: [...SCOPES], key_needed: false })
})

t.test('401 says how to ask, 403 names the key and the scope', async (t) => {
  const app = await openApp(t, { keys: JSON.stringify([entry('ci', ['read'])]) })
  const none = await app.inject({ url: '/jobs/x', headers: { host: 'localhost' } })
  t.equal(none.headers['www-authenticate'], 'Bearer realm="signalbox"')
  const wrong = await app.inject({ url: '/jobs/x', headers: { host: 'localhost', ...bearer('no') } })
  t.equal(wrong.headers['www-authenticate'], 'Bearer realm="signalbox", error="invalid_token"')
  const scope = await app.inject({ method: 'POST', url: '/queues/x/pause', headers: { host: 'localhost', ...bearer('ci') } })
  t.match(scope.json(), { statusCode: 403, code: 'FORBIDDEN', message: 'the key ci does not have the scope operate' })
  for (const word of ['bearer', 'BEARER', 'Bearer  ']) {
    const { statusCode } = await app.inject({ method: 'POST', url: '/queues/x/pause', headers: { host: 'localhost', authorization: `${word} ci` } })
    t.equal(statusCode, 403, `${word} is understood`)
  }
})

t.test('a key submits the types and sources that it names, and no others', async (t) => {
  const app = await openApp(t, { keys: JSON.stringify([entry('ci', ['submit'], { types: ['new_*'], sources: ['/jobs', '/staging/*'] })]) })
  const submit = async (event: object) => await app.inject({ method: 'POST', url: '/jobs', headers: { host: 'localhost', ...bearer('ci') }, payload: event })
  t.match((await submit({ type: 'old_assembly' })).json(), { statusCode: 403, message: 'the key ci does not have the scope submit for events "old_assembly" of "/jobs"' })
  t.match((await submit({ type: 'new_assembly', source: '/elsewhere' })).json(), { statusCode: 403, code: 'FORBIDDEN' })
  t.not((await submit({ type: 'new_assembly', source: '/staging/1' })).statusCode, 403)
})

t.test('the one token may do all, and leaves /metrics open; named keys close it', async (t) => {
  const one = await openApp(t, { token: 'secret' })
  t.equal((await one.inject({ url: '/metrics', headers: { host: 'localhost' } })).statusCode, 200)
  t.equal((await one.inject({ url: '/board/', headers: { host: 'localhost' } })).statusCode, 401)
  t.equal((await one.inject({ url: '/board/', headers: { host: 'localhost', ...bearer('secret') } })).statusCode, 200)
  const named = await openApp(t, { keys: JSON.stringify([entry('monitor', ['metrics'])]) })
  t.equal((await named.inject({ url: '/metrics', headers: { host: 'localhost' } })).statusCode, 401)
  t.equal((await named.inject({ url: '/metrics', headers: { host: 'localhost', ...bearer('monitor') } })).statusCode, 200)
  t.equal((await named.inject({ url: '/live', headers: { host: 'localhost' } })).statusCode, 200)
})

t.test('a file of keys is read again when it changes; a bad one changes nothing', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sb-keys-'))
  t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })
  const file = join(folder, 'keys.json')
  const lines: string[] = []
  const log = pino({ level: 'info' }, { write: (line: string) => { lines.push(line) } })
  let stamp = 1_000_000
  const write = (text: string): void => {
    writeFileSync(file, text)
    utimesSync(file, stamp, stamp += 10)
  }
  write(JSON.stringify([entry('old', ['read'])]))
  const ring = createKeyRing({ token: '', keys: file, log })
  t.equal(ring.find('old')?.name, 'old')
  const until = async (what: () => boolean): Promise<void> => {
    while (!what()) await new Promise((resolve) => { setTimeout(resolve, 50) })
  }
  write(JSON.stringify([entry('new', ['read'])]))
  await until(() => ring.find('new') !== undefined)
  t.equal(ring.find('old'), undefined)
  write('[{')
  await until(() => { ring.find('new'); return lines.some((line) => line.includes('cannot be read')) })
  t.equal(ring.find('new')?.name, 'new')
  t.throws(() => createKeyRing({ token: '', keys: file, log }), { code: 'INVALID_CONFIG' })
})

t.test('each change is a line in the log with the name of the key, and never the key', async (t) => {
  const lines: string[] = []
  const app = await openApp(t, { keys: JSON.stringify([entry('sbx_ops-key', ['operate'], { name: 'ops' })]), lines })
  await app.inject({ method: 'DELETE', url: '/jobs/p/j', headers: { host: 'localhost', ...bearer('sbx_ops-key') } })
  await app.inject({ method: 'PUT', url: '/blocks/smtp/x', headers: { host: 'localhost', ...bearer('sbx_ops-key') }, payload: { password: 'hidden' } })
  const audits = lines.map((line) => JSON.parse(line) as { audit?: string }).filter(({ audit }) => audit !== undefined)
  t.match(audits, [
    { audit: 'cancelJob', caller: 'ops', params: { process: 'p', id: 'j' } },
    { audit: 'putBlock', status: 403, msg: 'refused to a caller' }
  ])
  t.notMatch(lines.join(''), /sbx_ops-key|hidden/)
})

t.test('many requests of one key and address, and many wrong keys, are 429 with Retry-After', async (t) => {
  const app = await openApp(t, { keys: JSON.stringify([entry('a', ['read']), entry('b', ['read'])]), requestsPerMinute: 3 })
  const ask = async (key: string) => await app.inject({ url: '/openapi.json', headers: { host: 'localhost', ...bearer(key) } })
  t.same([(await ask('a')).statusCode, (await ask('a')).statusCode, (await ask('a')).statusCode], [200, 200, 200])
  const fourth = await ask('a')
  t.match(fourth.json(), { statusCode: 429, code: 'RATE_EXCEEDED' })
  t.match(fourth.headers['retry-after'], /^[1-9]\d?$/)
  t.equal((await ask('b')).statusCode, 200, 'another key is not concerned')
  for (let i = 0; i < 60; i++) await ask('wrong')
  t.equal((await ask('wrong')).statusCode, 429)
})

t.test('what a browser opens asks no other host and is framed by nobody', async (t) => {
  const app = await openApp(t)
  for (const url of ['/docs/', '/board/', '/openapi.json', '/nowhere']) {
    const { headers } = await app.inject({ url, headers: { host: 'localhost' } })
    t.match(headers['content-security-policy'], /default-src 'self'/, url)
    t.match(headers['content-security-policy'], /frame-ancestors 'none'/, url)
    t.equal(headers['x-content-type-options'], 'nosniff', url)
    t.equal(headers['referrer-policy'], 'no-referrer', url)
  }
})
