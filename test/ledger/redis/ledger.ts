import { Redis } from 'ioredis'
import t from 'tap'
import { createRedisLedger } from '../../../src/ledger/redis/ledger.ts'
import { createComposedEnqueuer } from '../../../src/queues/redis/composed.ts'
import { missing, openBackend } from '../../fixtures/servers.ts'

const prefix = '{l}'
const unit = (doc: string) => ({
  expect: [{ doc, rev: 0 }],
  put: [{ doc, value: {} }],
  entries: [{ set: 'gone', member: 'm', remove: true as const }, { set: 's', member: doc, score: 1 }],
  enqueue: [{ queue: 'q', id: doc, name: 'p', data: {} }]
})

t.test('the ledger on Redis', { skip: missing('redis'), timeout: 120_000 }, async (t) => {
  const backend = await openBackend('redis')
  const client = new Redis(backend.url, { maxRetriesPerRequest: null })
  const ledger = createRedisLedger({ client, prefix, enqueuer: createComposedEnqueuer(prefix) })
  t.teardown(async () => {
    await ledger.close()
    client.disconnect()
    await backend.close()
  })
  const enterGone = () => ledger.commit({ expect: [], entries: [{ set: 'gone', member: 'm', score: 1 }] })

  await t.test('its scripts are sent again to a server that has forgotten them', async (t) => {
    await ledger.commit(unit('a'))
    await client.script('FLUSH')
    t.same(await ledger.commit(unit('b')), { ok: true, counts: [] })
    await client.script('FLUSH')
    t.same(await ledger.list('s'), [[1, 'a'], [1, 'b']])
  })

  await t.test('nothing of a unit is applied where Redis is full', async (t) => {
    await enterGone()
    await client.config('SET', 'maxmemory', '1')
    await t.rejects(ledger.commit(unit('full')), /OOM/)
    await client.config('SET', 'maxmemory', '0')
    t.same([await ledger.get(['full']), await ledger.count(['gone', 's']), await client.exists(`${prefix}:q:full`)], [[undefined], [1, 2], 0])
    t.equal((await ledger.commit(unit('full'))).ok, true)
  })

  await t.test('nothing of a unit is applied by a replica that takes no writes', async (t) => {
    await enterGone()
    await client.call('REPLICAOF', '127.0.0.1', '1')
    await t.rejects(ledger.commit(unit('read')), /READONLY/)
    await client.call('REPLICAOF', 'NO', 'ONE')
    t.same([await ledger.get(['read']), await ledger.count(['gone'])], [[undefined], [1]])
  })

  await t.test('what was removed is forgotten after an hour, unless it is there again', async (t) => {
    for (const doc of ['old', 'counted', 'back']) {
      await ledger.commit({ expect: [{ doc, rev: 0 }], put: [{ doc, value: {} }] })
      await ledger.commit({ expect: [{ doc, rev: 1 }], remove: [doc] })
    }
    await ledger.commit({ expect: [{ doc: 'back', rev: 2 }], put: [{ doc: 'back', value: {} }], increments: [{ doc: 'counted', field: 'open', by: 1 }] })
    await ledger.sweep(0)
    t.same((await ledger.get(['old', 'counted', 'back'])).map((found) => found?.rev), [2, 2, 3])
    for (const doc of ['old', 'counted', 'back']) await client.zadd(`${prefix}:!tombs`, 1, doc)
    await ledger.sweep(0)
    t.same((await ledger.get(['old', 'counted', 'back'])).map((found) => found?.rev), [undefined, 2, 3])
    t.equal(await client.exists(`${prefix}:!tombs`), 0)
  })
})
