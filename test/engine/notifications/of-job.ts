import t from 'tap'
import { readJob } from '../../../src/engine/dispatch/facts.ts'
import { forgetNotices, noticesOfJob, rememberNotice } from '../../../src/engine/notifications/of-job.ts'
import { createNotices } from '../../../src/engine/notifications/notices.ts'
import { createMemoryEngine, toLookups } from '../../fixtures/memory-engine.ts'

async function createTold () {
  const notify = [{ database: { block: 'metadata' } }, { slack: { block: 'team' } }]
  const lookups = await toLookups({ e: ['p', 'q'] }, { p: { notify } as never, q: {} })
  const notices = createNotices({ lookups: () => lookups, hide: (text) => text, delays: [50], reports: false })
  const engine = await createMemoryEngine({ e: ['p', 'q'] }, { p: {}, q: {} }, undefined, notices)
  const { ledger, queued } = engine
  const tries = new Map<string, { attemptsMade: number, failedReason: string }>()
  const get = async (keys: Array<{ id: string }>) => keys.map(({ id }) => queued.has(id) ? { attemptsMade: 0, ...tries.get(id) } : undefined) as never
  const of = async (job: string) => await noticesOfJob({ ledger, work: { get }, notices }, (await readJob(ledger, job))!)
  const lie = (): string[] => [...queued.values()].filter(({ queue }) => queue === 'notifications').map(({ id }) => id)
  return { ...engine, tries, of, lie }
}

t.test('a job tells who is told of its end: those who wait, then those who have been, or could not be', async (t) => {
  const { ledger, post, complete, queued, tries, of, lie } = await createTold()
  const key = await post('e')
  const job = `${key}.p`
  t.equal(await of(job), undefined, 'it has not ended')
  await complete(key, 'p')
  await complete(key, 'q')
  t.equal(await of(`${key}.q`), undefined, 'nobody is told of this one')
  const [database = '', slack = ''] = lie()
  tries.set(slack, { attemptsMade: 1, failedReason: 'answered 503' })
  t.same(await of(job), [
    { id: database, kind: 'database', block: 'metadata', status: 'waiting', attempts: 0, at: null, reason: null },
    { id: slack, kind: 'slack', block: 'team', status: 'waiting', attempts: 1, at: null, reason: 'answered 503' }
  ])
  for (const id of lie()) queued.delete(id)
  await rememberNotice(ledger, job, { id: database, target: { kind: 'database', block: 'metadata' }, status: 'sent', attempts: 1, at: 0 })
  const failed = { id: slack, target: { kind: 'slack', block: 'team' }, status: 'failed', attempts: 2, at: 1000, reason: 'answered 404' } as const
  await rememberNotice(ledger, job, failed)
  await rememberNotice(ledger, job, failed)
  t.same(await of(job), [
    { id: database, kind: 'database', block: 'metadata', status: 'sent', attempts: 1, at: '1970-01-01T00:00:00.000Z', reason: null },
    { id: slack, kind: 'slack', block: 'team', status: 'failed', attempts: 2, at: '1970-01-01T00:00:01.000Z', reason: 'answered 404' }
  ])
  t.same((await readJob(ledger, job))?.told, { sent: 1, failed: 1 })
  await rememberNotice(ledger, job, { ...failed, status: 'sent', attempts: 1, reason: undefined })
  t.same((await readJob(ledger, job))?.told, { sent: 2, failed: 0 }, 'one that was asked for again is counted once')
})

t.test('a retried job keeps what was told of its ends, and its end forgets it', async (t) => {
  const { ledger, post, fail, verbs, queued, of, lie } = await createTold()
  const key = await post('e')
  const job = `${key}.p`
  await fail(key, 'p')
  for (const id of lie()) {
    queued.delete(id)
    await rememberNotice(ledger, job, { id, target: { kind: 'slack', block: 'team' }, status: 'sent', attempts: 1, at: 0 })
  }
  await verbs.retry(job)
  t.equal((await of(job))?.length, 2, 'while it runs again')
  await fail(key, 'p')
  t.same((await of(job))?.map(({ status }) => status), ['sent', 'sent', 'waiting', 'waiting'])
  await forgetNotices(ledger, job)
  t.same((await of(job))?.map(({ status }) => status), ['waiting', 'waiting'])
  await rememberNotice(ledger, 'nothing.p', { id: 'n', target: { kind: 'slack', block: 'team' }, status: 'sent', attempts: 1, at: 0 })
  t.equal(await readJob(ledger, 'nothing.p'), undefined, 'of a job that is gone nothing is kept')
})
