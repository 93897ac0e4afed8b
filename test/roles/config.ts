import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { folders, leaves, loadConfig } from '../../src/roles/config.ts'
import { temporaryFolder } from '../fixtures/service.ts'
import { HOME } from '../fixtures/places.ts'

const file = join(HOME, 'config', 'default.json')

t.test('the environment stands over the file, and values have their types', async (t) => {
  const config = loadConfig({ file, env: { PORT: '4000', SIGNALBOX_FETCH_ALLOW_PRIVATE: 'true', SIGNALBOX_RETENTION_HOURS: '0.5', SIGNALBOX_TOKEN: '', DOCKER_IMAGE_TAG: 'v2.1-abc' } })
  t.equal(config.version, 'v2.1-abc')
  t.equal(config.port, 4000)
  t.equal(config.host, '127.0.0.1')
  t.equal(config.fetch.allow_private, true)
  t.equal(config.queues.retention_hours, 0.5)
  t.equal(config.token, '')
})

t.test('the configuration cannot be changed', async (t) => {
  const config = loadConfig({ file, env: {} })
  t.throws(() => { (config as { port: number }).port = 1 })
  t.throws(() => { (config.worker as { threads: number }).threads = 1 })
})

t.test('all wrong settings are named at once, with value and what was expected', async (t) => {
  const wrong = { PORT: 'abc', LOG_LEVEL: 'loud', SIGNALBOX_THREADS: '-1', SIGNALBOX_BACKEND: 'mysql://root:secret@h/x' }
  const message = messageOf(() => loadConfig({ file, env: wrong }))
  t.match(message, /PORT: "abc" must be integer/)
  t.match(message, /LOG_LEVEL: "loud"/)
  t.match(message, /SIGNALBOX_THREADS: -1 must be >= 0/)
  t.match(message, /SIGNALBOX_BACKEND: its value must match pattern/)
  t.notMatch(message, /secret/)
})

t.test('the value of a setting that may hold a secret is told to nobody', async (t) => {
  const hidden = ['SIGNALBOX_TOKEN', 'SIGNALBOX_KEYS', 'SIGNALBOX_SECRET_KEY', 'SIGNALBOX_SECRET_KEY_OLD', 'SIGNALBOX_BACKEND', 'SIGNALBOX_REPORT_SERVER']
  t.same(leaves().filter((leaf) => leaf.hidden).map(({ env }) => env), hidden)
  for (const env of hidden.slice(2)) {
    const message = messageOf(() => loadConfig({ file, env: { [env]: 'no such value: hunter2' } }))
    t.match(message, `${env}: its value must match pattern`)
    t.notMatch(message, 'hunter2')
  }
})

t.test('every backend of the table may be configured, and nothing else', async (t) => {
  const backendOf = (backend: string): string => loadConfig({ file, env: { SIGNALBOX_BACKEND: backend } }).backend
  for (const address of ['pglite:./x', 'postgres://h/d', 'postgresql://h/d', 'redis://h', 'rediss://h']) t.equal(backendOf(address), address)
  t.throws(() => backendOf('mysql://h/d'), { code: 'INVALID_CONFIG' })
})

t.test('a file with an unknown, a missing or a broken setting is refused by name', async (t) => {
  const folder = temporaryFolder(t)
  const other = join(folder, 'config.json')
  writeFileSync(other, '{ "prot": 3000 }')
  t.throws(() => loadConfig({ file: other, env: {} }), { message: /prot is not a setting[\s\S]*host is missing|host is missing[\s\S]*prot is not a setting/ })
  writeFileSync(other, '{')
  t.throws(() => loadConfig({ file: other, env: {} }), { message: /config\.json/ })
  t.throws(() => loadConfig({ file: join(folder, 'none.json'), env: {} }), { message: /none\.json/ })
})

t.test('every setting has a variable of its own and a meaning', async (t) => {
  const all = leaves()
  t.equal(new Set(all.map(({ env }) => env)).size, all.length)
  t.same(all.filter(({ description }) => description === ''), [])
})

t.test('folders are listed as in PATH', async (t) => {
  t.same(folders('/a:/b::/c'), ['/a', '/b', '/c'])
  t.same(folders(''), [])
})

function messageOf (throws: () => unknown): string {
  try {
    throws()
    return ''
  } catch (error) {
    return (error as Error).message
  }
}
