import type { Redis } from 'ioredis'
import t from 'tap'
import type { RedisClient } from '../../../src/queues/redis/options.ts'
import { makePatient } from '../../../src/queues/redis/patient.ts'

const INFO = '# Server\r\nredis_version:7.0.15\r\nmaxmemory_policy:allkeys-lru\r\n'

/** Fails so often before it answers. */
function redis (failures: number, status = 'ready') {
  const client = {
    status,
    asked: 0,
    info: async (...sections: string[]) => {
      client.asked++
      if (failures-- > 0) throw new Error('Connection is closed.')
      return sections.length > 0 ? `of ${sections.join()}` : INFO
    },
    duplicate: () => redis(1)
  }
  return client
}

t.test('the first question is asked until it is answered, and says nothing of evicting', async (t) => {
  const client = redis(2)
  const info = await makePatient(client as unknown as RedisClient).info()
  t.equal(info, INFO.replace('allkeys-lru', 'noeviction'))
  t.equal(client.asked, 3)
})

t.test('so is that of each connection which is made from it', async (t) => {
  const second = makePatient(redis(0) as unknown as Redis).duplicate()
  t.match(await second.info(), /^maxmemory_policy:noeviction\r?$/m)
})

t.test('a question about one section is asked once', async (t) => {
  const client = redis(1)
  const patient = makePatient(client as unknown as RedisClient)
  await t.rejects(patient.info('memory'))
  t.equal(await patient.info('memory'), 'of memory')
})

t.test('nobody asks on whose connection was closed', async (t) => {
  const client = redis(5, 'end')
  await t.rejects(makePatient(client as unknown as RedisClient).info(), /closed/)
  t.equal(client.asked, 1)
})
