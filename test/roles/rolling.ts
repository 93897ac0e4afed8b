import { Agent, get, type IncomingMessage } from 'node:http'
import t from 'tap'
import { openProxy } from '../faults/fixtures/proxy.ts'
import { missing, openAnyBackend, openBackend, until } from '../fixtures/servers.ts'
import { createCall, openService, step, type Answer } from '../fixtures/service.ts'

t.test('clients are told to let go of what they do not use before an api that withdraws closes it, which itself waits longer', async (t) => {
  const backend = await openAnyBackend()
  t.teardown(backend.close)
  const { url } = await openService(t, { backend: backend.url, lookups: { events: {}, processes: {} }, roles: ['api'], env: { SIGNALBOX_DRAIN_MS: '5000' } })
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.teardown(() => { agent.destroy() })
  const answer = await new Promise<IncomingMessage>((resolve, reject) => { get(`${url}/live`, { agent }, resolve).once('error', reject) })
  t.equal(answer.headers['keep-alive'], 'timeout=5')
  t.equal(answer.headers['connection'], 'keep-alive')
})

const portOf = (url: string): number => Number(new URL(url).port)

t.test('an api that is replaced withdraws first, and not one request fails', { skip: missing('redis'), timeout: 120_000 }, async (t) => {
  const backend = await openBackend('redis')
  t.teardown(backend.close)
  const lookups = { events: { arrived: ['first'] }, processes: { first: step() } }
  const open = () => openService(t, { backend: backend.url, lookups, roles: ['api'], env: { SIGNALBOX_DRAIN_MS: '500' } })
  const [before, after] = [await open(), await open()]
  const balancer = await openProxy(portOf(before.url))
  const client = createCall(`http://127.0.0.1:${balancer.port}`)
  const enough = new AbortController()
  let taken = 0
  const failed: unknown[] = []
  const send = async (lane: number): Promise<void> => {
    for (let n = 0; !enough.signal.aborted; n++) {
      const answer = await client('POST', '/jobs', { type: 'arrived', id: `${lane}-${n}` }).catch((error: Error) => error)
      if (answer instanceof Error || answer.status !== 202) failed.push(answer)
      else taken++
    }
  }
  const lanes = [0, 1, 2, 3].map(send)
  t.teardown(async () => {
    enough.abort()
    await Promise.allSettled(lanes)
    await client.close()
    await balancer.close()
  })
  await until(() => taken > 20, 'events')

  const gone = before.service.withdraw()
  const ready: Answer = await before.call('GET', '/ready')
  t.equal(ready.status, 503)
  t.equal(ready.body.intake, 'closed: it is being stopped')
  const late = await before.call('POST', '/jobs', { type: 'arrived', id: 'late' })
  t.equal(late.status, 202, 'what still comes is taken')
  t.equal(late.headers['connection'], 'close', 'and no connection is used again')
  balancer.leadTo(portOf(after.url))
  await gone
  await before.service.stop()
  const then = taken
  await until(() => taken > then + 20, 'events at the other one')
  enough.abort()
  await Promise.all(lanes)
  t.same(failed, [])
})
