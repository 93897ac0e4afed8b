import t from 'tap'
import { readCondition } from '../../../src/queues/redis/condition.ts'
import type { RedisClient } from '../../../src/queues/redis/options.ts'

type Info = Record<string, string | number>

const GOOD: Info = { redis_version: '7.0.15', maxmemory_policy: 'noeviction', aof_enabled: 1, used_memory: 100, maxmemory: 0 }

/** One that tells this of itself. */
function redis (more: Info, save = ''): RedisClient {
  const lines = Object.entries({ ...GOOD, ...more }).map(([name, value]) => `${name}:${value}`)
  const client = {
    info: async () => `# Server\r\n${lines.join('\r\n')}\r\n`,
    config: async () => ['save', save]
  }
  return client as unknown as RedisClient
}

t.test('a Redis that keeps what it is given has nothing against it', async (t) => {
  t.same(await readCondition(redis({}), 80), { full: undefined, warnings: [] })
})

t.test('one that throws away, that keeps nothing, or too little, is told of', async (t) => {
  const warnings = async (more: Info, save?: string) => (await readCondition(redis(more, save), 80)).warnings
  t.match(await warnings({ maxmemory_policy: 'allkeys-lru' }), [/its maxmemory-policy is allkeys-lru, and must be noeviction/])
  t.match(await warnings({ aof_enabled: 0 }, ''), [/keeps nothing over a restart/])
  t.match(await warnings({ aof_enabled: 0 }, '3600 1'), [/loses what came since its last snapshot/])
  t.match(await warnings({ aof_enabled: 0, maxmemory_policy: 'volatile-ttl' }, ''), [/volatile-ttl/, /keeps nothing/])
})

t.test('one that may not be asked for its snapshots is not said to have none', async (t) => {
  const client = redis({ aof_enabled: 0 })
  Object.assign(client, { config: async () => { throw new Error('ERR unknown command') } })
  t.match((await readCondition(client, 80)).warnings, [/loses what came since its last snapshot/])
})

t.test('it is full from the mark on, and not below', async (t) => {
  const full = async (used: number) => (await readCondition(redis({ used_memory: used, maxmemory: 1000 }), 80)).full
  t.equal(await full(799), undefined)
  t.equal(await full(800), 'Redis has used 80 % of its maxmemory, and 80 % are the most')
  t.equal((await readCondition(redis({ used_memory: 1e12 }), 80)).full, undefined, 'without a limit it is never full')
})

t.test('one that is too old is refused, and the oldest that may be used is not', async (t) => {
  for (const version of ['2.8.19', '5.0.14', '6.0.16', '6.1.240']) {
    await t.rejects(readCondition(redis({ redis_version: version }), 80), { code: 'DATASTORE_UNFIT', message: `Redis ${version} is too old: 6.2 is the oldest that can be used` })
  }
  for (const version of ['6.2.0', '7.0.0', '10.1.0']) t.match(await readCondition(redis({ redis_version: version }), 80), { warnings: [] })
})
