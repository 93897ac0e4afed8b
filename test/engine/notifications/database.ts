import t from 'tap'
import { Agent } from 'undici'
import { createNotices } from '../../../src/engine/notifications/notices.ts'
import { toStatements, type Told } from '../../../src/engine/notifications/database.ts'
import { readNoticeData } from '../../../src/engine/notifications/notice-data.ts'
import { createSend } from '../../../src/engine/notifications/send.ts'
import { toNotify } from '../../../src/schemas/notify.ts'
import { givenBlocks } from '../../fixtures/blocks.ts'
import { mariadbMissing, openMariadb } from '../../fixtures/mariadb.ts'
import { createMemoryEngine, toLookups } from '../../fixtures/memory-engine.ts'
import { missing, openBackend } from '../../fixtures/servers.ts'
import { sqlRows } from './fixtures/sql-rows.ts'

const told: Told = {
  about: 'job',
  status: 'complete',
  name: 'dump_dna',
  id: 'e1.dump_dna',
  notice: 'n1',
  reason: null,
  started: null,
  ended: '2026-01-01T00:00:00.000Z',
  duration_ms: null,
  host: null,
  version: null,
  jobs: [],
  event: { id: 'e1', type: 'new_assembly', subject: 'human', data: { release: 114 } },
  result: { files: ['a', 'b'], whole: true }
}

t.test('values of statements come from the event and the result, and never become a part of the text', async (t) => {
  const sql = 'INSERT INTO t VALUES (?, ?, ?, ?, ?, ?)'
  t.same(toStatements([{ sql, values: ['/event/subject', '/event/data/release', '/result/files', '/result/whole', '/result/nothing', '/reason'] }], told), [
    { sql, values: ['human', 114, '["a","b"]', true, null, null] }
  ])
})

/** An engine with a process whose ends a database is told of, and the notices that lie on the queue. */
async function createTold (block: object) {
  const lookups = await toLookups({ e: ['p'] }, { p: { notify: [{ on: ['success', 'failure', 'cancelled'], database: { block: 'metadata' } }] } as never })
  t.same(lookups.processes.get('p')?.notify, toNotify([{ on: ['success', 'failure', 'cancelled'], database: { block: 'metadata' } }]))
  const notices = createNotices({ lookups: () => lookups, hide: (text) => text, delays: [50], reports: false })
  const engine = await createMemoryEngine({ e: ['p'] }, { p: {} }, undefined, notices)
  const dispatcher = new Agent()
  const send = createSend({ ledger: engine.ledger, block: givenBlocks({ metadata_database: { metadata: block } }), publicUrl: 'http://here', timeoutMs: 5000, dispatcher })
  const sendAll = async (): Promise<void> => {
    for (const { queue, id, data } of engine.queued.values()) {
      if (queue !== 'notifications') continue
      const told = readNoticeData(data)
      if ('notice' in told) await send(id, told, new AbortController().signal)
    }
  }
  return { ...engine, sendAll, close: async () => { await dispatcher.close() } }
}

const insert = (mark: (n: number) => string) => ({
  sql: `INSERT INTO ends (notice, genome, status, reason, genes) VALUES (${[1, 2, 3, 4, 5].map(mark).join(', ')})`,
  values: ['/notice', '/event/subject', '/status', '/reason', '/result/genes']
})
const TABLE = 'CREATE TABLE ends (notice VARCHAR(80) PRIMARY KEY, genome VARCHAR(80), status VARCHAR(20), reason VARCHAR(200), genes VARCHAR(200))'
const NASTY = "human'); DROP TABLE ends; --"

t.test('MariaDB is told of each end once, by prepared statements in one transaction', { skip: mariadbMissing }, async (t) => {
  const mariadb = await openMariadb()
  t.teardown(async () => { await mariadb.close() })
  await mariadb.run('', `CREATE DATABASE meta; USE meta; ${TABLE}; CREATE USER 'teller'@'127.0.0.1' IDENTIFIED BY 'teller-secret'; GRANT INSERT ON meta.* TO 'teller'@'127.0.0.1'`)
  const server = { server: 'mysql', host: '127.0.0.1', port: mariadb.tcp.port, user: 'teller', password: 'teller-secret', database: 'meta' }
  const statement = insert(() => '?')
  const { post, complete, fail, verbs, sendAll, close } = await createTold({ ...server, success: [statement], failure: [statement], cancelled: [] })
  t.teardown(close)
  const rows = async () => await mariadb.run('meta', 'SELECT genome, status, reason, genes FROM ends ORDER BY status, genome')
  const first = await post('e', { subject: NASTY })
  await complete(first, 'p')
  const second = await post('e', { subject: 'mouse' })
  await fail(second, 'p')
  await sendAll()
  t.same(await rows(), [{ genome: NASTY, status: 'complete', reason: null, genes: null }, { genome: 'mouse', status: 'failed', reason: 'no luck', genes: null }])
  await t.rejects(sendAll(), { code: 'FINAL', message: /Duplicate entry/ }, 'a notice has one name, by which a repeat is known')
  await verbs.retry(`${second}.p`)
  t.equal((await rows() as unknown[]).length, 2)
  const broken = await createTold({ ...server, success: [statement, { sql: 'INSERT INTO nowhere VALUES (1)', values: [] }], failure: [], cancelled: [] })
  t.teardown(broken.close)
  await broken.complete(await broken.post('e', { subject: 'rat' }), 'p')
  await t.rejects(broken.sendAll(), { code: 'FINAL', message: /^the metadata database: / })
  t.equal((await rows() as unknown[]).length, 2, 'the statement before it was undone')
  const away = await createTold({ ...server, port: 1, success: [statement], failure: [], cancelled: [] })
  t.teardown(away.close)
  await away.complete(await away.post('e', { subject: 'rat' }), 'p')
  const error = await away.sendAll().catch((error: unknown) => error)
  t.match(error, { code: 'ECONNREFUSED' }, 'one that is away is tried again')
})

t.test('PostgreSQL likewise', { skip: missing('postgres') }, async (t) => {
  const backend = await openBackend('postgres')
  t.teardown(async () => { await backend.close() })
  const { hostname, port, username, password, pathname } = new URL(backend.url)
  const server = { server: 'postgres', host: hostname, port: Number(port), user: decodeURIComponent(username), password: decodeURIComponent(password), database: pathname.slice(1) }
  await sqlRows(backend.url, TABLE)
  const statement = insert((n) => `$${n}`)
  const { post, complete, sendAll, close } = await createTold({ ...server, success: [statement], failure: [], cancelled: [] })
  t.teardown(close)
  await complete(await post('e', { subject: NASTY }), 'p')
  await sendAll()
  t.same(await sqlRows(backend.url, 'SELECT genome, status FROM ends'), [{ genome: NASTY, status: 'complete' }])
  await t.rejects(sendAll(), { code: 'FINAL', message: /duplicate key/ })
})
