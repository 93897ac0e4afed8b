import t from 'tap'
import { createMemoryEngine } from '../../fixtures/memory-engine.ts'

t.test('a tree goes when nothing in it is open and it is old enough, with all that is kept of it', async (t) => {
  const { post, complete, fail, pass, verbs, ledger, job } = await createMemoryEngine({ e: ['p', 'q'], f: ['p'] }, { p: { coalesce: {} }, q: {} })
  const key = await post('e', { subject: 's' })
  await complete(key, 'p', [{ type: 'f', subject: 's' }])
  t.same(await verbs.prune(0), { trees: 0, areMore: false }, 'a job is open')
  const follow = job(key, 'p')?.events?.[0]?.key ?? ''
  await fail(key, 'q')
  await complete(follow, 'p')
  await pass(1000)
  t.same(await verbs.prune(5000), { trees: 0, areMore: false })
  t.same(await verbs.prune(500), { trees: 1, areMore: false })
  t.same([...ledger.documents()].filter(([, { value }]) => value !== undefined), [])
  t.same([...ledger.sets()], [])
})

t.test('an event that was removed can come again, and its jobs run again', async (t) => {
  const { verbs, complete, pass, state } = await createMemoryEngine({ e: ['p'], n: [] }, { p: {} })
  const take = () => verbs.accept({ key: 'k', event: { id: '1', source: '/s', type: 'e' }, plan: { jobs: [{ process: 'p', jobId: 'k.p', queue: 'p', gated: false, reason: '', problems: [], legs: [] }], entries: ['e'], keep: false }, root: 'k', depth: 0, above: [] })
  for (let times = 0; times < 3; times++) {
    t.match(await take(), { known: false })
    await complete('k', 'p', [{ type: 'n' }])
    t.equal(state('k', 'p'), 'complete')
    await pass(1000)
    t.same(await verbs.prune(500), { trees: 1, areMore: false })
  }
})

t.test('what is to be kept stays, and with it the top of its tree', async (t) => {
  const { verbs, complete, pass, ledger } = await createMemoryEngine({ e: ['p'], n: [] }, { p: {} })
  const plan = { jobs: [{ process: 'p', jobId: 'k.p', queue: 'p', gated: false, reason: '', problems: [], legs: [] }], entries: ['e'], keep: true }
  await verbs.accept({ key: 'k', event: { id: '1', source: '/s', type: 'e' }, plan, root: 'k', depth: 0, above: [] })
  await complete('k', 'p', [{ type: 'n' }])
  await pass(1000)
  t.same(await verbs.prune(500), { trees: 1, areMore: false })
  t.same([...ledger.documents()].filter(([, { value }]) => value !== undefined).map(([name]) => name), ['event:k', 'job:k.p'])
  t.same(await verbs.prune(500), { trees: 0, areMore: false })
})

t.test('what a waiting job has absorbed stays until that has done its work', async (t) => {
  const { post, pass, verbs, ledger, complete } = await createMemoryEngine({ j: ['p'], k: ['p'] }, { p: { wait_for: { all: ['j', 'k'] } } as never })
  const first = await post('j', { subject: 's' })
  const second = await post('j', { subject: 's' })
  await pass(1000)
  t.same(await verbs.prune(500), { trees: 1, areMore: false })
  t.not(ledger.peek(`event:${second}`)?.value, undefined)
  t.same(await verbs.prune(500), { trees: 0, areMore: false }, 'others come first')
  await post('k', { subject: 's' })
  await complete(first, 'p')
  await pass(3_600_000)
  t.same(await verbs.prune(500), { trees: 3, areMore: false })
  t.same([...ledger.documents()].filter(([, { value }]) => value !== undefined), [])
})

t.test('who puts off a tree that another has removed meanwhile does not list it again', async (t) => {
  const { post, pass, verbs, ledger, complete } = await createMemoryEngine({ j: ['p'], k: ['p'] }, { p: { wait_for: { all: ['j', 'k'] } } as never })
  const first = await post('j', { subject: 's' })
  await post('j', { subject: 's' })
  await pass(1000)
  const { commit } = ledger
  let meanwhile: (() => Promise<unknown>) | undefined = async () => {
    await post('k', { subject: 's' })
    await complete(first, 'p')
    await pass(3_600_000)
    t.same(await verbs.prune(500), { trees: 3, areMore: false })
  }
  Object.assign(ledger, {
    commit: async (...given: Parameters<typeof commit>) => {
      const now = meanwhile
      meanwhile = undefined
      await now?.()
      return await commit(...given)
    }
  })
  await verbs.prune(500)
  t.equal(meanwhile, undefined)
  t.same([...ledger.sets()], [])
})

t.test('who is held for a failure that is no longer kept is let through', async (t) => {
  const defer = { until: 'upstream_complete', on_upstream_failure: 'hold' } as const
  const { post, pass, verbs, state, fail, waitsFor } = await createMemoryEngine(
    { genes: ['load'], done: ['dump'], refs: ['dump'] },
    { load: { emits: ['done'] }, dump: { defer } }
  )
  const failed = await post('genes', { subject: 's' })
  const held = await post('refs', { subject: 's' })
  await fail(failed, 'load')
  t.equal(await waitsFor(held, 'dump'), 'load to complete, which failed for the same key')
  await pass(1000)
  t.same(await verbs.prune(500), { trees: 1, areMore: false })
  await pass()
  t.equal(state(held, 'dump'), 'queued')
})

t.test('who comes late to a tree that another has removed leaves one alone that has come anew', async (t) => {
  const { verbs, pass, ledger } = await createMemoryEngine({ e: [] }, {})
  const take = () => verbs.accept({ key: 'k', event: { id: '1', source: '/s', type: 'e' }, plan: { jobs: [], entries: ['e'], keep: false }, root: 'k', depth: 0, above: [] })
  await take()
  await pass(1000)
  const { list, commit } = ledger
  const seen = await list('ended')
  t.same(await verbs.prune(500), { trees: 1, areMore: false })
  let meanwhile: (() => Promise<unknown>) | undefined = take
  Object.assign(ledger, {
    list: async (...given: Parameters<typeof list>) => given[0] === 'ended' ? seen : await list(...given),
    commit: async (...given: Parameters<typeof commit>) => {
      const now = meanwhile
      meanwhile = undefined
      await now?.()
      return await commit(...given)
    }
  })
  t.same(await verbs.prune(500), { trees: 1, areMore: false })
  Object.assign(ledger, { list, commit })
  t.match(await list('ended'), [[Number, 'k']])
})
