import { EventEmitter } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { join } from 'node:path'
import type { PgPool, WorkerOptions } from 'bullmq'
import t from 'tap'
import { createLedger } from '../../../src/ledger/open.ts'
import { openPglite } from '../../../src/queues/pglite/pool.ts'
import { openOnSql } from '../../../src/queues/sql/open.ts'
import { createPatientBackend } from '../../../src/queues/sql/patient-backend.ts'
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

/** A pool whose connections are named as PostgreSQL would: what `fails` says is answered with an error, once. */
function namedPool (fails: 'connect' | 'set_config') {
  let willFail = true
  const failOnce = (at: string): void => {
    if (!willFail || at !== fails) return
    willFail = false
    throw new Error('terminating connection due to administrator command')
  }
  const open: Array<{ name: string }> = []
  const connect = async () => {
    failOnce('connect')
    const client = { name: '' }
    open.push(client)
    return Object.assign(new EventEmitter(), {
      query: async (text: string, values: unknown[] = []) => {
        if (/set_config/i.test(text)) {
          failOnce('set_config')
          client.name = String(values[0])
        }
        return { rows: [{ version: 11, server_version_num: '150000', server_version: '15' }] }
      },
      release: () => { open.splice(open.indexOf(client), 1) }
    })
  }
  const pool = Object.assign(new EventEmitter(), { connect, query: async () => ({ rows: [] }), end: async () => {}, options: { keepAlive: true } })
  return { pool: pool as unknown as PgPool, names: () => open.map(({ name }) => name) }
}

for (const fails of ['connect', 'set_config'] as const) {
  t.test(`a worker whose first ${fails} fails is known by its name as soon as it listens`, async (t) => {
    const { pool, names } = namedPool(fails)
    const backend = createPatientBackend()('q', { connection: pool, name: 'w' } as WorkerOptions<PgPool>, { withBlockingConnection: true })
    backend.on('error', () => {})
    t.teardown(() => backend.close())
    // As a worker does: it asks whether all is ready, whatever the answer, and listens.
    await backend.waitUntilReady().catch(() => {})
    await backend.waitForJob(0.001).catch(() => {})
    await backend.waitForJob(0.001)
    t.same(names(), ['q:w:w'])
  })
}
