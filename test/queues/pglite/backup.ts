import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { backupFolder, restoreFolder } from '../../../src/queues/pglite/backup.ts'
import { openPglite } from '../../../src/queues/pglite/pool.ts'
import { openBackend } from '../../fixtures/servers.ts'

t.setTimeout(120_000)

const schema = 'bullmq'

/** A folder with one row in it, closed well. */
async function filled (): Promise<{ folder: string, close: () => Promise<void> }> {
  const { url, close } = await openBackend('pglite')
  const folder = url.replace('pglite:', '')
  const pool = await openPglite({ folder, schema })
  await pool.query('create table kept (n int)')
  await pool.query('insert into kept values (7)')
  await pool.end()
  return { folder, close }
}

t.test('a backup is brought back into a folder that has nothing yet, and into no other', async (t) => {
  const { folder, close } = await filled()
  t.teardown(close)
  const file = join(t.testdir(), 'backup.tgz')
  const other = join(t.testdirName, 'other')
  await backupFolder(folder, file)
  await restoreFolder(other, file)
  const pool = await openPglite({ folder: other, schema })
  t.same((await pool.query('select n from kept')).rows, [{ n: 7 }])
  await t.rejects(backupFolder(other, join(t.testdirName, 'second.tgz')), { code: 'DATA_FOLDER_IN_USE' }, 'not while somebody writes')
  await pool.end()
  t.notOk(existsSync(join(t.testdirName, 'second.tgz')))
  await t.rejects(restoreFolder(other, file), { code: 'DATA_FOLDER_UNFIT', message: /it has data already/ })
  writeFileSync(file, readFileSync(file).subarray(0, 2000))
  await t.rejects(restoreFolder(join(t.testdirName, 'third'), file), { code: 'DATA_FOLDER_UNFIT', message: /is no backup that can be read/ })
  t.notOk(existsSync(join(t.testdirName, 'third', 'data')), 'and nothing of it is there')
  await t.rejects(backupFolder(join(t.testdirName, 'nowhere'), file), { code: 'DATA_FOLDER_UNFIT' })
})

t.test('a folder whose data are gone, empty, or in part is not opened as a new one', async (t) => {
  const { folder, close } = await filled()
  t.teardown(close)
  rmSync(join(folder, 'data', 'PG_VERSION'))
  await t.rejects(openPglite({ folder, schema }), { code: 'DATA_FOLDER_UNFIT', message: /it holds no database, or a part of one; put a backup in its place \(signalbox restore FILE\)/ })
  rmSync(join(folder, 'data'), { recursive: true })
  mkdirSync(join(folder, 'data'))
  await t.rejects(openPglite({ folder, schema }), { code: 'DATA_FOLDER_UNFIT', message: /it holds no database/ })
  rmSync(join(folder, 'data'), { recursive: true })
  await t.rejects(openPglite({ folder, schema }), { code: 'DATA_FOLDER_UNFIT', message: /its data, made at .*, are gone/ })
  t.same(readdirSync(folder), ['signalbox.json'], 'the folder is let go of')
})

t.test('damage is told in one sentence', async (t) => {
  const { folder, close } = await filled()
  t.teardown(close)
  writeFileSync(join(folder, 'data', 'global', 'pg_control'), Buffer.alloc(8192))
  const error = await openPglite({ folder, schema }).then(() => undefined, (found: Error) => found)
  t.match(error, { code: 'DATA_FOLDER_UNFIT' })
  t.match(error?.message, /the database does not start \(.+\); put a backup in its place/)
  t.notMatch(error?.message, /\n|wasm/i)
})

t.test('a copy that was made while it was open is told from one that was made after', async (t) => {
  const { folder, close } = await filled()
  t.teardown(close)
  const copies = t.testdir()
  const [torn, whole] = [join(copies, 'torn'), join(copies, 'whole')]
  const pool = await openPglite({ folder, schema })
  cpSync(folder, torn, { recursive: true, filter: (source) => !/lock-\w+$/.test(source) })
  await pool.end()
  cpSync(folder, whole, { recursive: true })
  await t.rejects(openPglite({ folder: torn, schema }), { code: 'DATA_FOLDER_UNFIT', message: /it is a copy that was made while a service had it open/ })
  const copy = await openPglite({ folder: whole, schema })
  t.same((await copy.query('select n from kept')).rows, [{ n: 7 }])
  await copy.end()
})
