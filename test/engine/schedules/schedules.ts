import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import t from 'tap'
import { createLoops } from '../../../src/base/loops.ts'
import type { Dispatch } from '../../../src/engine/dispatch/dispatch.ts'
import { errors } from '../../../src/base/errors.ts'
import type { KeyedEvent } from '../../../src/base/event.ts'
import { loadLookups, type Lookups } from '../../../src/engine/lookups/lookups.ts'
import { createMemoryLedger } from '../../../src/ledger/memory.ts'
import { openWork } from '../../../src/queues/open-work.ts'
import { checkRun } from '../../../src/runners/entry.ts'
import { shipped } from '../../../src/roles/shipped.ts'
import { scheduleNotes } from '../../../src/engine/schedules/note.ts'
import { startScheduleTicks } from '../../../src/engine/schedules/schedule-ticks.ts'
import { missing, openAnyBackend, openBackend, until } from '../../fixtures/servers.ts'
import { createCall, openService, roleEnvironment, spawnRole, step, temporaryFolder, writeLookups, type Call } from '../../fixtures/service.ts'

const { processes: builtIns } = shipped

type Listed = { id: string, type: string, source: string, time: string }

const eventsOf = async (call: Call, type: string): Promise<Listed[]> => (await call('GET', `/events?limit=200&type=${type}`)).body.items
const scheduleOf = async (call: Call, name: string) => (await call('GET', '/schedules')).body.items.find((one: { schedule: string }) => one.schedule === name)

t.test('every problem of the file is told, with its entry', async (t) => {
  const folder = temporaryFolder(t)
  const cases: Array<[Record<string, unknown>, RegExp]> = [
    [{ type: 'other', cron: '0 6 * * *' }, /s: makes events of the type other, which event_lookup\.json does not list/],
    [{ type: 'e' }, /s: needs either cron or every/],
    [{ type: 'e', cron: '0 6 * * *', every: '1h' }, /s: needs either cron or every/],
    [{ type: 'e', cron: '0 6 * *' }, /s: cron "0 6 \* \*" does not have the five fields/],
    [{ type: 'e', cron: '0 25 * * *' }, /s: cron "0 25 \* \* \*" is no cron expression/],
    [{ type: 'e', every: '10ms' }, /s: every "10ms" is less than a second/],
    [{ type: 'e', every: 'soon' }, /s: every must match pattern/],
    [{ type: 'e', every: '1h', timezone: 'Europe/Zurich' }, /s: timezone goes with cron only/],
    [{ type: 'e', cron: '0 6 * * *', timezone: 'Mars/Olympus' }, /s: timezone "Mars\/Olympus" is not known/],
    [{ type: 'e', cron: '0 6 * * *', data: [] }, /s: data must be object/],
    [{ type: 'e', cron: '0 6 * * *', subject: 'a\nb' }, /s: subject must not hold control characters/],
    [{ type: 'e', cron: '0 6 * * *', nosuch: 1 }, /s: must NOT have additional properties: nosuch/]
  ]
  for (const [entry, message] of cases) {
    writeLookups(folder, { events: { e: [] }, processes: {}, schedules: { s: entry } })
    await t.rejects(loadLookups({ folder, checkRun, builtIns }), { code: 'INVALID_LOOKUPS', message: new RegExp(`schedule_lookup\\.json: (?:${message.source})`) }, String(message))
  }
  writeLookups(folder, { events: { e: [] }, processes: {}, schedules: { '1 bad': { type: 'e', every: '1h' } } })
  await t.rejects(loadLookups({ folder, checkRun, builtIns }), { message: /1 bad: is no name for a schedule/ })
  writeFileSync(join(folder, 'schedule_lookup.json'), '[]')
  await t.rejects(loadLookups({ folder, checkRun, builtIns }), { message: /schedule_lookup\.json: the file must be object/ })
})

t.test('times, zones and data of schedules and default parameters come from the environment', async (t) => {
  const folder = temporaryFolder(t)
  const schema = { type: 'object', properties: { data: { type: 'object', properties: { remote: { type: 'boolean' } } } } }
  const processes = { p: step({ params: { default: { remote: { env: 'REMOTE', type: 'boolean', default: false }, mode: 'plain' }, schema } }) }
  const from = { type: 'e', cron: { env: 'CRON_A' }, timezone: { env: 'TZ_A' }, data: { remote: { env: 'REMOTE', type: 'boolean' }, most: { env: 'MOST', type: 'integer', default: 5 }, list: [{ env: 'MOST', type: 'integer' }, { env: 'WORD' }], env: 'kept' } }
  writeLookups(folder, { events: { e: ['p'] }, processes, schedules: { a: from, b: { type: 'e', cron: { env: 'CRON_B' } }, c: { type: 'e', every: { env: 'EVERY_C' } }, d: { type: 'e', cron: { env: 'CRON_D', default: '@daily' } } } })
  const load = async (env: Record<string, string>) => await loadLookups({ folder, checkRun, builtIns, env })

  const { schedules, processes: defined, remarks, hash } = await load({ CRON_A: ' 0 5 * * * ', TZ_A: 'Europe/Zurich', REMOTE: 'Yes', WORD: 'w', CRON_B: '', EVERY_C: '2h' })
  t.same([...schedules.keys()], ['a', 'c', 'd'])
  t.match(schedules.get('a'), { pattern: '0 5 * * *', timezone: 'Europe/Zurich', data: { remote: true, most: 5, list: ['w'], env: 'kept' } })
  t.match([schedules.get('c')?.pattern, schedules.get('d')?.pattern], ['every 2h', '@daily'])
  t.same(remarks, ['schedule_lookup.json: b: there is no such schedule, because CRON_B is not set'])
  t.same(defined.get('p')?.defaults, { remote: true, mode: 'plain' })

  const bare = await load({})
  t.same([...bare.schedules.keys()], ['d'])
  t.same(bare.processes.get('p')?.defaults, { remote: false, mode: 'plain' })
  t.not(bare.hash, hash, 'other values are other lookups')
  const cases: Array<[Record<string, string>, RegExp]> = [
    [{ CRON_A: '0 25 * * *' }, /schedule_lookup\.json: a: cron "0 25 \* \* \*" is no cron expression: .* \(from CRON_A\)/],
    [{ CRON_A: '0 5 * * *', TZ_A: 'Mars/Olympus' }, /a: timezone "Mars\/Olympus" is not known \(from TZ_A\)/],
    [{ EVERY_C: 'soon' }, /c: every must match pattern .* \(from EVERY_C\)/],
    [{ REMOTE: 'perhaps' }, /p\/params\/default: REMOTE: "perhaps" must be boolean/],
    [{ CRON_A: '0 5 * * *', MOST: '1.5' }, /MOST: "1\.5" must be integer/]
  ]
  for (const [env, message] of cases) await t.rejects(load(env), { code: 'INVALID_LOOKUPS', message })
})

t.test('the queues of Signalbox are not for processes', async (t) => {
  const folder = temporaryFolder(t)
  for (const queue of ['schedules', 'backfills', 'notifications']) {
    writeLookups(folder, { events: {}, processes: { p: step({ queue }) } })
    await t.rejects(loadLookups({ folder, checkRun, builtIns }), { message: new RegExp(`the queue ${queue} is taken`) })
  }
})

t.test('the hash tells of a changed schedule, and is the old one without the file', async (t) => {
  const folder = temporaryFolder(t)
  writeLookups(folder, { events: { e: [] }, processes: {} })
  const without = await loadLookups({ folder, checkRun, builtIns })
  writeLookups(folder, { events: { e: [] }, processes: {}, schedules: { s: { type: 'e', every: '1h' } } })
  const hourly = await loadLookups({ folder, checkRun, builtIns })
  t.equal(hourly.schedules.get('s')?.pattern, 'every 1h')
  t.not(without.hash, hourly.hash)
})

t.test('ticks become events with their time as id; schedules are paused, resumed, changed and removed', { timeout: 100_000 }, async (t) => {
  const backend = await openAnyBackend()
  t.teardown(() => backend.close())
  const lookups = {
    events: { ticked: ['note'], rare: [], other: [] },
    processes: { note: step() },
    schedules: {
      fast: { type: 'ticked', every: '1s', subject: 'clock', data: { a: 1 } },
      shared: { type: 'other', every: '1s', source: '/mine' },
      asleep: { type: 'rare', every: '1s', paused: true },
      nightly: { type: 'rare', cron: '0 6 * * *', timezone: 'America/Los_Angeles', description: 'Each morning' }
    }
  }
  const first = await openService(t, { backend: backend.url, lookups })
  await until(async () => (await eventsOf(first.call, 'ticked')).length >= 3)
  const [event] = await eventsOf(first.call, 'ticked')
  const tree = (await first.call('GET', `/events/${event?.id}`)).body
  t.match(tree.event, { type: 'ticked', source: '/schedules/fast', id: /^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, subject: 'clock', data: { a: 1 } })
  t.same([tree.event.time, tree.event.data.tick], [tree.event.id, tree.event.id])
  t.match((await first.call('GET', `/events/${(await eventsOf(first.call, 'other'))[0]?.id}`)).body.event, { source: '/mine', id: /^shared\/20/ })

  const { body } = await first.call('GET', '/schedules')
  t.equal(body.next, null)
  t.same(body.items.map((one: { schedule: string }) => one.schedule), ['fast', 'shared', 'asleep', 'nightly'])
  t.match(body.items[0], { type: 'ticked', cron: null, every: '1s', timezone: 'UTC', subject: 'clock', paused: false, next: /Z$/, last: /Z$/, problem: null })
  t.match(body.items[2], { paused: true, next: null, last: null, event: null })
  t.match(body.items[3], { cron: '0 6 * * *', every: null, timezone: 'America/Los_Angeles', next: /T1[34]:00:00Z$/, description: 'Each morning' })
  t.equal((await eventsOf(first.call, 'rare')).length, 0, 'a paused schedule makes no events')

  t.match(await first.call('POST', '/schedules/fast/pause'), { status: 200, body: { schedule: 'fast', paused: true, next: null } })
  t.match(await first.call('POST', '/schedules/none/pause'), { status: 404, body: { code: 'UNKNOWN_SCHEDULE' } })
  t.match(await first.call('POST', '/schedules/asleep/resume'), { status: 200, body: { paused: false } })
  await until(async () => (await eventsOf(first.call, 'rare')).length >= 1)
  await first.service.stop()

  const second = await openService(t, { backend: backend.url, lookups })
  const paused = (await eventsOf(second.call, 'ticked')).length
  const others = (await eventsOf(second.call, 'rare')).length
  await until(async () => (await eventsOf(second.call, 'rare')).length >= others + 1)
  t.equal((await eventsOf(second.call, 'ticked')).length, paused, 'a pause outlives a restart')
  t.equal((await scheduleOf(second.call, 'fast')).paused, true)
  await second.call('POST', '/schedules/fast/resume')
  await until(async () => (await eventsOf(second.call, 'ticked')).length > paused)

  writeLookups(second.folder, { ...lookups, schedules: { nightly: { type: 'rare', cron: '30 7 * * *' }, added: { type: 'ticked', every: '1s' } } })
  await until(async () => (await eventsOf(second.call, 'ticked')).some((one) => one.source === '/schedules/added'))
  t.match((await second.call('GET', '/schedules')).body.items, [{ schedule: 'nightly', next: /T07:30:00Z$/ }, { schedule: 'added' }])
  const count = async (): Promise<number> => (await eventsOf(second.call, 'ticked')).filter((one) => one.source === '/schedules/fast').length
  const left = await count()
  const added = (await eventsOf(second.call, 'ticked')).length
  await until(async () => (await eventsOf(second.call, 'ticked')).length >= added + 1)
  t.equal(await count(), left, 'one that was removed makes no more')
})

t.test('a tick is kept while the datastore or the service refuses, and given up where its event never can be', { timeout: 60_000 }, async (t) => {
  const backend = await openAnyBackend()
  const { work } = await openWork({ backend: backend.url, prefix: '{test}', connections: 2, timeoutMs: 5000, onError: () => {} })
  await work.migrate()
  const ledger = createMemoryLedger()
  const entry = (name: string, type: string) => ({ name, type, every: '1s', pattern: 'every 1s', timezone: 'UTC', paused: false })
  const lookups: Lookups = { hash: '', eventTypes: new Map(), processes: new Map(), schedules: new Map([['good', entry('good', 'good')], ['bad', entry('bad', 'bad')]]), warnings: [] }
  const tried: string[] = []
  const stored: string[] = []
  const submit: Dispatch['submit'] = async ({ event, key }: KeyedEvent) => {
    if (event.type === 'bad') throw errors.invalidEvent('data/x', 'is required')
    tried.push(event.id)
    if (tried.filter((id) => id === event.id).length === 1) throw errors.backendUnavailable()
    stored.push(event.id)
    return { key, jobs: [], known: false, entry: event.type }
  }
  const ticks = startScheduleTicks({ ledger, work, dispatch: { submit }, now: Date.now, lookups: () => lookups, onLookups: () => {}, lockMs: 2000, stalledMs: 500, log: pino({ level: 'silent' }), loops: createLoops(() => {}), onError: () => {} })
  t.teardown(async () => {
    await ticks.close()
    await work.close()
    await backend.close()
  })
  await until(() => stored.length >= 3)
  t.equal(new Set(stored).size, stored.length)
  const seconds = stored.map((id) => Date.parse(id) / 1000).sort((a, b) => a - b)
  t.equal((seconds.at(-1) ?? 0) - (seconds[0] ?? 0), seconds.length - 1, 'none is missing')
  const [note] = await scheduleNotes(ledger).read(['bad'])
  t.match(note?.problem, /data\/x is required/)
})

t.test('three result pollers and one tick make one event', { skip: missing('redis'), timeout: 100_000 }, async (t) => {
  const backend = await openBackend('redis')
  const folder = temporaryFolder(t)
  writeLookups(folder, { events: { ticked: [] }, processes: {}, schedules: { one: { type: 'ticked', every: '1s' }, two: { type: 'ticked', every: '2s' } } })
  const env = await roleEnvironment(folder, backend.url)
  const roles = await Promise.all(['api', 'results', 'results', 'results'].map((role) => spawnRole(role, role === 'api' ? env : { ...env, SIGNALBOX_STATUS_PORT: '-1' })))
  const call = createCall(`http://127.0.0.1:${env['PORT']}`)
  t.teardown(async () => {
    await call.close()
    for (const role of roles) await role.end('SIGKILL')
    await backend.close()
  })
  await until(async () => (await eventsOf(call, 'ticked')).length >= 7)
  await roles[1]?.end('SIGKILL')
  const before = (await eventsOf(call, 'ticked')).length
  await until(async () => (await eventsOf(call, 'ticked')).length >= before + 3)
  const events = await eventsOf(call, 'ticked')
  for (const [name, lengthS] of [['one', 1], ['two', 2]] as const) {
    const times = events.filter(({ source }) => source === `/schedules/${name}`).map(({ time }) => Date.parse(time) / 1000).sort((a, b) => a - b)
    t.equal(new Set(times).size, times.length, `${name}: no tick twice`)
    t.ok(times.every((time) => time % lengthS === 0), `${name}: the times of the ticks are exact`)
  }
})
