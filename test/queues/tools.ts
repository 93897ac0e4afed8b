import t from 'tap'
import { toPostgresTool, toRedisTool } from '../../src/queues/tools.ts'

t.test('pg_dump gets the address by its environment, where nobody else reads the password', async (t) => {
  const { name, args, env } = toPostgresTool('pg_dump', 'postgres://me:p%40ss@h1:5432,h2/box?sslmode=require&target_session_attrs=read-write', ['--file=x'])
  t.same([name, args], ['pg_dump', ['--file=x']])
  t.same(env, { PGHOST: 'h1,h2', PGPORT: '5432,5432', PGUSER: 'me', PGPASSWORD: 'p@ss', PGDATABASE: 'box', PGSSLMODE: 'require', PGTARGETSESSIONATTRS: 'read-write' })
  t.same(toPostgresTool('pg_restore', 'postgres://h/box', ['x']).args, ['x', '--dbname=box'])
})

t.test('so does redis-cli', async (t) => {
  const { args, env } = toRedisTool('rediss://me:secret@h:6380/0', ['--rdb', 'x'])
  t.same(args, ['-h', 'h', '-p', '6380', '--user', 'me', '--tls', '--rdb', 'x'])
  t.same(env, { REDISCLI_AUTH: 'secret' })
  t.throws(() => toRedisTool('redis+cluster://h1,h2,h3', []), /each server of a cluster keeps a part/)
})
