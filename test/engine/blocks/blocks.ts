import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { Type } from 'typebox'
import { createBlocks } from '../../../src/engine/blocks/blocks.ts'
import { checkBlock } from '../../../src/sdk/blocks/check.ts'
import { secret, variableOf } from '../../../src/sdk/blocks/kind.ts'
import { coreDatabase } from '../../../src/sdk/blocks/kinds/core_database.ts'
import { createRedactor, SHORT } from '../../../src/sdk/blocks/redactor.ts'
import { shipped } from '../../../src/roles/shipped.ts'
import { createKeys } from '../../../src/engine/blocks/seal.ts'
import { createMemoryLedger } from '../../../src/ledger/memory.ts'
import { maskBlock, secretsOf } from '../../../src/sdk/blocks/secrets.ts'
import { readBlocks } from '../../../src/cli/read-blocks.ts'
import { renderKinds } from '../../../scripts/kinds.ts'
import { dumpOf } from '../../fixtures/dump.ts'
import { openHttpReceiver, quiet } from '../../fixtures/receivers.ts'
import { formsOf } from '../../fixtures/secret-forms.mjs'
import { BACKENDS, missing, openAnyBackend, openBackend, until } from '../../fixtures/servers.ts'
import { command, openService, roleEnvironment, spawnRole, temporaryFolder, writeLookups, createCall } from '../../fixtures/service.ts'
import { HOME } from '../../fixtures/places.ts'

const { kinds } = shipped

const KEY = randomBytes(32).toString('base64')
const OTHER = randomBytes(32).toString('hex')
const TELL = { module: join(HOME, 'test', 'fixtures', 'modules', 'blocks.mjs'), export: 'tell' }
const none = { add: () => {} }

t.test('a sealed block opens in its place only, unchanged only, and by its key only', async (t) => {
  const keys = createKeys(KEY)
  const sealed = keys.seal('smtp/a', { password: 'geheim' })
  t.same(keys.open('smtp/a', sealed), { password: 'geheim' })
  t.not(keys.seal('smtp/a', { password: 'geheim' }).data, sealed.data, 'never sealed alike')
  t.throws(() => keys.open('smtp/b', sealed), { code: 'BLOCK_TAMPERED' })
  const flipped = (text: string): string => `${text.startsWith('A') ? 'B' : 'A'}${text.slice(1)}`
  for (const part of ['iv', 'tag', 'data'] as const) t.throws(() => keys.open('smtp/a', { ...sealed, [part]: flipped(sealed[part]) }), { code: 'BLOCK_TAMPERED' }, part)
  t.throws(() => keys.open('smtp/a', { ...sealed, tag: sealed.tag.slice(0, 8) }), { code: 'BLOCK_TAMPERED' }, 'a short tag')
  t.throws(() => createKeys(OTHER).open('smtp/a', sealed), { code: 'WRONG_SECRET_KEY', message: /smtp\/a.*SIGNALBOX_SECRET_KEY_OLD/ })
  t.throws(() => createKeys('').open('smtp/a', sealed), { code: 'WRONG_SECRET_KEY', message: /SIGNALBOX_SECRET_KEY is not set/ })
  t.throws(() => createKeys('').seal('smtp/a', {}), { code: 'NO_SECRET_KEY' })
  t.same(createKeys(OTHER, KEY).open('smtp/a', sealed), { password: 'geheim' }, 'by the key before')
})

t.test('secrets are masked at any depth, and only they', async (t) => {
  const schema = Type.Object({
    user: Type.String(),
    password: Type.Optional(secret(Type.String())),
    empty: secret(Type.String()),
    settings: Type.Object({ client: Type.Object({ key: secret(Type.String()), endpoint: Type.String() }) }),
    accounts: Type.Array(Type.Object({ token: secret(Type.String()), id: Type.Integer() })),
    headers: Type.Record(Type.String(), secret(Type.String())),
    either: Type.Union([Type.Object({ kind: Type.Literal('a'), pin: secret(Type.Integer()) }), Type.Null()]),
    whole: secret(Type.Object({ inside: Type.String() }))
  })
  t.same((schema as { required?: string[] }).required, ['user', 'empty', 'settings', 'accounts', 'headers', 'either', 'whole'], 'an optional one stays optional')
  t.same(checkBlock({ kind: 'x', description: '', schema: Type.Object({ p: secret(Type.Optional(Type.String())) }), env: {} }, {}), { value: {} })
  const value = { user: 'u', password: 'p1-secret', empty: '', settings: { client: { key: 'p2-secret', endpoint: 'e' } }, accounts: [{ token: 'p3-secret', id: 1 }], headers: { auth: 'p4-secret' }, either: { kind: 'a', pin: 123456 }, whole: { inside: 'p5-secret' } }
  t.same(maskBlock(schema, value), { user: 'u', password: '***', empty: '', settings: { client: { key: '***', endpoint: 'e' } }, accounts: [{ token: '***', id: 1 }], headers: { auth: '***' }, either: { kind: 'a', pin: '***' }, whole: '***' })
  const found = secretsOf(schema, value)
  t.same(['p1-secret', 'p2-secret', 'p3-secret', 'p4-secret', 'p5-secret', '123456'].filter((one) => !found.includes(one)), [])
})

t.test('a redactor takes out secrets in every form, and short ones where they stand alone', async (t) => {
  const redactor = createRedactor()
  redactor.add(secretsOf(coreDatabase.schema, { user: 'me', password: 'a"b/c d$(.*' }))
  redactor.add(secretsOf(kinds.get('amqp')?.schema ?? Type.Object({}), { url: 'amqp://guest:p%40ss-word@rabbit/vhost' }))
  redactor.add(secretsOf(kinds.get('slack_webhook')?.schema ?? Type.Object({}), { url: 'https://hooks.example/services/T0/B0/abcdef' }))
  redactor.add(['pw'])
  const forms = ['a"b/c d$(.*', JSON.stringify('a"b/c d$(.*').slice(1, -1), encodeURIComponent('a"b/c d$(.*'), Buffer.from('me:a"b/c d$(.*').toString('base64'), 'amqp://guest:p%40ss-word@rabbit/vhost', 'p@ss-word', '/services/T0/B0/abcdef']
  t.same(forms.map((form) => redactor.text(`<${form}>`)), forms.map(() => '<***>'))
  t.equal(redactor.text('pw is pw, not pwd or xpw'), '*** is ***, not pwd or xpw')
  t.same(redactor.value({ a: ['p@ss-word', 1, null], 'p@ss-word': true }), { a: ['***', 1, null], '***': true })
  fc.assert(fc.property(fc.array(fc.string({ unit: 'binary', minLength: SHORT }), { minLength: 1, maxLength: 4 }), fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (secrets, before, after) => {
    const one = createRedactor()
    one.add(secrets)
    const text = one.text(`${before}${secrets.join(after)}${before}`).replaceAll('***', '')
    return secrets.every((each) => !text.includes(each) || each.includes('*'))
  }), { numRuns: 50 })
})

t.test('a block is created once, changed in place, shared, and removed', async (t) => {
  const ledger = createMemoryLedger()
  const here = createBlocks({ ledger, keys: createKeys(KEY), redactor: none, kinds })
  const there = createBlocks({ ledger, keys: createKeys(KEY), redactor: none, kinds })
  await t.rejects(there.get(coreDatabase, 'staging'), { code: 'FINAL', message: 'there is no block "staging" of the kind core_database, nor any other of that kind' })
  t.match(await here.put('core_database', 'staging', { host: 'h', user: 'u', password: 'geheim' }), { change: 'created', value: { password: '***', port: 3306 }, key: 'current' })
  t.same(await there.get(coreDatabase, 'staging'), { host: 'h', user: 'u', password: 'geheim', port: 3306, tls: false })
  t.match(await there.put('core_database', 'staging', { password: 'geheim', port: 3306, user: 'u', host: 'h' }), { change: 'unchanged' }, 'whatever the order of its fields')
  t.match(await there.put('core_database', 'staging', { host: 'h', user: 'u', password: 'neu' }), { change: 'changed' })
  t.equal((await here.get(coreDatabase, 'staging')).password, 'neu')
  await t.rejects(here.get(coreDatabase, 'stagin'), { code: 'FINAL', message: 'there is no block "stagin" of the kind core_database; there are staging' })
  await t.rejects(here.get('core_databse', 'staging'), { code: 'FINAL', message: /there is no kind of block "core_databse"; there are amqp, / })
  await Promise.all([here.put('core_database', 'a', { host: 'h', user: 'u' }), there.put('core_database', 'b', { host: 'h', user: 'u' })])
  t.same((await here.list()).map(({ name }) => name), ['a', 'b', 'staging'], 'two at once are both stored')
  t.match(await here.remove('core_database', 'staging', false), { change: 'removed' })
  await t.rejects(here.remove('core_database', 'staging', false), { code: 'BLOCK_NOT_FOUND' })
  t.notMatch(JSON.stringify([...ledger.documents()]), /geheim|neu/)
})

t.test('what does not fit its kind is refused with all that is wrong, and without its values', async (t) => {
  const blocks = createBlocks({ ledger: createMemoryLedger(), keys: createKeys(KEY), redactor: none, kinds })
  const cases: Array<[kind: string, name: string, value: unknown, expected: { code: string, message?: string | RegExp }]> = [
    ['smpt', 'x', {}, { code: 'UNKNOWN_KIND', message: /"smpt"; there are amqp/ }],
    ['smtp', 'X', {}, { code: 'INVALID_BLOCK', message: /^name must match/ }],
    ['smtp', 'x', [], { code: 'INVALID_BLOCK', message: 'it must be an object' }],
    ['smtp', 'x', { port: 'geheim', pasword: 'geheim' }, { code: 'INVALID_BLOCK', message: 'host is missing; from is missing; pasword is not a field of this kind; port must be integer' }],
    ['smtp', 'x', { host: 'h', from: 'a@b', password: 'geheim' }, { code: 'INVALID_BLOCK', message: 'username is needed with password' }],
    ['core_database', 'x', { user: 'u' }, { code: 'INVALID_BLOCK', message: 'it must have host or socket_path' }],
    ['amqp', 'x', { url: 'geheim', exchange: 'e', exchange_type: 'geheim' }, { code: 'INVALID_BLOCK', message: 'url must match pattern "^amqps?://"; exchange_type must be "topic" or "direct" or "fanout" or "headers"' }],
    ['core_database', 'x', { host: 'h', user: 'u', password: '***' }, { code: 'INVALID_BLOCK', message: 'password is the mask of a secret, not the secret' }],
    ['core_database', 'x', { host: 'h', user: 'u', password: 'x'.repeat(17_000) }, { code: 'INVALID_BLOCK', message: 'the block is larger than 16384 bytes' }]
  ]
  for (const [kind, name, value, expected] of cases) await t.rejects(blocks.put(kind, name, value), expected)
  t.same(await blocks.list(), [])
  const noKey = createBlocks({ ledger: createMemoryLedger(), keys: createKeys(''), redactor: none, kinds })
  await t.rejects(noKey.put('slack_webhook', 'x', { url: 'https://a.b' }), { code: 'NO_SECRET_KEY', statusCode: 409 })
})

t.test('a key is changed without a moment in which a block cannot be read', async (t) => {
  const ledger = createMemoryLedger()
  const before = createBlocks({ ledger, keys: createKeys(KEY), redactor: none, kinds })
  await before.put('slack_webhook', 'a', { url: 'https://a.b' })
  const both = createBlocks({ ledger, keys: createKeys(OTHER, KEY), redactor: none, kinds })
  const after = createBlocks({ ledger, keys: createKeys(OTHER), redactor: none, kinds })
  t.match(await both.list(), [{ key: 'old', value: { url: '***' } }])
  t.match(await after.list(), [{ key: 'unreadable', value: {} }])
  await t.rejects(after.check(), { code: 'WRONG_SECRET_KEY' })
  t.same([await both.rekey(), await both.rekey()], [1, 0])
  await after.check()
  t.same(await after.get('slack_webhook', 'a'), { url: 'https://a.b' })
})

t.test('a file and the environment are read together, and all that is missing is listed at once', async (t) => {
  const file = {
    core_database: { staging: { host: { env: 'DB_HOST' }, port: { env: 'DB_PORT' }, user: 'u', password: { env: 'DB_PASSWORD' } } },
    smtp: { mail: { host: 'h', from: 'a@b', secure: { env: 'MAIL_TLS' } } }
  }
  const fromEnvironment = ['amqp/status-queue', 'slack_webhook/slack-status', 'core_database/staging', 'nope/x']
  t.same(readBlocks({ ...file, smtp: { mail: { from: 1 } }, amqp: [] }, fromEnvironment, { DB_HOST: 'db', DB_PORT: '' }, kinds).problems, [
    'core_database/staging: DB_PORT is not set',
    'core_database/staging: DB_PASSWORD is not set',
    'smtp/mail: host is missing',
    'smtp/mail: from must be string',
    'amqp: must be an object of blocks by name',
    'amqp/status-queue: STATUS_QUEUE_URL is not set',
    'amqp/status-queue: STATUS_QUEUE_EXCHANGE is not set',
    'slack_webhook/slack-status: SLACK_STATUS_WEBHOOK_URL is not set',
    'core_database/staging: is given twice',
    `nope/x: there is no kind of block "nope"; there are ${[...kinds.keys()].join(', ')}`
  ])
  const env = { DB_HOST: 'db', DB_PORT: '3307', DB_PASSWORD: '1234', MAIL_TLS: 'true', STATUS_QUEUE_URL: 'amqp://x', STATUS_QUEUE_EXCHANGE: 'reports', SLACK_STATUS_WEBHOOK_URL: 'https://x.y' }
  t.same(readBlocks(file, fromEnvironment.slice(0, 2), env, kinds), {
    problems: [],
    blocks: [
      { kind: 'core_database', name: 'staging', value: { host: 'db', port: 3307, user: 'u', password: '1234', tls: false } },
      { kind: 'smtp', name: 'mail', value: { host: 'h', from: 'a@b', secure: true, port: 587, require_tls: false } },
      { kind: 'amqp', name: 'status-queue', value: { url: 'amqp://x', exchange: 'reports', exchange_type: 'topic' } },
      { kind: 'slack_webhook', name: 'slack-status', value: { url: 'https://x.y' } }
    ]
  })
})

t.test('a list of a variable is JSON', async (t) => {
  const env = { YT_DOWNLOADER_COMMAND: '["/usr/bin/yt-dlp", "-q"]', YT_DOWNLOADER_HOSTS: '["a.example"]' }
  t.match(readBlocks({}, ['video_downloader/yt'], env, kinds), { problems: [], blocks: [{ value: { command: ['/usr/bin/yt-dlp', '-q'], hosts: ['a.example'] } }] })
  t.same(readBlocks({}, ['video_downloader/yt'], { ...env, YT_DOWNLOADER_COMMAND: '[yt-dlp' }, kinds).problems, ['video_downloader/yt: command must be array'])
})

t.test('every field of a kind has a variable, and the table of the docs is that of the kinds (npm run docs)', async (t) => {
  t.same([...kinds.values()].filter(({ schema, env }) => Object.keys((schema as { properties?: object }).properties ?? {}).join() !== Object.keys(env).join()).map(({ kind }) => kind), [])
  t.equal(variableOf('slack-status', 'WEBHOOK_URL'), 'SLACK_STATUS_WEBHOOK_URL')
  const page = readFileSync(join(HOME, 'docs', 'blocks.md'), 'utf8')
  t.equal(page, renderKinds(page))
})

const SECRETS = { password: 'Zwölf "Hunde"/9+x', webhook: 'https://hooks.example/services/T024BE7LD/B0HUSQ91X/9zN4kqP2vLw7', second: 'Another-Secret-77' }
const FORMS = Object.values(SECRETS).flatMap((one) => [one, encodeURIComponent(one), JSON.stringify(one).slice(1, -1), Buffer.from(`ens:${one}`).toString('base64')]).concat('9zN4kqP2vLw7')
const foundIn = (bytes: Buffer | string): string[] => FORMS.filter((form) => bytes.includes(form))
/** Told in every form that is known, some in each job. */
const TRICKY = 'Grün "Pass"/9+x&<y>\\z é=ü'
const EVERY_FORM = formsOf(TRICKY)
const AT_ONCE = 12
/** As it was told, and as JSON writes that down. */
const everyFormIn = (bytes: Buffer | string): string[] =>
  Object.entries(EVERY_FORM).filter(([, form]) => bytes.includes(form) || bytes.includes(JSON.stringify(form).slice(1, -1))).map(([name]) => name)

for (const name of BACKENDS) {
  t.test(`on ${name} a block is loaded with the value of now, and no secret is found anywhere`, { skip: missing(name) }, async (t) => {
    const backend = await openBackend(name)
    t.teardown(() => backend.close())
    const lines: string[] = []
    const lookups = {
      events: { in_thread: ['tell'], inline: ['tell_inline'], forms: ['tell_forms'], told: [] },
      processes: {
        tell_forms: { run: { ...TELL, export: 'tellForms' }, params: { default: { name: 'tricky', count: AT_ONCE } }, notify: [{ slack: { block: 'told' } }] },
        tell: { run: TELL, params: { default: { name: 'staging' } } },
        tell_inline: { run: { ...TELL, thread: false }, params: { default: { name: 'staging' } } }
      }
    }
    const common = { backend: backend.url, lookups, lines, env: { SIGNALBOX_SECRET_KEY: KEY, SIGNALBOX_BACKEND_TIMEOUT_MS: '20000' } }
    const alone = name === 'pglite'
    const api = await openService(t, { ...common, roles: alone ? ['api', 'worker', 'results'] : ['api'] })
    const workers = alone ? undefined : await openService(t, { ...common, roles: ['worker', 'results'], env: { ...common.env, SIGNALBOX_STORE: `file:${join(api.folder, 'store')}` } })
    const answers: string[] = []
    const ask = async (method: string, path: string, body?: unknown) => {
      const answer = await api.call(method, path, body)
      answers.push(JSON.stringify([answer.headers, answer.body]))
      return answer
    }
    const run = async (type: string, data: Record<string, unknown> = {}) => {
      const [[process = '', id = ''] = []] = (await ask('POST', '/jobs', { type, data })).body as Array<[string, string]>
      return (await ask('GET', `/jobs/${process}/${id}?wait=60`)).body
    }
    const staging = { host: 'db.example', user: 'ens', password: SECRETS.password }
    t.match(await ask('PUT', '/blocks/core_database/staging', staging), { status: 201, body: { change: 'created', value: { password: '***' } } })
    t.match(await ask('PUT', '/blocks/core_database/staging', staging), { status: 200, body: { change: 'unchanged' } })
    t.match(await ask('PUT', '/blocks/slack_webhook/status', { url: SECRETS.webhook }), { status: 201 })
    t.match(await ask('PUT', '/blocks/core_database/x', { user: SECRETS.password }), { status: 400, body: { code: 'INVALID_BLOCK', message: 'it must have host or socket_path' } })

    const expected = { marker: 'marker-in-the-output', host: 'db.example', port: 3306, password: '***', nested: [{ '***': 'mysql://ens:***@db.example/' }], basic: '***' }
    // The datastore makes no difference to what a process does.
    for (const type of alone ? ['in_thread', 'inline'] : ['in_thread']) {
      t.match(await run(type), { status: 'complete', output: expected, progress: { message: 'connected with ***' } }, type)
      t.match(await run(type, { way: 'throws' }), { status: 'failed', reason: 'cannot connect to mysql://ens:***@db.example/ with ***' }, type)
      t.match(await run(type, { way: 'long' }), { status: 'failed', reason: /^x+\*\*\*$/ }, 'what is cut is redacted first')
      t.match(await run(type, { name: 'stagin' }), { status: 'failed', reason: 'there is no block "stagin" of the kind core_database; there are staging' })
      t.match(await run(type, { kind: 'core_databse' }), { status: 'failed', reason: /there is no kind of block "core_databse"/ })
      t.match(await run(type, { kind: 'slack_webhook', name: 'status' }), { status: 'complete' })
    }
    if (alone) t.match(await run('in_thread', { way: 'uncaught' }), { status: 'failed', reason: 'uncaught ***' })
    await ask('PUT', '/blocks/core_database/staging', { ...staging, host: 'new.example', password: SECRETS.second })
    t.match(await run('in_thread'), { status: 'complete', output: { host: 'new.example', password: '***' } }, 'the value of now, without a restart')

    const { url: slack, received } = await openHttpReceiver(t)
    await ask('PUT', '/blocks/slack_webhook/told', { url: slack })
    await ask('PUT', '/blocks/core_database/tricky', { ...staging, password: TRICKY })
    for (let from = 0; from < Object.keys(EVERY_FORM).length; from += AT_ONCE) {
      t.match(await run('forms', { from }), { status: 'complete' })
      t.match(await run('forms', { from, way: 'throws' }), { status: 'failed', reason: /^marker-in-the-reason .*\*\*\*/s })
    }
    t.match(await run('forms', { from: 0, way: 'names' }), { status: 'failed', reason: /secret/ }, 'nor does a file bear one as its name')
    await quiet(api.call)
    const told = received.map(({ body }) => body).join('\n')
    t.match(told, 'marker-in-the-reason', 'and in a notice')
    t.same(everyFormIn(told), [], 'notices')

    const { items: events } = (await ask('GET', '/events?limit=200')).body as { items: Array<{ id: string }> }
    const jobs = (await Promise.all(['tell', 'tell_inline', 'tell_forms'].map(async (process) => (await ask('GET', `/jobs/${process}?limit=200`)).body.items))).flat() as Array<{ process: string, id: string }>
    for (const { id } of events) await ask('GET', `/events/${id}`)
    for (const { process, id } of jobs) for (const path of ['log', 'files']) await ask('GET', `/jobs/${process}/${id}/${path}`)
    const board = ['tell', 'tell_inline', 'tell_forms', 'events', 'notifications'].flatMap((queue) => ['latest', 'completed', 'failed'].map((status) => `/board/api/queues?activeQueue=${queue}&status=${status}&page=1&jobsPerPage=100`))
    for (const path of [...board, '/board', '/blocks', '/block_kinds', '/blocks/core_database/staging', '/blocks/slack_webhook/status', '/metrics', '/ready', '/openapi.json', '/processes', '/queues']) await ask('GET', path)
    await ask('POST', '/blocks/rekey')
    const text = answers.join('\n')
    t.match(text, 'marker-in-the-log', 'the search would find something in an answer')
    t.ok(text.split('marker-in-the-output').length > 4, 'and on the board')
    t.same([foundIn(text), everyFormIn(text)], [[], []], 'answers')

    await workers?.service.stop()
    await api.service.stop()
    t.match(lines.join('\n'), 'job failed', 'and in the log')
    t.same([foundIn(lines.join('\n')), everyFormIn(lines.join('\n'))], [[], []], 'the log')
    const dump = await dumpOf(backend)
    t.ok(dump.includes('marker-in-the-log') && dump.includes('marker-in-the-output'), 'and in the datastore')
    t.same([foundIn(dump), everyFormIn(dump)], [[], []], 'the datastore')
    const stored = [api.folder, ...readdirSync(join(api.folder, 'store'), { recursive: true }).map(String)].join('\n')
    t.match(stored, /told/, 'and a file has been written')
    t.same([foundIn(stored), everyFormIn(stored)], [[], []], 'the names of files')
  })
}

t.test('roles start with the key of their blocks only; the command line applies them, and forgets them where the key is lost', { timeout: 230_000 }, async (t) => {
  const folder = temporaryFolder(t)
  const backend = await openAnyBackend()
  t.teardown(() => backend.close())
  writeLookups(folder, { events: {}, processes: {} })
  const env = { ...await roleEnvironment(folder, backend.url), SIGNALBOX_SECRET_KEY: KEY, SIGNALBOX_TOKEN: 'token-of-the-service' }
  const url = `http://127.0.0.1:${env.PORT}`
  const client = { ...env, SIGNALBOX_URL: url, NO_COLOR: '1' }
  const service = await spawnRole('start', env)
  const call = createCall(url)
  t.teardown(() => call.close())
  t.equal((await call('GET', '/blocks')).status, 401)
  const file = join(folder, 'blocks.json')
  writeFileSync(file, JSON.stringify({ core_database: { platform: { host: 'db', user: 'me', password: { env: 'PLATFORM_PASSWORD' } } } }))
  t.match(await command(['blocks', 'apply', file, '--from-env', 'slack_webhook/status'], client), { code: 3, output: /nothing is stored.*platform: PLATFORM_PASSWORD is not set.*status: STATUS_WEBHOOK_URL is not set/s })
  const full = { ...client, PLATFORM_PASSWORD: SECRETS.password, STATUS_WEBHOOK_URL: SECRETS.webhook }
  t.match(await command(['blocks', 'apply', file, '--from-env', 'slack_webhook/status'], full), { code: 0, output: 'created    core_database/platform\ncreated    slack_webhook/status\n' })
  t.match(await command(['blocks', 'apply', file], full), { code: 0, output: 'unchanged  core_database/platform\n' })
  t.match(await command(['blocks'], client), { code: 0, output: /core_database +platform +host=db user=me password=\*\*\*/ })
  writeFileSync(file, `{ "password": ${SECRETS.second}`)
  t.match(await command(['blocks', 'apply', file], full), { code: 2, output: /blocks\.json is not JSON/ })
  await service.end('SIGTERM')
  t.same(foundIn(service.output()), [])
  t.match(await command(['start'], { ...env, SIGNALBOX_SECRET_KEY: '' }), { code: 1, output: /block core_database\/platform cannot be opened: SIGNALBOX_SECRET_KEY is not set/ })
  t.match(await command(['start'], { ...env, SIGNALBOX_SECRET_KEY: OTHER }), { code: 1, output: /stored with another key/ })
  t.match(await command(['check'], { ...env, SIGNALBOX_SECRET_KEY: 'short-secret-key' }), { code: 1, output: /SIGNALBOX_SECRET_KEY: its value must match/ })
  t.match(await command(['forget_blocks'], { ...env, SIGNALBOX_SECRET_KEY: OTHER }), { code: 0, output: '2 blocks are forgotten\n' })
  t.match(await command(['forget_blocks'], { ...env, SIGNALBOX_SECRET_KEY: OTHER }), { code: 0, output: '0 blocks are forgotten\n' })
})

t.test('a job lists its files; a link serves one of them, in ranges too, until it ends', async (t) => {
  const backend = await openAnyBackend()
  t.teardown(() => backend.close())
  const lookups = { events: { go: ['tell'], leave: ['tell'] }, processes: { tell: { run: TELL, params: { default: { name: 'staging' } } } } }
  const { call } = await openService(t, { backend: backend.url, lookups, env: { SIGNALBOX_SECRET_KEY: KEY, SIGNALBOX_TOKEN: 'token', SIGNALBOX_LINK_SECONDS: '2' } })
  const token = { authorization: 'Bearer token' }
  await call('PUT', '/blocks/core_database/staging', { host: 'h', user: 'u', password: 'geheim' }, token)
  const [[, id = ''] = []] = (await call('POST', '/jobs', { type: 'go', id: 'one', data: { way: 'throws' } }, token)).body as Array<[string, string]>
  t.equal((await call('GET', `/jobs/tell/${id}?wait=60`, undefined, token)).body.status, 'failed')
  const list = async () => (await call('GET', `/jobs/tell/${id}/files`, undefined, token)).body
  const { items: [file], unlisted, next } = await list()
  t.match(file, { name: 'told/one.txt', size: 14, sha256: /^[0-9a-f]{64}$/, url: /^file:\/\/.*told\/one\.txt$/ }, 'of an attempt that failed, too')
  t.same([unlisted, next], [0, null])
  const whole = await call('GET', file.link)
  t.match(whole, { status: 200, body: 'nothing secret', headers: { 'content-length': '14', 'content-type': 'application/octet-stream', 'content-disposition': "attachment; filename*=UTF-8''one.txt", 'x-content-type-options': 'nosniff' } }, 'without the token')
  t.match(await call('GET', file.link, undefined, { range: 'bytes=8-' }), { status: 206, body: 'secret', headers: { 'content-range': 'bytes 8-13/14' } })
  t.match(await call('GET', file.link, undefined, { range: 'bytes=14-' }), { status: 416, headers: { 'content-range': 'bytes */14' } })
  t.equal((await call('GET', file.link, undefined, { 'if-none-match': String(whole.headers['etag']) })).status, 304)
  const wrong = [file.link.replace('one.txt', 'two.txt'), file.link.replace(/expires=\d/, 'expires=9'), `${file.link.slice(0, -2)}AA`, file.link.replace(/signature=.*/, 'signature=x'), file.link.replace('told/', 'told/..%2F')]
  t.same(await Promise.all(wrong.map(async (link) => (await call('GET', link)).status)), wrong.map(() => 403))
  await until(async () => (await call('GET', file.link)).status === 403, 'the end of the link')
  t.match(await call('GET', file.link), { body: { code: 'LINK_INVALID' } })
  t.equal((await call('GET', (await list()).items[0].link)).status, 200, 'a new one is good')
  t.equal((await call('GET', '/jobs/tell/none/files', undefined, token)).status, 404)
  t.equal((await call('GET', `/jobs/tell/${id}/files?cursor=x`, undefined, token)).status, 400)
  await call('DELETE', `/jobs/tell/${id}`, undefined, token)
  t.equal((await call('GET', `/jobs/tell/${id}/files`, undefined, token)).status, 404)
})
