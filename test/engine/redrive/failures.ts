import t from 'tap'
import { eventKey, jobIdOf } from '../../../src/base/event.ts'
import { makePlan } from '../../../src/engine/dispatch/plan.ts'
import { createJobs } from '../../../src/engine/jobs/jobs.ts'
import { patternOf } from '../../../src/engine/redrive/pattern.ts'
import { markMadeGood } from '../../../src/engine/redrive/mark-made-good.ts'
import { createRedrive } from '../../../src/engine/redrive/redrive.ts'
import { createTrees } from '../../../src/engine/redrive/tree.ts'
import { createMemoryEngine, toLookups } from '../../fixtures/memory-engine.ts'

const EVENTS = { load: ['load'], loaded: ['check'] }
const PROCESSES = { load: {}, check: {} }

async function open () {
  const engine = await createMemoryEngine(EVENTS, PROCESSES)
  const lookups = await toLookups(EVENTS, PROCESSES)
  const { ledger, verbs } = engine
  const work = { get: async (keys: unknown[]) => keys.map(() => undefined), counts: async () => [] }
  const jobs = createJobs({ ledger, work, lookups: () => lookups, now: () => 1_700_000_000_000, verbs })
  const redrive = createRedrive({ ledger, jobs, verbs })
  const ids = async (handled = false) => (await redrive.failed({ handled }, { limit: 50 })).items.map(({ id }) => id)
  const fail = async (event: string, processName: string, reason: string) => {
    await verbs.settle({ job: jobIdOf(event, processName), round: engine.job(event, processName)?.round ?? 0 }, { state: 'failed', reason })
    await engine.pass(10)
  }
  const replay = async (old: string, n = 1) => {
    const event = { type: 'load', id: `replay-${n}-${old}`, source: '/test' }
    const key = eventKey(event.source, event.id)
    await verbs.accept({ key, event, plan: makePlan({ event, key, given: true }, lookups), root: key, depth: 0, above: [], replays: old })
    await engine.pass(10)
    return key
  }
  return { engine, ledger, verbs, jobs, redrive, trees: createTrees({ ledger, jobs, verbs }), ids, fail, replay }
}

t.test('failures are grouped by process and by what is alike in their reasons', async (t) => {
  const { engine, redrive, fail } = await open()
  for (const [i, subject] of ['seattle', 'denver', 'oakland'].entries()) {
    await fail(await engine.post('load', { subject }), 'load', `the city answered ${500 + i} for "${subject}" at https://city.example/${i}`)
  }
  const other = await engine.post('load', { subject: 'seattle' })
  await fail(other, 'load', 'no space left')
  const { items, total, next } = await redrive.groups({}, { limit: 50 })
  t.equal(total, 4)
  t.equal(next, null)
  t.match(items, [
    { process: 'load', count: 3, pattern: 'the city answered … for "…" at …', reason: /502 for "oakland"/, subjects: ['oakland', 'denver', 'seattle'], subject_count: 3 },
    { process: 'load', count: 1, reason: 'no space left', jobs: [['load', `${other}.load`]] }
  ])
  t.match((await redrive.failed({ pattern: items[0]?.pattern }, { limit: 50 })).items, { length: 3 }, 'one cause alone')
  t.equal(patternOf('job 1a2b3c4d5e6f of 2026-11-26T10:00:00Z'), patternOf('job 9f8e7d6c5b4a of 2025-01-02T03:04:05Z'))
  t.not(patternOf('no space left'), patternOf('no such file'))
})

t.test('a failure that a replay has made good is neither listed nor run again, unless it is asked for', async (t) => {
  const { engine, ledger, verbs, redrive, ids, fail, replay } = await open()
  const event = await engine.post('load')
  await fail(event, 'load', 'no luck')
  const first = await replay(event, 1)
  t.same(await ids(), [`${event}.load`], 'it is open while the replay runs')
  await fail(first, 'load', 'no luck again')
  t.same(await ids(), [`${first}.load`, `${event}.load`])
  const second = await replay(first, 2)
  await engine.complete(second, 'load')
  t.same(await ids(), [])
  t.same((await redrive.retry({}, { limit: 50 }, { dryRun: true })).retried, [])
  const all = (await redrive.failed({ handled: true }, { limit: 50 })).items
  t.match(all, [{ id: `${first}.load`, made_good_by: second }, { id: `${event}.load`, made_good_by: second }])
  t.equal((await ledger.count(['failed']))[0], 2)
  t.equal(await markMadeGood({ ledger, verbs }), undefined)
  t.equal((await ledger.count(['failed']))[0], 0, 'nobody reads past them again')
  t.match((await redrive.failed({ handled: true }, { limit: 50 })).items, [{ made_good_by: second }, { made_good_by: second }])
  t.same((await redrive.retry({ jobs: [['load', `${event}.load`]] }, { limit: 1 })).retried, [['load', `${event}.load`]], 'one that is named runs')
  t.equal(engine.state(event, 'load'), 'queued')
  t.same((await ledger.count(['handled']))[0], 1)
})

t.test('whether many or few events were replayed, a failure is made good by its own replay alone', async (t) => {
  const { engine, ledger, verbs, ids, fail, replay } = await open()
  const [event, other] = [await engine.post('load'), await engine.post('load')]
  await fail(event, 'load', 'no luck')
  await fail(other, 'load', 'no luck')
  const counted: string[] = []
  const { count } = ledger
  ledger.count = async (names) => {
    counted.push(...names)
    return await count(names)
  }
  await engine.complete(await replay(event), 'load')
  t.same(await ids(), [`${other}.load`])
  t.same(counted, [], 'few: the list of all replays tells it')
  const rest = await engine.post('load')
  await engine.complete(rest, 'load')
  for (let n = 1; n < 100; n++) await engine.complete(await replay(rest, n), 'load')
  t.same(await ids(), [`${other}.load`])
  t.same(counted.sort(), [`replays:${event}`, `replays:${other}`].sort(), 'many: each event is asked for')
  await engine.pass(1000)
  while ((await verbs.prune(0)).areMore);
  t.same((await ledger.list('replays', { limit: 200 })), [], 'they go with the events')
})

t.test('all failures of one answer are counted, and where it goes on', async (t) => {
  const { engine, redrive, fail } = await open()
  for (let i = 0; i < 520; i++) await fail(await engine.post('load', { subject: `s${i}` }), 'load', `no luck ${i}`)
  const { items: [group], total, next } = await redrive.groups({}, { limit: 50 })
  t.match({ total, next, ...group, jobs: group?.jobs.length }, { total: 520, next: null, count: 520, subject_count: 520, reason: 'no luck 519', jobs: 520 })
  t.equal(new Set(group?.jobs.map(([, id]) => id)).size, 520)
})

t.test('a failure further down is made good by a replay of the root of which all is complete', async (t) => {
  const { engine, ids, fail, replay } = await open()
  const root = await engine.post('load')
  await engine.complete(root, 'load', [{ type: 'loaded' }])
  const below = engine.job(root, 'load')?.events?.[0]?.key ?? ''
  await fail(below, 'check', 'no luck')
  const again = await replay(root)
  await engine.complete(again, 'load', [{ type: 'loaded' }])
  t.same(await ids(), [`${below}.check`], 'not before all of it is done')
  const belowAgain = engine.job(again, 'load')?.events?.[0]?.key ?? ''
  await engine.complete(belowAgain, 'check')
  t.same(await ids(), [])
})

t.test('a dismissed failure is off the list, tells who and why, and can be run again', async (t) => {
  const { engine, jobs, redrive, ids, fail } = await open()
  const event = await engine.post('load')
  await fail(event, 'load', 'no luck')
  const [job, waits] = [`${event}.load`, await engine.post('load')]
  t.match(await redrive.dismiss({}, { limit: 10 }, { by: 'ops', dryRun: true }), { dry_run: true, dismissed: [['load', job]] })
  t.same(await ids(), [job])
  t.match(await redrive.dismiss({ jobs: [['load', job], ['load', `${waits}.load`]] }, { limit: 10 }, { by: 'ops', note: 'seen' }), { dismissed: [['load', job]], skipped: [{ id: `${waits}.load`, reason: /has not failed/ }] })
  t.same(await ids(), [])
  t.same(await ids(true), [job])
  t.match(await jobs.get('load', job), { status: 'failed', dismissed: { by: 'ops', note: 'seen' }, made_good_by: null })
  await redrive.restore(job)
  t.same(await ids(), [job], 'back on the list')
  await redrive.restore(job)
  t.same([await ids(), await ids(true)], [[job], [job]], 'once')
  await t.rejects(redrive.restore(`${waits}.load`), { code: 'JOB_NOT_FAILED' })
  await redrive.dismiss({ jobs: [['load', job]] }, { limit: 10 }, { by: 'ops' })
  t.match(await jobs.retry('load', job), { status: 'submitted', dismissed: null })
  t.same(await ids(true), [])
  await fail(event, 'load', 'no luck again')
  t.same(await ids(), [job], 'a new failure is looked at anew')
})

t.test('all that has failed under an event runs again, and all that is open is cancelled; first it is told', async (t) => {
  const { engine, trees, fail } = await open()
  const root = await engine.post('load')
  await engine.complete(root, 'load', [{ type: 'loaded' }, { type: 'loaded' }])
  const [one = '', two = ''] = engine.job(root, 'load')?.events?.map(({ key = '' }) => key) ?? []
  await fail(one, 'check', 'no luck')
  const elsewhere = await engine.post('load')
  await fail(elsewhere, 'load', 'no luck')
  t.same(await trees.retry(root, { dryRun: true }), { dry_run: true, retried: [['check', `${one}.check`]], skipped: [], next: null })
  t.equal(engine.state(one, 'check'), 'failed')
  t.match(await trees.retry(root, {}), { dry_run: false, retried: [['check', `${one}.check`]] })
  t.equal(engine.state(one, 'check'), 'queued')
  t.match(await trees.cancel(root, { dryRun: true }), { cancelled: { length: 2 } })
  t.equal(engine.state(two, 'check'), 'queued')
  t.match(await trees.cancel(root, {}), { dry_run: false, cancelled: { length: 2 }, stopping: [], next: null })
  t.equal(engine.state(one, 'check'), 'cancelled')
  t.equal(engine.state(two, 'check'), 'cancelled')
  t.equal(engine.counts(root)['tree_open'], 0)
  await t.rejects(trees.cancel('nobody', {}), { code: 'EVENT_NOT_FOUND' })
})
