import t from 'tap'
import { createLoops } from '../../../src/base/loops.ts'
import { createTally } from '../../../src/engine/reporting/tally.ts'
import { createFigures } from '../../../src/engine/reporting/figures.ts'
import { bucketOf, endOfBucket } from '../../../src/engine/reporting/tally-names.ts'
import { startPresence } from '../../../src/engine/worker/presence.ts'
import { createMemoryLedger } from '../../../src/ledger/memory.ts'
import { toLookups } from '../../fixtures/memory-engine.ts'
import { until } from '../../fixtures/servers.ts'

const NOW = Date.parse('2026-11-26T10:30:00Z')
const loops = createLoops((error) => { throw error })

t.test('what is committed is counted by the hour, and forgotten after two weeks', async (t) => {
  const ledger = createMemoryLedger()
  const lookups = await toLookups({}, { load: {}, idle: {} })
  let now = NOW
  const tally = createTally({ ledger, now: () => now, loops })
  t.teardown(() => tally.close())
  const figures = createFigures({ ledger, lookups: () => lookups, now: () => now })
  tally.told([{ kind: 'event', entry: 'new' }, { kind: 'job', process: 'load', state: 'complete', runMs: 90, waitMs: 5 }])
  await tally.flush()
  now += 3_600_000
  tally.told([{ kind: 'event', entry: 'new' }, { kind: 'event', entry: '' }])
  for (let i = 0; i < 18; i++) tally.told([{ kind: 'job', process: 'load', state: 'complete', runMs: 100, waitMs: undefined }])
  tally.told([{ kind: 'job', process: 'load', state: 'failed', runMs: 9000, waitMs: undefined }, { kind: 'job', process: 'gone', state: 'cancelled', runMs: undefined, waitMs: undefined }])
  await tally.flush()
  const stats = await figures.stats(NOW - 3_600_000, 'hour')
  t.match(stats, { since: '2026-11-26T09:00:00.000Z', step: 'hour', types: [{ type: 'new', events: 2 }, { type: '', events: 1 }] })
  t.match(stats.steps, [
    { at: '2026-11-26T09:00:00.000Z', events: 0, jobs: { complete: 0 } },
    { at: '2026-11-26T10:00:00.000Z', events: 1, jobs: { complete: 1, failed: 0 } },
    { at: '2026-11-26T11:00:00.000Z', events: 2, jobs: { complete: 18, failed: 1, cancelled: 1 } }
  ])
  const [load, idle, gone] = stats.processes
  t.match(load, { process: 'load', jobs: { complete: 19, failed: 1 }, run: { p50: 128, p95: 128 }, wait: { p50: 6 }, open: 0, oldest: null })
  t.match(idle, { process: 'idle', jobs: { complete: 0 }, run: { p50: null, p95: null } })
  t.match(gone, { process: 'gone', jobs: { cancelled: 1 } })
  const one = await figures.stats(NOW - 3_600_000, 'hour', 'load')
  t.match(one.steps, [{ jobs: { complete: 0 }, run: { p95: null } }, { events: 1, run: { p50: 91 }, wait: { p95: 6 } }, { events: 2, jobs: { complete: 18, failed: 1, cancelled: 0 } }])
  t.match(one.processes, { length: 1, 0: { process: 'load' } })
  t.match((await figures.stats(undefined, 'day')).steps, [{ at: '2026-11-25T00:00:00.000Z' }, { at: '2026-11-26T00:00:00.000Z', events: 3 }])
  now += 15 * 86_400_000
  tally.told([{ kind: 'event', entry: 'new' }])
  await tally.flush()
  t.equal((await ledger.list('tallies')).length, 1, 'the hours before are forgotten')
})

t.test('times are counted in pieces of which each is half as long again as the one before', (t) => {
  for (const ms of [0, 1, 2, 90, 1000, 60_000, 3_600_000, 86_400_000]) {
    const end = endOfBucket(bucketOf(ms))
    t.ok(end >= ms && end <= Math.max(1, ms) * 1.5, `${ms}: ${end}`)
  }
  t.equal(bucketOf(1e15), bucketOf(1e14), 'the last piece takes all that is longer')
  t.end()
})

t.test('a worker tells what it works on, is lost without a sign of life, and is gone when it is closed', async (t) => {
  const ledger = createMemoryLedger()
  const lookups = await toLookups({}, {})
  let now = NOW
  const figures = createFigures({ ledger, lookups: () => lookups, now: () => now })
  const running = [{ process: 'load', job: 'e1.load', since: NOW - 1000 }]
  const presence = startPresence({ ledger, now: () => now, loops, describe: () => ({ name: 'blue', host: 'vm-1', version: '1.0', processes: ['load'], running }) })
  await until(async () => (await figures.workers()).items.length === 1, 'the sign of life')
  t.match(await figures.workers(), { items: [{ name: 'blue', host: 'vm-1', version: '1.0', processes: ['load'], running: [{ process: 'load', job: 'e1.load', since: '2026-11-26T10:29:59.000Z' }], running_count: 1, last_seen: '2026-11-26T10:30:00.000Z', lost: false }] })
  now += 21_000
  t.match(await figures.workers(), { items: [{ name: 'blue', lost: true }] })
  await presence.close()
  t.same(await figures.workers(), { items: [] })
})
