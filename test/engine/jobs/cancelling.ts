import t from 'tap'
import { createMemoryEngine } from '../../fixtures/memory-engine.ts'

t.test('what waits on a queue or at a gate is cancelled at once, and the next waits in its place', async (t) => {
  const { post, verbs, pass, state, counts, queued, ledger } = await createMemoryEngine({ e: ['p', 'q'] }, { p: {}, q: { coalesce: { quiet: '1m' } } })
  const key = await post('e', { subject: 's' })
  t.equal(await verbs.cancel(`${key}.p`), 'cancelled')
  t.equal(queued.has(`${key}.p`), false)
  t.equal(await verbs.cancel(`${key}.q`), 'cancelled')
  t.match(counts(key), { open: 0, cancelled: 2, tree_open: 0, tree_cancelled: 2 })
  t.equal(await verbs.cancel(`${key}.q`), 'ended')
  t.equal(await verbs.cancel('e1.p'), 'missing')
  await pass()
  const next = await post('e', { subject: 's' })
  t.equal(state(next, 'q'), 'waiting')
  t.same((await ledger.list('open:q')).map(([, member]) => member), [`${next}.q`])
})

t.test('one that was let through and has not begun gives its place back', async (t) => {
  const { post, verbs, pass, queued } = await createMemoryEngine({ e: ['p'] }, { p: { limit: { per_key: 1 } } })
  const [first, second] = [await post('e', { subject: 's' }), await post('e', { subject: 's' })]
  t.same([...queued.keys()], [`${first}.p`])
  await verbs.cancel(`${first}.p`)
  await pass()
  t.same([...queued.keys()], [`${second}.p`])
})

t.test('one that runs is asked to stop, and whoever takes it up does not begin', async (t) => {
  const { post, verbs, state, queued } = await createMemoryEngine({ e: ['p'] }, { p: {} })
  const key = await post('e')
  const [job] = queued.values()
  t.not(await verbs.begin({ job: `${key}.p`, round: 0 }), undefined)
  queued.clear()
  t.equal(await verbs.cancel(`${key}.p`), 'cancelled', 'its queue does not know it')
  t.equal(await verbs.begin(job?.data as { job: string, round: number }), undefined)
  t.equal(state(key, 'p'), 'cancelled')
})
