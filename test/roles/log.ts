import { Redis } from 'ioredis'
import t from 'tap'
import { createLog } from '../../src/roles/log.ts'
import { withoutPassword } from '../../src/queues/address.ts'
import { missing, openBackend } from '../fixtures/servers.ts'

const SECRET = 'very-secret'

t.test('an address is shown without its password, wherever it stands', async (t) => {
  t.equal(withoutPassword(`postgres://me:${SECRET}@host/db?sslmode=require`), 'postgres://me:***@host/db?sslmode=require')
  t.equal(withoutPassword(`postgres://host/db?user=me&password=${SECRET}`), 'postgres://host/db?user=me&password=***')
  t.equal(withoutPassword('pglite:./var/data'), 'pglite:./var/data')
})

t.test('an error of Redis is logged without the password of its AUTH', { skip: missing('redis') }, async (t) => {
  const backend = await openBackend('redis')
  t.teardown(() => backend.close())
  const { hostname, port } = new URL(backend.url)
  const owner = new Redis({ host: hostname, port: Number(port) })
  await owner.config('SET', 'requirepass', 'another')
  owner.disconnect()
  const client = new Redis({ host: hostname, port: Number(port), password: SECRET, retryStrategy: () => null })
  const error = await new Promise<Error>((resolve) => { client.on('error', resolve) })
  client.disconnect()
  t.match(JSON.stringify(error), SECRET, 'ioredis hangs it on the error')
  const lines: string[] = []
  createLog('info', false, { write: (line) => { lines.push(line) } }).warn({ err: new Error('the outer one', { cause: error }) }, 'datastore connection')
  t.equal(lines.length, 1)
  t.match(lines[0], /the outer one.*WRONGPASS/s)
  t.notMatch(lines[0], SECRET)
})
