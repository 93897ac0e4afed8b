import t from 'tap'
import { listProcesses, nameProcesses } from '../../../src/engine/results/named.ts'
import { createMemoryEngine, toLookups } from '../../fixtures/memory-engine.ts'

const EVENTS = { e: ['p', 'q', 'far'], j: ['join'], k: ['join'] }
const PROCESSES = { p: {}, q: { limit: { per_key: 1 } }, far: { run: { external: true } }, join: { run: { external: true }, wait_for: { all: ['j', 'k'] } } } as never

t.test('what its queue has lost is enqueued again, a foreign one with all events that it joins', async (t) => {
  const { post, pass, queued, verbs } = await createMemoryEngine(EVENTS, PROCESSES)
  const first = await post('j', { subject: 's' })
  await post('k', { subject: 's' })
  const before = queued.get(`${first}.join`)
  t.match(before?.data, { joined: { j: { type: 'j' }, k: { type: 'k' } } })
  queued.clear()
  t.equal(await verbs.reconcile({ process: 'join', isGone: false }, 1000), undefined)
  t.same([...queued.keys()], [], 'it may be on its way')
  await pass(2000)
  await verbs.reconcile({ process: 'join', isGone: false }, 1000)
  t.same(queued.get(`${first}.join`), before)
})

t.test('what waits for a process that is gone from all lookups ends and says why, but for what somebody works on', async (t) => {
  const { post, pass, queued, active, verbs, reload, state, job } = await createMemoryEngine(EVENTS, PROCESSES)
  const [one, two] = [await post('e', { subject: 's' }), await post('e', { subject: 's' })]
  active.add(`${one}.far`)
  await reload(await toLookups({ e: ['p'] }, { p: {} }))
  await pass(2000)
  for (const name of ['q', 'far', 'join']) await verbs.reconcile({ process: name, isGone: true }, 1000)
  await pass()
  t.same([state(one, 'far'), state(two, 'far'), state(one, 'q'), state(two, 'q')], ['queued', 'failed', 'failed', 'failed'])
  t.equal(job(two, 'far')?.reason, 'process far is no longer in process_lookup.json')
  t.same([...queued.keys()].sort(), [`${one}.far`, `${one}.p`, `${two}.p`].sort())
})

t.test('pages are as long as they may be, and go on where the last one ended', async (t) => {
  const { post, pass, queued, verbs } = await createMemoryEngine({ e: ['p'] }, { p: {} })
  for (let i = 0; i < 201; i++) await post('e')
  queued.clear()
  await pass(2000)
  const after = await verbs.reconcile({ process: 'p', isGone: false }, 1000)
  t.equal(queued.size, 200)
  t.equal(await verbs.reconcile({ process: 'p', isGone: false, after }, 1000), undefined)
  t.equal(queued.size, 201)
})

t.test('a process is gone when no lookups have named it for some minutes', async (t) => {
  const { ledger, pass, now } = await createMemoryEngine({}, {})
  const [older, newer] = [await toLookups({}, { p: {}, q: {} }), await toLookups({}, { p: {}, r: {} })]
  await nameProcesses({ ledger, lookups: () => older, now })
  await pass(299_000)
  await nameProcesses({ ledger, lookups: () => newer, now })
  const gone = async (lookups: typeof older) => (await listProcesses(ledger, lookups, now())).filter(({ isGone }) => isGone).map(({ process: name }) => name)
  t.same(await gone(newer), [])
  await pass(2000)
  t.same(await gone(newer), ['q'])
  t.same(await gone(older), [], 'what these name is not, and r was named just now')
})
