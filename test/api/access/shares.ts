import { EventEmitter } from 'node:events'
import type { FastifyReply, FastifyRequest } from 'fastify'
import t from 'tap'
import { createShares } from '../../../src/api/access/shares.ts'

const of = (name: string, ip: string) => ({ request: { caller: { name }, ip } as FastifyRequest, reply: { raw: new EventEmitter() } as unknown as FastifyReply })

t.test('one key and address hold so many at once, another as many again, and what ends makes room', async (t) => {
  const take = createShares('streams', 2)
  const [one, two, three] = [of('a', '10.0.0.1'), of('a', '10.0.0.1'), of('a', '10.0.0.1')]
  take(one.request, one.reply)
  take(two.request, two.reply)
  t.throws(() => { take(three.request, three.reply) }, { statusCode: 429, code: 'TOO_MANY_OPEN', retryAfter: 5, message: '2 streams are the most of one key and address at once' })
  for (const other of [of('b', '10.0.0.1'), of('a', '10.0.0.2')]) take(other.request, other.reply)
  one.reply.raw.emit('close')
  take(three.request, three.reply)
  const four = of('a', '10.0.0.1')
  t.throws(() => { take(four.request, four.reply) }, { code: 'TOO_MANY_OPEN' })
})
