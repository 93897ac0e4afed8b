import t from 'tap'
import { createMemoryEngine } from '../../fixtures/memory-engine.ts'

t.test('an outcome is written once, whoever comes late', async (t) => {
  const { post, verbs, counts, job } = await createMemoryEngine({ e: ['p'], n: [] }, { p: {} })
  const key = await post('e')
  const run = { job: `${key}.p`, round: 0 }
  t.match(await verbs.settle(run, { state: 'complete', output: 1, events: [{ type: 'n' }] }), { dropped: false, events: [{ type: 'n' }] })
  t.same(await verbs.settle(run, { state: 'complete', output: 2, events: [{ type: 'n' }, { type: 'n' }] }), { dropped: true })
  t.same(await verbs.settle({ job: 'e.gone', round: 0 }, { state: 'failed', reason: '' }), { dropped: true })
  t.match(job(key, 'p'), { state: 'complete', output: 1 })
  t.match(counts(key), { open: 0, tree_open: 0, tree_events: 1 })
})

t.test('attempts are kept over retries, each with its reason', async (t) => {
  const { post, verbs, job, ledger } = await createMemoryEngine({ e: ['p'] }, { p: { attempts: 2 } })
  const key = await post('e')
  const run = (round: number) => ({ job: `${key}.p`, round })
  await verbs.noteFailedAttempt(run(0), { attempt: 1, started: 1, ended: 2, worker: 'w', reason: 'first' })
  await verbs.settle(run(0), { state: 'failed', reason: 'second' }, { attempt: { attempt: 2, started: 3, ended: 4, reason: 'second' } })
  t.same((await ledger.list('failed')).map(([, member]) => member), [`${key}.p`])
  await verbs.retry(`${key}.p`)
  t.same(await ledger.list('failed'), [])
  t.same(await verbs.settle(run(0), { state: 'complete', output: 1, events: [] }), { dropped: true }, 'the round before is over')
  await verbs.settle(run(1), { state: 'complete', output: 1, events: [] }, { attempt: { attempt: 1, started: 5, ended: 6 }, progress: { complete: 1 } })
  t.same(job(key, 'p')?.attempts, [
    { round: 0, attempt: 1, started: 1, ended: 2, worker: 'w', reason: 'first' },
    { round: 0, attempt: 2, started: 3, ended: 4, reason: 'second' },
    { round: 1, attempt: 1, started: 5, ended: 6 }
  ])
  t.match(job(key, 'p'), { state: 'complete', round: 1, progress: { complete: 1 }, ends: [{ state: 'failed', reason: 'second' }] })
})

t.test('one that waits at its gate is not settled', async (t) => {
  const { post, verbs } = await createMemoryEngine({ e: ['p'] }, { p: { coalesce: { quiet: '1m' } } })
  const key = await post('e', { subject: 's' })
  t.same(await verbs.settle({ job: `${key}.p`, round: 0 }, { state: 'complete', output: 1, events: [] }), { dropped: true })
  t.equal(await verbs.begin({ job: `${key}.p`, round: 0 }), undefined)
})
