import { FlowProducer, createPostgresBackend, runMigrations } from 'bullmq'
import pg from 'pg'
import t from 'tap'
import type { QueuedJob } from '../../../src/base/queued-job.ts'
import { createSqlLedger } from '../../../src/ledger/sql/ledger.ts'
import { createDeliverer } from '../../../src/queues/sql/deliverer.ts'
import { missing, openBackend, until } from '../../fixtures/servers.ts'

t.test('the ledger on PostgreSQL', { skip: missing('postgres'), timeout: 120_000 }, async (t) => {
  const backend = await openBackend('postgres')
  const pool = new pg.Pool({ connectionString: backend.url, options: '-c search_path=bullmq', max: 5 })
  pool.setMaxListeners(0)
  const client = await pool.connect()
  await client.query('create schema bullmq')
  await runMigrations(client as never)
  client.release()
  const flows = new FlowProducer({ connection: pool } as never, createPostgresBackend as never)
  const enqueuer = createDeliverer(flows.getBackend())
  const errors: string[] = []
  const ledger = createSqlLedger({ pool, enqueuer, onError: ({ message }) => { errors.push(message) } })
  t.teardown(async () => {
    await ledger.close()
    await flows.close()
    await pool.end()
    await backend.close()
  })
  const job = (id: string): QueuedJob => ({ queue: 'q', id, name: 'p', data: {} })
  const left = async (): Promise<string[]> => (await pool.query("select job ->> 'id' as id from signalbox.outbox order by seq")).rows.map(({ id }) => id as string)

  await t.test('two that migrate at the same time do it once', async (t) => {
    await Promise.all([ledger.migrate(), ledger.migrate(), ledger.migrate()])
    t.same((await pool.query('select version from signalbox.migration')).rows, [{ version: 1 }])
  })

  await t.test('tables of a later version are not touched', async (t) => {
    await pool.query('insert into signalbox.migration (version) values (1000)')
    await t.rejects(ledger.migrate(), /version 1000/)
    await pool.query('delete from signalbox.migration where version = 1000')
  })

  await t.test('what is delivered leaves the outbox by itself', async (t) => {
    await ledger.commit({ expect: [], enqueue: [job('a'), job('b')] })
    await until(async () => (await left()).length === 0)
    t.same((await pool.query("select id from bullmq.job where queue = 'q' order by id")).rows, [{ id: 'a' }, { id: 'b' }])
  })

  await t.test('a job that BullMQ refuses stays in the outbox, is told, and does not hold up those beside and behind it', async (t) => {
    await pool.query("alter table bullmq.job add constraint no_bad check (id <> 'bad')")
    await ledger.commit({ expect: [], enqueue: [job('c'), job('bad'), job('d')] })
    await until(() => errors.length > 0)
    await until(async () => (await left()).join() === 'bad')
    t.match(errors[0], /job bad could not be put on queue q: .*no_bad/)
    await ledger.commit({ expect: [], enqueue: [job('e')] })
    t.equal(await ledger.sweep(0), 1)
    t.same((await pool.query("select id from bullmq.job where queue = 'q' order by id")).rows.map(({ id }) => id), ['a', 'b', 'c', 'd', 'e'])
    await pool.query('alter table bullmq.job drop constraint no_bad')
    t.equal(await ledger.sweep(0), 1)
    t.same(await left(), [])
  })

  await t.test('what the sweeper takes is old enough', async (t) => {
    const dead = createSqlLedger({ pool, enqueuer: { ...enqueuer, deliver: () => Promise.reject(new Error('dead')) }, onError: () => {} })
    await dead.commit({ expect: [], enqueue: [job('f')] })
    t.equal(await ledger.sweep(60_000), 0)
    t.equal(await ledger.sweep(0), 1)
  })

  await t.test('a unit that the database refuses does not take its neighbours along', async (t) => {
    await pool.query("alter table signalbox.document add constraint no_bad check (doc <> 'bad')")
    const results = await Promise.allSettled(Array.from({ length: 10 }, (_, i) => {
      const doc = i === 4 ? 'bad' : `good${i}`
      return ledger.commit({ expect: [{ doc, rev: 0 }], put: [{ doc, value: {} }] })
    }))
    t.same(results.map(({ status }) => status === 'fulfilled'), [true, true, true, true, false, true, true, true, true, true])
    t.match(results[4], { reason: { name: 'UnitRefused', message: /no_bad/ } })
  })

  await t.test('what was removed is forgotten after an hour, unless it is there again', async (t) => {
    for (const doc of ['old', 'counted', 'back', 'young']) {
      await ledger.commit({ expect: [{ doc, rev: 0 }], put: [{ doc, value: {} }] })
      await ledger.commit({ expect: [{ doc, rev: 1 }], remove: [doc] })
    }
    await ledger.commit({ expect: [{ doc: 'back', rev: 2 }], put: [{ doc: 'back', value: {} }], increments: [{ doc: 'counted', field: 'open', by: 1 }] })
    await pool.query("update signalbox.document set removed_at = removed_at - 3600001 where doc <> 'young'")
    await ledger.sweep(0)
    t.same((await ledger.get(['old', 'counted', 'back', 'young'])).map((found) => found?.rev), [undefined, 2, 3, 2])
  })
})
