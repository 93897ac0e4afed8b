import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import t from 'tap'
import { createLoops } from '../../../src/base/loops.ts'
import { startBackfillDriver } from '../../../src/engine/backfills/driver.ts'
import { readBackfill, windowAt, countWindows } from '../../../src/engine/backfills/range.ts'
import { newState } from '../../../src/engine/backfills/state.ts'
import { readStates, writeNew } from '../../../src/engine/backfills/store.ts'
import { runClientCommand } from '../../../src/cli/commands.ts'
import { readDatetime, writeInstant } from '../../../src/base/datetime.ts'
import { errors } from '../../../src/base/errors.ts'
import { createMemoryLedger } from '../../../src/ledger/memory.ts'
import type { WorkerJob } from '../../../src/queues/work.ts'
import { createFakeStream } from '../../fixtures/fake-service.ts'
import { openAnyBackend, until } from '../../fixtures/servers.ts'
import { createCall, openService, roleEnvironment, spawnRole, STEPS, temporaryFolder, writeLookups, type Call } from '../../fixtures/service.ts'
import { DATA } from '../../fixtures/places.ts'
import { shipped } from '../../../src/roles/shipped.ts'

const VECTORS = join(DATA, 'cdp', 'vectors', 'fromisoformat_sample.json')

type Case = { input: string, ok: boolean, isoformat?: string, offset_seconds?: number | null }

t.test('dates and times are read as Python reads them', { skip: existsSync(VECTORS) ? false : 'the vectors are not on this machine' }, async (t) => {
  const { cases } = JSON.parse(readFileSync(VECTORS, 'utf8')) as { cases: Case[] }
  t.equal(cases.length, 19)
  for (const { input, ok, isoformat = '', offset_seconds: offset } of cases) {
    const local = isoformat.replace(/[+-]\d\d:\d\d(:\d\d)?$/, '')
    const expected = ok ? Date.parse(`${local.replace(/(\.\d{3})\d*$/, '$1')}Z`) - (offset ?? 0) * 1000 : undefined
    t.equal(readDatetime(input), expected, input)
  }
})

t.test('other forms of dates and times, read and refused', async (t) => {
  const good = { '2021-08-16T07Z': '2021-08-16T07:00:00Z', '2021-08-16x07:42': '2021-08-16T07:42:00Z', '2021-08-16 07:42:10 +02:00': '2021-08-16T05:42:10Z', '2021-W33': '2021-08-16T00:00:00Z', '20210816T074210-0700': '2021-08-16T14:42:10Z', '2021-08-16T07:42:10.1234567-07': '2021-08-16T14:42:10.123Z', '2024-02-29': '2024-02-29T00:00:00Z', '2020W537': '2021-01-03T00:00:00Z' }
  for (const [input, expected] of Object.entries(good)) t.equal(writeInstant(readDatetime(input) ?? Number.NaN), expected, input)
  for (const bad of ['', '2021', '2021-08-16T24:00', '2021-08-16T07:42:60', '2021-228', '2021-08-16 ', '2021-08-16T07:42z', '2021-02-29', '2021-W53-1', '2021-W33-8', '0000-01-01', '2021-08-16T07:42+24:00', '2021-08-16T']) t.equal(readDatetime(bad), undefined, bad)
})

t.test('windows are half-open, the last as long as the range allows', async (t) => {
  const { range } = readBackfill({ type: 'e', begin: '2026-01-01', end: '2026-01-08T12:00+00:00', every: '3d' })
  t.equal(countWindows(range), 3)
  t.same([0, 1, 2].map((index) => windowAt(range, index)), [
    { begin: '2026-01-01T00:00:00Z', end: '2026-01-04T00:00:00Z' },
    { begin: '2026-01-04T00:00:00Z', end: '2026-01-07T00:00:00Z' },
    { begin: '2026-01-07T00:00:00Z', end: '2026-01-08T12:00:00Z' }
  ])
  t.equal(countWindows(readBackfill({ type: 'e', begin: '2026-01-01', end: '2027-01-01', every: '1w' }).range), 53)
})

t.test('what is no backfill is refused with its field', async (t) => {
  const good = { type: 'e', begin: '2026-01-01', end: '2026-01-02', every: '1h' }
  const cases: Array<[unknown, string]> = [
    [[], ''], [{ ...good, type: undefined }, 'type'], [{ ...good, begin: 'soon' }, 'begin'], [{ ...good, end: '2026-02-30' }, 'end'], [{ ...good, begin: '2026-01-02' }, 'begin'],
    [{ ...good, begin: '2026-01-03' }, 'begin'], [{ ...good, every: '0d' }, 'every'], [{ ...good, every: '1 day' }, 'every'], [{ ...good, begin: '1926-01-01', every: '1m' }, 'every'],
    [{ ...good, concurrency: 0 }, 'concurrency'], [{ ...good, data: [] }, 'data'], [{ ...good, id: 'a/b' }, 'id'], [{ ...good, limit: 4 }, 'limit']
  ]
  for (const [body, field] of cases) t.throws(() => readBackfill(JSON.parse(JSON.stringify(body))), { code: 'INVALID_BACKFILL', statusCode: 400, field }, field)
})

const failing = ['2026-02-01T00:00:00Z', '2026-12-31T00:00:00Z']
const year = { type: 'gather', subject: 'seattle', begin: '2026-01-01', end: '2027-01-01', every: '1d', concurrency: 20, id: 'year' }
const lookupsOf = (trace: string, more = {}) => ({
  events: { gather: ['windowed'], other: [] },
  processes: { windowed: { run: { module: STEPS, export: 'windowed', thread: false }, params: { default: { trace, ...more } }, concurrency: 20 } }
})

const runsOf = (trace: string): string[] => readFileSync(trace, 'utf8').trim().split('\n')

async function ended (call: Call, id: string) {
  await until(async () => (await call('GET', `/backfills/${id}`)).body.ended !== null, `the end of ${id}`, 90_000)
  return (await call('GET', `/backfills/${id}`)).body
}

t.test('of 365 days two fail, are named, and a retry runs only those', { timeout: 150_000 }, async (t) => {
  const backend = await openAnyBackend()
  t.teardown(() => backend.close())
  const trace = join(temporaryFolder(t), 'trace')
  const { call, url } = await openService(t, { backend: backend.url, lookups: lookupsOf(trace, { failing }) })
  const signalbox = async (...line: string[]) => {
    const [stdout, stderr] = [createFakeStream(), createFakeStream()]
    const [name = '', ...args] = line
    const code = await runClientCommand(name, args, { env: { SIGNALBOX_URL: url }, stdout: stdout.stream, stderr: stderr.stream }, async () => shipped)
    return { code, out: stdout.text(), err: stderr.text() }
  }

  t.match(await call('POST', '/backfills', { ...year, type: 'none' }), { status: 404, body: { code: 'UNKNOWN_EVENT_TYPE' } })
  t.match(await call('POST', '/backfills', { ...year, end: 'x' }), { status: 400, body: { code: 'INVALID_BACKFILL', field: 'end' } })
  t.match(await call('POST', '/backfills?dry_run=true', year), { status: 200, body: { dry_run: true, windows: 365, first: { begin: '2026-01-01T00:00:00Z' }, last: { begin: '2026-12-31T00:00:00Z', end: '2027-01-01T00:00:00Z' }, concurrency: 20, known: false, processes: ['windowed'] } })
  t.match(await call('GET', '/backfills/year'), { status: 404, body: { code: 'BACKFILL_NOT_FOUND' } })
  const started = await call('POST', '/backfills', year)
  t.match(started, { status: 202, headers: { location: '/backfills/year' }, body: { id: 'year', status: 'running', windows: { total: 365, complete: 0 }, ended: null, tries: 1 } })
  t.match(await call('POST', '/backfills', { ...year, begin: '2026-01-01T00:00Z' }), { status: 200, body: { id: 'year' } }, 'the same in other words')
  t.match(await call('POST', '/backfills', { ...year, every: '2d' }), { status: 409, body: { code: 'BACKFILL_EXISTS' } })

  const waited = await signalbox('backfill', 'show', 'year', '--wait')
  t.equal(waited.code, 1)
  t.match(waited.out, /gather {2}seattle {2}failed[\s\S]*365 windows: 363 complete, 2 failed, 0 running, 0 waiting[\s\S]*2026-02-01T00:00:00Z {2}windowed: nothing is known of 2026-02-01[\s\S]*2026-12-31/)
  t.match(waited.err, /backfill running/)
  const state = await ended(call, 'year')
  t.same(state.windows, { total: 365, complete: 363, failed: 2, running: 0, waiting: 0 })
  t.equal(state.status, 'failed')
  t.match(state.failed, failing.map((begin) => ({ begin, end: new Date(Date.parse(begin) + 86_400_000).toISOString().replace('.000', ''), reason: `windowed: nothing is known of ${begin}` })))
  t.match((await call('GET', `/events/${state.failed[0].event}`)).body, { tree_status: 'failed', event: { source: '/backfills/year', id: failing[0], subject: 'seattle', data: { begin: failing[0], end: '2026-02-02T00:00:00Z' } } })
  t.equal(state.marks, '31c1f332c1f')
  const windows = (await call('GET', '/backfills/year/windows?status=failed')).body
  t.match(windows, { next: null, items: [{ index: 31, begin: failing[0], status: 'failed', event: state.failed[0].event, tries: 1, reason: /nothing is known/ }, { index: 364 }] })
  const firstPage = (await call('GET', '/backfills/year/windows?limit=30')).body
  t.match(firstPage, { next: '30', items: [{ index: 0, status: 'complete', reason: null }] })
  t.equal((await call('GET', `/backfills/year/windows?cursor=${firstPage.next}`)).body.items[0].index, 30)
  const before = runsOf(trace)
  t.equal(before.length, 365, 'each window once')
  t.equal(new Set(before).size, 365)

  const retried = await signalbox('backfill', 'retry', 'year', '--wait', '--json')
  t.equal(retried.code, 0)
  t.match(JSON.parse(retried.out), { status: 'complete', windows: { total: 365, complete: 365, failed: 0 }, failed: [], tries: 2 })
  t.same(runsOf(trace).slice(365).sort(), failing.map((begin) => `${begin}#2`))
  t.same((await call('GET', '/jobs?status=failed')).body, { items: [], next: null }, 'the later tries have made them good')
  t.equal((await call('GET', '/jobs?status=failed&handled=true')).body.items.length, 2)
  t.same((await call('POST', '/jobs/retry', { since: '2026-01-01T00:00:00Z', dry_run: true })).body.retried, [])
  t.match(await call('POST', '/backfills/year/retry'), { status: 409, body: { code: 'NOTHING_TO_RETRY' } })
  t.match(await call('DELETE', '/backfills/year'), { status: 200, body: { status: 'complete' } }, 'one that has ended stays')

  const made = await signalbox('backfill', '--type', 'other', '--begin', '2026-01-01', '--end', '2026-01-01T03', '--every', '1h', '--set', 'a=b', '--wait')
  t.equal(made.code, 0)
  t.match(made.out, /3 windows: 3 complete/)
  t.equal((await signalbox('backfill', '--type', 'other', '--begin', 'x', '--end', '2026', '--every', '1h')).code, 3)
  t.equal((await signalbox('backfill', '--begin', '2026-01-01', '--end', '2026-01-02', '--every', '1h')).code, 2)
  t.equal((await signalbox('backfill', 'drop', 'year')).code, 2)
  t.match((await signalbox('backfills')).out, /other[\s\S]*3\/3[\s\S]*gather[\s\S]*365\/365[\s\S]*year/)
  const page = (await call('GET', '/backfills?limit=1')).body
  t.match(page, { items: [{ type: 'other', subject: null }], next: /./ })
  t.notOk('failed' in page.items[0])
  t.match((await call('GET', `/backfills?cursor=${page.next}`)).body, { items: [{ id: 'year' }], next: null })
  t.match(await call('GET', '/backfills?cursor=none'), { status: 400, body: { field: 'cursor' } })
})

t.test('a cancelled backfill submits no more, and goes on when it is retried', { timeout: 60_000 }, async (t) => {
  const backend = await openAnyBackend()
  t.teardown(() => backend.close())
  const trace = join(temporaryFolder(t), 'trace')
  const { call } = await openService(t, { backend: backend.url, lookups: lookupsOf(trace) })
  await call('POST', '/queues/windowed/pause')
  await call('POST', '/backfills', { ...year, end: '2026-01-11', concurrency: 3, source: '/mine', id: 'short' })
  await until(async () => (await call('GET', '/backfills/short')).body.windows.running === 3)
  t.match((await call('DELETE', '/backfills/short')).body, { status: 'cancelled', windows: { running: 3, waiting: 7 }, ended: null })
  await call('POST', '/queues/windowed/resume')
  t.match(await ended(call, 'short'), { status: 'cancelled', windows: { complete: 3, waiting: 7 } }, 'windows that ran are counted when they end')
  t.equal(runsOf(trace).length, 3)
  t.match(await call('POST', '/backfills/short/retry'), { status: 202, body: { status: 'running' } })
  t.match(await ended(call, 'short'), { status: 'complete', windows: { complete: 10, waiting: 0 }, tries: 2 })
  t.equal(new Set(runsOf(trace)).size, 10)
  t.match(runsOf(trace)[0], /^short\/2026-01-0/)
})

t.test('a backfill whose service is killed goes on and submits nothing twice', { timeout: 120_000 }, async (t) => {
  const folder = temporaryFolder(t)
  const backend = await openAnyBackend()
  const trace = join(folder, 'trace')
  writeLookups(folder, lookupsOf(trace))
  const env = await roleEnvironment(folder, backend.url)
  const call = createCall(`http://127.0.0.1:${env['PORT']}`)
  let service = await spawnRole('start', env)
  t.teardown(async () => {
    await call.close()
    await service.end('SIGKILL')
    await backend.close()
  })
  const windows = 60
  await call('POST', '/backfills', { type: 'gather', begin: '2026-01-01', end: '2026-01-03T12', every: '1h', concurrency: 6, id: 'killed' })
  for (const least of [1, 12, 30]) {
    await until(async () => (await call('GET', '/backfills/killed')).body.windows.complete >= least)
    await service.end('SIGKILL')
    service = await spawnRole('start', env)
  }
  t.match(await ended(call, 'killed'), { status: 'complete', windows: { total: windows, complete: windows } })
  const { items } = (await call('GET', '/events?limit=200&type=gather')).body
  t.equal(items.length, windows, 'one event for each window')
  t.equal(new Set(runsOf(trace)).size, windows)
})

t.test('a window whose event is gone has failed; one that cannot be stored waits', async (t) => {
  const ledger = createMemoryLedger()
  const { range } = readBackfill({ type: 'e', begin: '2026-01-01', end: '2026-01-04', every: '1d', concurrency: 2 })
  await writeNew(ledger, 'b', newState(range, Date.now()))
  const windows = async () => (await readStates(ledger, ['b']))[0]?.value.windows
  let drive: (job: WorkerJob) => Promise<unknown> = async () => {}
  let isAway = true
  const submitted: string[] = []
  const driver = startBackfillDriver({
    ledger,
    now: Date.now,
    work: {
      worker: (_queue, run) => {
        drive = run
        return { setConcurrency: () => {}, close: async () => {} }
      },
      get: async (keys) => keys.map(() => undefined)
    },
    dispatch: {
      submit: async ({ event, key }) => {
        if (isAway) throw errors.backendUnavailable()
        submitted.push(event.id)
        return { key, jobs: [], known: false, entry: event.type }
      }
    },
    history: { tree: async (id) => { throw errors.eventNotFound(id) } },
    retentionMs: 1000,
    lockMs: 1000,
    stalledMs: 1000,
    log: pino({ level: 'silent' }),
    loops: createLoops(() => {}),
    onError: () => {}
  })
  t.teardown(driver.close)
  const run = async () => await drive({ data: { id: 'b', run: 1 }, postpone: async () => new Error('postponed') } as unknown as WorkerJob)
  await t.rejects(run(), { code: 'BACKEND_UNAVAILABLE' })
  t.equal(await windows(), '3w')
  isAway = false
  await t.rejects(run(), { message: 'postponed' })
  t.equal(await windows(), '2r1w')
  await t.rejects(run(), { message: 'postponed' })
  t.equal(await windows(), '2f1r')
  t.same(await run(), { total: 3, complete: 0, failed: 3, running: 0, waiting: 0 })
  t.match((await readStates(ledger, ['b']))[0]?.value.reasons[0], /removed before its end was seen/)
  t.equal(submitted.length, 3)
})

t.test('a backfill is paused, goes on, and is given more room while it runs', { timeout: 120_000 }, async (t) => {
  const backend = await openAnyBackend()
  t.teardown(() => backend.close())
  const trace = join(temporaryFolder(t), 'trace')
  const { call } = await openService(t, { backend: backend.url, lookups: lookupsOf(trace) })
  await call('POST', '/backfills', { type: 'gather', begin: '2026-01-01', end: '2026-12-01', every: '1d', concurrency: 1, id: 'slow' })
  t.match(await call('POST', '/backfills/slow/pause'), { status: 200, body: { status: 'paused' } })
  await until(async () => (await call('GET', '/backfills/slow')).body.windows.running === 0, 'the end of what runs')
  const before = (await call('GET', '/backfills/slow')).body
  t.equal(before.status, 'paused')
  t.ok(before.windows.waiting > 0)
  t.match(await call('PUT', '/backfills/slow/concurrency', { concurrency: 20 }), { status: 200, body: { status: 'paused', concurrency: 20 } })
  t.match(await call('PUT', '/backfills/slow/concurrency', { concurrency: 0 }), { status: 400 })
  t.match(await call('POST', '/backfills/slow/resume'), { status: 200, body: { status: 'running' } })
  t.match(await ended(call, 'slow'), { status: 'complete', windows: { total: 334, complete: 334 } })
  t.match(await call('POST', '/backfills/nobody/pause'), { status: 404, body: { code: 'BACKFILL_NOT_FOUND' } })
})
