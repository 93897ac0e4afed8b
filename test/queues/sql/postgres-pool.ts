import t from 'tap'
import pg from 'pg'
import { openPostgresPool } from '../../../src/queues/sql/postgres-pool.ts'
import { missing, openBackend, until } from '../../fixtures/servers.ts'

t.test('a server that ends the connections of clients which BullMQ has let go of ends no process', { skip: missing('postgres'), timeout: 120_000 }, async (t) => {
  const backend = await openBackend('postgres')
  t.teardown(backend.close)
  const errors: Error[] = []
  const pool = openPostgresPool({ url: backend.url, connections: 2, onError: (error) => { errors.push(error) } })
  t.teardown(() => pool.end())
  const client = await pool.connect() as unknown as pg.Client & { release: () => void }
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  const ended = new Promise((resolve) => { client.once('end', resolve) })
  // What it had asked for is still under way when the server ends it.
  const asked = client.query('select pg_sleep(60)').catch(() => {})
  const admin = new pg.Client(backend.url)
  await admin.connect()
  await until(async () => (await admin.query('select 1 from pg_stat_activity where pid = $1 and state = \'active\'', [rows[0]?.pid])).rows.length === 1)
  client.removeAllListeners('error')
  client.release()
  await admin.query('select pg_terminate_backend($1)', [rows[0]?.pid])
  await Promise.all([asked, ended])
  await admin.end()
  t.equal(client.listenerCount('error'), 1)
})
