import { setTimeout as sleep } from 'node:timers/promises'
import { join } from 'node:path'
import type { PgPool } from 'bullmq'
import t from 'tap'
import { createLedger } from '../../../src/ledger/open.ts'
import { openPglite } from '../../../src/queues/pglite/pool.ts'
import { openOnSql } from '../../../src/queues/sql/open.ts'
import { until } from '../../fixtures/servers.ts'

t.test('a worker whose datastore does not answer at first lets others run, and works when it answers', { timeout: 60_000 }, async (t) => {
  const pool = await openPglite({ folder: join(t.testdir(), 'store'), schema: 'bullmq' }) as unknown as PgPool
  const connect = pool.connect.bind(pool)
  let away = false
  let tries = 0
  pool.connect = async () => {
    if (!away) return await connect()
    tries++
    throw new Error('timeout expired')
  }
  const { work, store } = openOnSql(pool, { backend: 'pglite', address: 'pglite:' }, () => {})
  const ledger = createLedger(store)
  t.teardown(async () => {
    away = false
    await ledger.close()
    await work.close()
  })
  await work.migrate()
  await ledger.migrate()
  away = true
  const done: string[] = []
  work.worker('q', async ({ id }) => { done.push(id) }, { concurrency: 2, lockMs: 10_000, stalledMs: 5000, onError: () => {} })
  await until(() => tries > 0, 'a try')
  await sleep(100)
  t.pass('the event loop goes on')
  away = false
  await ledger.commit({ expect: [], enqueue: [{ queue: 'q', id: 'a', name: 'p', data: {}, options: {} }] })
  await until(() => done.length === 1, 'the job')
})
