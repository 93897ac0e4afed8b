import t from 'tap'
import { createMemoryEngine } from '../../fixtures/memory-engine.ts'

t.test('only what is failed or cancelled now is retried; of two who ask at once one begins the round', async (t) => {
  const { post, fail, complete, verbs, job, counts } = await createMemoryEngine({ e: ['p'] }, { p: {} })
  const key = await post('e')
  const id = `${key}.p`
  t.same(await verbs.retry(id), { kind: 'refused', state: 'queued' })
  await fail(key, 'p')
  t.same(await Promise.all([verbs.retry(id), verbs.retry(id)]), [{ kind: 'retried', round: 1 }, { kind: 'retried', round: 1 }])
  t.match(counts(key), { open: 1, failed: 0, tree_open: 1, tree_failed: 0 })
  await complete(key, 'p')
  t.same(await verbs.retry(id), { kind: 'refused', state: 'complete' })
  t.match(job(key, 'p'), { state: 'complete', round: 1 })
  t.match(counts(key), { open: 0, failed: 0, tree_open: 0, tree_failed: 0 })
  t.same(await verbs.retry('e1.p'), { kind: 'missing' })
})

t.test('an absorbed job is retried by itself where the one that absorbed it was cancelled', async (t) => {
  const { post, verbs, pass, state, counts, complete } = await createMemoryEngine({ e: ['p'] }, { p: { coalesce: { quiet: '1m' } } })
  const [first, second] = [await post('e', { subject: 's' }), await post('e', { subject: 's' })]
  t.same(await verbs.retry(`${second}.p`), { kind: 'refused', state: 'absorbed' })
  t.equal(await verbs.cancel(`${first}.p`), 'cancelled')
  t.match(counts(second), { open: 0, absorbed: 1 })
  t.same(await verbs.retry(`${second}.p`), { kind: 'retried', round: 1 })
  t.match(counts(second), { open: 1, absorbed: 0 })
  await pass(60_000)
  await complete(second, 'p')
  t.equal(state(second, 'p'), 'complete')
})
