import t from 'tap'
import { createHistory } from '../../../src/engine/history/history.ts'
import type { EventFilter } from '../../../src/engine/history/event-filter.ts'
import type { Range } from '../../../src/engine/documents/paging.ts'
import { createMemoryEngine, toLookups, type MemoryEngine } from '../../fixtures/memory-engine.ts'

const EVENTS = { load: ['load'], loaded: ['check'], noted: [] }
const PROCESSES = { load: {}, check: {} }

async function open () {
  const engine = await createMemoryEngine(EVENTS, PROCESSES)
  const lookups = await toLookups(EVENTS, PROCESSES)
  const work = { get: async (keys: unknown[]) => keys.map(() => undefined), counts: async () => [] }
  const history = createHistory({ ledger: engine.ledger, work, lookups: () => lookups, now: () => 1_700_000_000_000 })
  const list = async (filter: EventFilter & { text?: string }, range: Partial<Range> = {}) => (await history.list(filter, { limit: 50, ...range })).items
  const ids = async (filter: EventFilter & { text?: string }, range: Partial<Range> = {}) => (await list(filter, range)).map(({ id }) => id)
  return { engine, history, list, ids }
}

/** A load whose follow-on event has failed at its check. */
async function failBelow (engine: MemoryEngine, subject: string): Promise<{ root: string, below: string }> {
  const root = await engine.post('load', { subject })
  await engine.complete(root, 'load', [{ type: 'loaded', subject }])
  const below = engine.job(root, 'load')?.events?.[0]?.key ?? ''
  await engine.fail(below, 'check')
  await engine.pass(10)
  return { root, below }
}

t.test('a root tells what its whole tree came to, and how many jobs of it are open and have failed', async (t) => {
  const { engine, list } = await open()
  const { root, below } = await failBelow(engine, 'a')
  const waits = await engine.post('load', { subject: 'b' })
  t.match(await list({}), [
    { id: waits, status: 'incomplete', tree_status: 'incomplete', open_jobs: 1, failed_jobs: 0 },
    { id: below, status: 'failed', tree_status: 'failed', open_jobs: 0, failed_jobs: 1 },
    { id: root, status: 'complete', tree_status: 'failed', open_jobs: 0, failed_jobs: 1 }
  ])
})

t.test('events are found by what they came to, by themselves and with all that followed', async (t) => {
  const { engine, ids } = await open()
  const { root, below } = await failBelow(engine, 'a')
  const done = await engine.post('noted', { subject: 'a' })
  const open2 = await engine.post('load', { subject: 'b' })
  t.same(await ids({ status: 'failed' }), [below])
  t.same(await ids({ treeStatus: 'failed' }), [root])
  t.same(await ids({ status: 'incomplete' }), [open2])
  t.same(await ids({ treeStatus: 'incomplete' }), [open2])
  t.same(await ids({ treeStatus: 'complete' }), [done])
  t.same(await ids({ status: 'cancelled' }), [])
  t.same(await ids({ treeStatus: 'failed', subject: 'b' }), [])
  await engine.verbs.retry(`${below}.check`)
  t.same(await ids({ treeStatus: 'failed' }), [], 'one that runs again has not failed')
  t.same(await ids({ treeStatus: 'incomplete' }), [open2, root])
  t.same(await ids({ status: 'incomplete' }), [open2, below])
  await engine.complete(below, 'check')
  t.same(await ids({ treeStatus: 'incomplete' }), [open2])
  t.same(await ids({ treeStatus: 'complete' }), [done, root])
  await engine.verbs.cancel(`${open2}.load`)
  t.same(await ids({ treeStatus: 'cancelled' }), [open2])
})

t.test('events are found by source, by time, and without what followed from them', async (t) => {
  const { engine, ids, list } = await open()
  const { root, below } = await failBelow(engine, 'a')
  const other = await engine.post('noted', { subject: 'c' })
  t.same(await ids({ rootsOnly: true }), [other, root])
  t.same(await ids({ source: '/test' }), [other, root])
  t.same(await ids({ source: `/jobs/load/${root}.load` }), [below])
  t.same(await ids({ source: '/test', type: 'load' }), [root])
  const at = Date.parse((await list({ type: 'noted' }))[0]?.received ?? '')
  t.same(await ids({}, { until: at, order: 'asc' }), [root, below])
  t.same(await ids({}, { since: at }), [other])
  t.same(await ids({ treeStatus: 'failed' }, { since: at }), [])
})

t.test('an event whose work another one does is found by what that came to', async (t) => {
  const lookups = { events: { load: ['load'] }, processes: { load: { coalesce: {} } } }
  const engine = await createMemoryEngine(lookups.events, lookups.processes as never)
  const known = await toLookups(lookups.events, lookups.processes as never)
  const work = { get: async (keys: unknown[]) => keys.map(() => undefined), counts: async () => [] }
  const history = createHistory({ ledger: engine.ledger, work, lookups: () => known, now: () => 1_700_000_000_000 })
  const ids = async (filter: EventFilter) => (await history.list(filter, { limit: 50 })).items.map(({ id }) => id).sort()
  const [first, second, third] = [await engine.post('load', { subject: 's' }), await engine.post('load', { subject: 's' }), await engine.post('load', { subject: 's' })]
  const all = [first, second, third].sort()
  t.same(await ids({ treeStatus: 'incomplete' }), all)
  await engine.complete(first, 'load')
  const runs = engine.state(second, 'load') === 'absorbed' ? third : second
  t.same(await ids({ treeStatus: 'incomplete' }), [second, third].sort())
  await engine.fail(runs, 'load')
  t.same(await ids({ treeStatus: 'failed' }), [second, third].sort())
  t.same(await ids({ treeStatus: 'complete' }), [first])
})

t.test('a search finds an event by the beginning of its id, of that of its sender, and by its subject', async (t) => {
  const { engine, ids, history } = await open()
  const one = await engine.post('noted', { id: 'order-17', subject: 'a' })
  const two = await engine.post('noted', { id: 'order-18', subject: 'order-' })
  t.same(await ids({ text: one }), [one])
  t.same(await ids({ text: 'order-17' }), [one])
  t.same((await ids({ text: 'order-1' })).sort(), [one, two].sort())
  t.same(await ids({ text: 'rder' }), [])
  const { items, next } = await history.list({ text: 'a' }, { limit: 50 })
  t.same(items, [])
  t.same((await history.list({ text: 'a' }, { limit: 50, cursor: next ?? '' })).items.map(({ id }) => id), [one])
  const first = await history.list({ text: 'order-' }, { limit: 1 })
  t.same(first.items.map(({ id }) => id), [one])
  t.same((await history.list({ text: 'order-' }, { limit: 1, cursor: first.next ?? '' })).items.map(({ id }) => id), [two])
  await t.rejects(history.list({ text: 'order-' }, { limit: 1, cursor: 'x' }), { code: 'INVALID_QUERY' })
})

t.test('a tree is shown by levels, and tells what it leaves out', async (t) => {
  const { engine, history } = await open()
  const root = await engine.post('load')
  await engine.complete(root, 'load', [{ type: 'loaded' }, { type: 'loaded' }])
  const whole = await history.tree(root)
  t.match(whole, { truncated: false, jobs: [{ more: 0, events: [{}, {}] }] })
  t.match(await history.tree(root, undefined, { depth: 0 }), { truncated: true, tree_status: 'incomplete', jobs: [{ more: 2, events: [] }] })
  t.match(await history.tree(root, undefined, { limit: 2 }), { truncated: true, jobs: [{ more: 1, events: [{}] }] })
  const keys = whole.jobs[0]?.events.map(({ id }) => id) ?? []
  t.same((await history.named(keys, { limit: 1 })).items.map(({ id }) => id), keys.slice(0, 1))
  t.same((await history.named(keys, { limit: 1, cursor: '1' })), { items: (await history.named(keys, { limit: 2 })).items.slice(1), next: null })
})
