import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { createPostgresBackend, runMigrations, withBackend, type BackendFactory, type IQueueBackend, type Job, type PgPool } from 'bullmq'
import pg from 'pg'
import t, { type Test } from 'tap'
import { lockFolder } from '../../../src/queues/pglite/folder-lock.ts'
import type { PgliteNotice } from '../../../src/queues/pglite/messages.ts'
import { createPgliteSession } from '../../../src/queues/pglite/session.ts'
import { openPglite, type PglitePool } from '../../../src/queues/pglite/pool.ts'

const schema = 'bullmq'
// A new folder takes seconds, and a thread under this loader one: the tests below share what they can.
const folder = join(t.testdir(), 'store')
t.setTimeout(90_000)

const bullmq = withBackend(createPostgresBackend as BackendFactory<IQueueBackend, PgPool>)

async function open (t: Test, options: { maintenanceMs?: number, onNotice?: (notice: PgliteNotice) => void } = {}): Promise<PglitePool> {
  const startedAt = performance.now()
  const pool = await openPglite({ folder, schema, ...options })
  t.comment(`open: ${Math.round(performance.now() - startedAt)} ms, RSS ${Math.round(process.memoryUsage.rss() / 1e6)} MB`)
  t.teardown(() => pool.end())
  return pool
}

t.test('a new folder is made, whatever an interrupted start left there', async (t) => {
  mkdirSync(join(folder, 'data.new'), { recursive: true })
  writeFileSync(join(folder, 'data.new', 'PG_VERSION'), 'half')
  const pool = await open(t)
  const client = await pool.connect()
  t.ok(await runMigrations(client, schema) >= 11)
  client.release()
  t.same((await pool.query("SELECT current_setting('search_path') AS path, to_regclass('job') IS NOT NULL AS has_job")).rows, [{ path: '"bullmq"', has_job: true }])
  t.same(readdirSync(folder).filter((name) => !name.startsWith('lock-')), ['data', 'signalbox.json'])
})

t.test('the pool of a folder that was there', async (t) => {
  const pool = await open(t)

  t.test('BullMQ processes a flow on it, and picks up a job at once', async (t) => {
    const failures: Error[] = []
    const flows = new bullmq.FlowProducer({ connection: pool })
    const queue = new bullmq.Queue('leaf', { connection: pool })
    const doneAt = new Map<string, number>()
    const run = async (job: Job): Promise<string> => {
      doneAt.set(job.name, performance.now())
      return `${job.name} done`
    }
    // Polls every 60 s only: without notifications nothing here would end in time.
    const workers = ['leaf', 'root'].map((name) => new bullmq.Worker(name, run, { connection: pool, drainDelay: 60 }))
    const onError = (error: Error): void => { failures.push(error) }
    flows.on('error', onError)
    queue.on('error', onError)
    for (const worker of workers) worker.on('error', onError)
    await Promise.all(workers.map((worker) => worker.waitUntilReady()))

    const { job } = await flows.add({ name: 'top', queueName: 'root', children: [1, 2, 3].map((n) => ({ name: `child-${n}`, queueName: 'leaf' })) })
    while (!await job.isCompleted()) await once(workers[1]!, 'completed', { signal: AbortSignal.timeout(5000) }).catch(() => {})
    t.equal(doneAt.size, 4)
    t.same(Object.values(await job.getChildrenValues()).sort(), ['child-1 done', 'child-2 done', 'child-3 done'])

    const latencies: number[] = []
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      await new Promise((resolve) => setTimeout(resolve, 100))
      const addedAt = performance.now()
      const done = once(workers[0]!, 'completed', { signal: AbortSignal.timeout(5000) })
      await queue.add(name, {})
      await done
      latencies.push(doneAt.get(name)! - addedAt)
    }
    t.comment(`pickup: ${latencies.map((ms) => ms.toFixed(1)).join(', ')} ms`)
    t.ok(Math.max(...latencies) < 1000)
    await Promise.all([...workers, queue, flows].map((part) => part.close()))
    t.same(failures, [])
  })

  t.test('large concurrent queries get their own answers, and timers still run', async (t) => {
    let ticks = 0
    const timer = setInterval(() => { ticks++ }, 5)
    const answers = await Promise.all(Array.from({ length: 60 }, async (_, n) => {
      const text = String.fromCharCode(97 + n % 26).repeat(200_000) + n
      const { rows } = await pool.query<{ text: string }>('SELECT $1::text AS text', [text])
      return rows[0]?.text === text
    }))
    clearInterval(timer)
    t.same(answers, Array.from({ length: 60 }, () => true))
    t.ok(ticks > 0)

    const startedAt = performance.now()
    await Promise.all(Array.from({ length: 50 }, async () => {
      for (let n = 0; n < 100; n++) await pool.query('SELECT $1::int + 1 AS n', [n])
    }))
    t.comment(`${Math.round(5000 / (performance.now() - startedAt) * 1000)} queries/s, 50 at a time`)
  })

  t.test('transactions do not interleave, and end with their client', async (t) => {
    await pool.query('CREATE TABLE counter (name text, n integer)')
    await pool.query("INSERT INTO counter VALUES ('a', 0)")

    await Promise.all(Array.from({ length: 10 }, async () => {
      const client = await pool.connect()
      await client.query('BEGIN')
      const { rows } = await client.query<{ n: number }>('SELECT n FROM counter WHERE name = $1', ['a'])
      await new Promise((resolve) => setTimeout(resolve, 5))
      await client.query('UPDATE counter SET n = $1', [rows[0]!.n + 1])
      await client.query('COMMIT')
      client.release()
    }))
    t.same((await pool.query('SELECT n FROM counter')).rows, [{ n: 10 }])

    const client = await pool.connect()
    await client.query('BEGIN')
    await client.query('UPDATE counter SET n = 99')
    const other = pool.query('SELECT n FROM counter')
    client.release()
    t.same((await other).rows, [{ n: 10 }])
    await t.rejects(client.query('SELECT 1'), /not queryable/)

    await t.rejects(pool.query('BEGIN'), { code: '25001' })
    t.same((await pool.query('SELECT n FROM counter')).rows, [{ n: 10 }])
  })

  t.test('a channel stays open as long as one client listens', async (t) => {
    const [one, two] = await Promise.all([pool.connect(), pool.connect()])
    const heard: string[] = []
    one.on('notification', ({ payload }) => heard.push(`one ${payload}`))
    two.on('notification', ({ payload }) => heard.push(`two ${payload}`))
    await one.query('-- a comment first\nLISTEN chat')
    await two.query('LISTEN "chat"')
    await pool.query("NOTIFY chat, 'first'")
    await one.query('UNLISTEN chat')
    await pool.query("SELECT pg_notify($1, 'second')", ['chat'])
    two.release()
    await pool.query("NOTIFY chat, 'third'")
    t.same(heard, ['one first', 'two first', 'two second'])
    t.same((await pool.query('SELECT pg_listening_channels()')).rows, [])
  })

  t.test('values, results and errors are those of pg', async (t) => {
    const at = new Date('2026-01-02T03:04:05.678Z')
    const { rows, rowCount, command, fields } = await pool.query(
      'SELECT $1::bigint AS big, $2::timestamptz AS at, $3::bytea AS bytes, $4::text AS nothing, $5::text[] AS list, $6::jsonb AS json, $7::boolean AS yes',
      [12345678901234n, at, Buffer.from('hé'), null, ['a"b', null, '{}'], { deep: ['ü'] }, true])
    t.same(rows, [{ big: '12345678901234', at, bytes: Buffer.from('hé'), nothing: null, list: ['a"b', null, '{}'], json: { deep: ['ü'] }, yes: true }])
    t.same({ rowCount, command, names: fields.map(({ name }) => name) }, { rowCount: 1, command: 'SELECT', names: ['big', 'at', 'bytes', 'nothing', 'list', 'json', 'yes'] })

    await pool.query('CREATE TABLE item (id integer PRIMARY KEY)')
    t.match(await pool.query({ text: 'INSERT INTO item VALUES ($1), ($2)', values: [1, 2] }), { rowCount: 2, command: 'INSERT' })
    await t.rejects(pool.query('INSERT INTO item VALUES ($1)', [1]), { code: '23505', constraint: 'item_pkey', detail: 'Key (id)=(1) already exists.' })
    await t.rejects(pool.query('SELECT * FROM itm'), { code: '42P01' })
    await t.rejects(pool.query("DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = 'BM001', DETAIL = '-3', HINT = 'why'; END $$"), { code: 'BM001', detail: '-3', hint: 'why' })
    t.ok(await pool.query('SELECT 1/0').catch((error: unknown) => error instanceof pg.DatabaseError))
  })

  t.test('a prepared statement outlives a change of its plan and its own loss, and is dropped when many follow', async (t) => {
    const ask = async (): Promise<unknown> => (await pool.query('SELECT * FROM shape WHERE n = $1', [1])).rows[0]
    await pool.query('CREATE TABLE shape (n integer); INSERT INTO shape VALUES (1)')
    t.same(await ask(), { n: 1 })
    await pool.query("ALTER TABLE shape ADD COLUMN more text DEFAULT 'x'")
    t.same(await ask(), { n: 1, more: 'x' })
    await pool.query('DEALLOCATE ALL')
    t.same(await ask(), { n: 1, more: 'x' })
    for (let n = 0; n < 300; n++) await pool.query(`SELECT $1::int + ${n}`, [1])
    const { rows } = await pool.query<{ n: number }>('SELECT count(*)::int AS n FROM pg_prepared_statements')
    t.ok(rows[0]!.n <= 257)
    t.same(await ask(), { n: 1, more: 'x' })
  })
})

t.test('a client that forgets its transaction loses it, and the others go on', async (t) => {
  const ready = (status: string): Buffer => Buffer.from(`Z\0\0\0\x05${status}`)
  const replies = new Map<number, string>()
  const session = createPgliteSession({
    execute: async (batch) => ready(batch.includes('BEGIN') ? 'T' : 'I'),
    reply: (id, bytes) => { replies.set(id, bytes.toString()) },
    flush: () => {},
    fail: (error) => { throw error },
    transactionIdleMs: 20
  })
  const ask = (id: number, client: number, text: string): void => session.query({ id, client, text, values: undefined })
  ask(1, 7, 'BEGIN')
  await session.run('SELECT 1')
  ask(2, 7, 'UPDATE')
  ask(3, 8, 'UPDATE')
  await session.run('SELECT 1')
  t.match(replies.get(2), /25P03/)
  t.equal(replies.get(3), ready('I').toString())
})

t.test('a folder has one holder', async (t) => {
  const pool = await open(t)
  const refusal = { code: 'DATA_FOLDER_IN_USE', message: new RegExp(folder) }
  await t.rejects(openPglite({ folder, schema }), refusal)
  await Promise.all([pool.end(), pool.end()])
  await t.rejects(pool.query('SELECT 1'), /after calling end on the pool/)
  await (await lockFolder(folder)).release()

  const long = join(t.testdir(), 'n'.repeat(120))
  const held = await Promise.allSettled(Array.from({ length: 8 }, () => lockFolder(long)))
  const locks = held.flatMap((one) => one.status === 'fulfilled' ? [one.value] : [])
  t.ok(locks.length <= 1)
  await Promise.all(locks.map((lock) => lock.release()))
  const lock = await lockFolder(long)
  await t.rejects(lockFolder(long), { code: 'DATA_FOLDER_IN_USE' })
  await lock.release()
  t.same(readdirSync(long), [])
})

t.test('a holder that is killed leaves the folder free and every acknowledged row in it', async (t) => {
  const child = spawn(process.execPath, [...process.execArgv, fileURLToPath(new URL('./fixtures/pglite-writer.ts', import.meta.url)), folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  const acknowledged: number[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged.push(Number(line))
    if (acknowledged.length === 500) {
      await t.rejects(openPglite({ folder, schema }), { code: 'DATA_FOLDER_IN_USE' })
      child.kill('SIGKILL')
    }
  }
  const pool = await open(t)
  const { rows } = await pool.query<{ n: number }>('SELECT n FROM written')
  const found = new Set(rows.map(({ n }) => n))
  t.comment(`${acknowledged.length} rows acknowledged, ${found.size} found`)
  t.same(acknowledged.filter((n) => !found.has(n)), [])
  t.ok(acknowledged.length >= 500)
})

t.test('a pool under strain', async (t) => {
  const pauses: number[] = []
  const pool = await open(t, { maintenanceMs: 200, onNotice: (notice) => { if (notice.kind === 'maintenance') pauses.push(notice.pauseMs) } })

  t.test('maintenance keeps the log and the tables small', async (t) => {
    const logBytes = (): number => readdirSync(join(folder, 'data', 'pg_wal'), { withFileTypes: true }).filter((file) => file.isFile())
      .reduce((sum, { name }) => sum + statSync(join(folder, 'data', 'pg_wal', name)).size, 0)
    await pool.query('CREATE TABLE churn (n integer PRIMARY KEY, filler text)')
    await pool.query("INSERT INTO churn SELECT n, repeat('x', 500) FROM generate_series(1, 2000) AS n")
    const start = await pool.query<{ lsn: string }>("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') AS lsn")
    for (let turn = 0; turn < 60; turn++) {
      await pool.query('UPDATE churn SET filler = $1', [String(turn).repeat(250)])
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    const end = await pool.query<{ lsn: string, table: string }>("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') AS lsn, pg_total_relation_size('churn') AS table")
    const written = Number(end.rows[0]!.lsn) - Number(start.rows[0]!.lsn)
    t.comment(`${Math.round(written / 1e6)} MB written, log ${Math.round(logBytes() / 1e6)} MB, table ${Math.round(Number(end.rows[0]!.table) / 1e6)} MB, longest pauses ${pauses.join(', ')} ms`)
    t.ok(pauses.length >= 2)
    t.ok(written > 60e6)
    t.ok(logBytes() < 45e6)
    t.ok(Number(end.rows[0]!.table) < 30e6)
  })

  t.test('when the database crashes, what waits is rejected and the folder is free', async (t) => {
    const client = await pool.connect()
    const seen: Error[] = []
    pool.on('error', (error) => { seen.push(error) })
    client.on('error', (error) => { seen.push(error) })
    rmSync(join(folder, 'data', 'pg_wal'), { recursive: true })
    const waiting = await Promise.allSettled([
      pool.query("INSERT INTO churn SELECT n, repeat('x', 1000) FROM generate_series(10001, 30000) AS n"),
      pool.query('SELECT 1'),
      client.query('SELECT 2')
    ])
    t.match(waiting, [1, 2, 3].map(() => ({ status: 'rejected', reason: { code: 'PGLITE_GONE' } })))
    t.match(seen, [{ code: 'PGLITE_GONE' }, { code: 'PGLITE_GONE' }])
    await t.rejects(pool.query('SELECT 1'), { code: 'PGLITE_GONE' })
    await t.rejects(pool.connect(), { code: 'PGLITE_GONE' })
    await pool.end()
    await (await lockFolder(folder)).release()
  })
})

t.teardown(() => rmSync(folder, { recursive: true, force: true }))
