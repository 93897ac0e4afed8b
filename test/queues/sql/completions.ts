import { join } from 'node:path'
import type { PgPool } from 'bullmq'
import t, { type Test } from 'tap'
import { createLedger } from '../../../src/ledger/open.ts'
import { openPglite } from '../../../src/queues/pglite/pool.ts'
import { COMPLETION } from '../../../src/queues/sql/completions.ts'
import { openOnSql } from '../../../src/queues/sql/open.ts'
import { openPostgresPool } from '../../../src/queues/sql/postgres-pool.ts'
import { missing, openBackend, until } from '../../fixtures/servers.ts'

const POOLS = {
  pglite: async (t: Test) => await openPglite({ folder: join(t.testdir(), 'store'), schema: 'bullmq' }) as unknown as PgPool,
  postgres: async (t: Test) => {
    const server = await openBackend('postgres')
    t.teardown(server.close)
    return openPostgresPool({ url: server.url, connections: 5, onError: () => {} })
  }
}

t.jobs = 1

for (const name of ['pglite', 'postgres'] as const) {
  t.test(`ends of jobs on ${name}`, { skip: missing(name), timeout: 120_000 }, async (t) => {
    const pool = await POOLS[name](t)
    const query = pool.query.bind(pool)
    let statements = 0
    pool.query = async (text, values) => {
      if (text.includes(`${COMPLETION}(`)) statements++
      return await query(text, values)
    }
    const { work, store } = openOnSql(pool, { backend: name, address: name }, () => {})
    const ledger = createLedger(store)
    t.teardown(async () => {
      await ledger.close()
      await work.close()
    })
    await work.migrate()
    await ledger.migrate()
    /** Workers of two queues whose jobs end when they are told to; answers whatever came. */
    const start = (t: Test, queues: string[], concurrency: number) => {
      const running = new Map<string, () => void>()
      const [began, late] = [[] as string[], [] as string[]]
      for (const queue of queues) {
        const run = async ({ id }: { id: string }): Promise<void> => {
          began.push(id)
          await new Promise<void>((resolve) => { running.set(id, resolve) })
        }
        const onLate = (message: string): void => { late.push(message) }
        const worker = work.worker(queue, run, { concurrency, lockMs: 60_000, stalledMs: 30_000, onError: () => {}, onLate })
        t.teardown(worker.close)
      }
      const endAll = (): void => {
        for (const [id, end] of running) { running.delete(id); end() }
      }
      return { running, began, late, endAll }
    }
    const add = (queue: string, ids: string[]) => ledger.commit({
      expect: [], enqueue: ids.map((id) => ({ queue, id, name: 'p', data: {}, options: {} }))
    })
    const ids = (letter: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${letter}${i}`)

    await t.test('jobs that end at the same time are ended by one statement, and each gives way to the next of its queue', async (t) => {
      const { running, began, late, endAll } = start(t, ['one', 'two'], 10)
      await add('one', ids('a', 25))
      await add('two', ids('b', 25))
      for (const next of [20, 10]) {
        await until(() => running.size === 20, '20 jobs run')
        statements = 0
        endAll()
        await until(() => running.size === next, 'the next')
        t.ok(statements < 10, `${statements} statements for 20 jobs`)
      }
      endAll()
      const counts = async () => await work.counts(['one', 'two'])
      await until(async () => (await counts()).every(({ waiting, active, completed }) => waiting + active + completed === 0), 'all are gone')
      t.same(began.filter((id) => id.startsWith('a')), ids('a', 25))
      t.same(began.filter((id) => id.startsWith('b')), ids('b', 25))
      t.same(late, [])
    })

    await t.test('a job that another worker has by now is not ended, and those that end beside it are', async (t) => {
      const { running, late, endAll } = start(t, ['three'], 4)
      await add('three', ids('c', 4))
      await until(() => running.size === 4, 'four jobs run')
      await query('update bullmq.job set lock_token = $1 where queue = $2 and id = $3', ['another', 'three', 'c1'])
      endAll()
      await until(() => late.length > 0, 'the word that it is too late')
      await until(async () => (await work.active('three', 10)).length === 1, 'the others have ended')
      t.same((await work.active('three', 10)).map(({ id }) => id), ['c1'])
      t.match(late[0], /lock/i)
    })
  })
}
