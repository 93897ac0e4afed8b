import t from 'tap'
import { createDispatch } from '../../../src/engine/dispatch/dispatch.ts'
import type { Lookups } from '../../../src/engine/lookups/lookups.ts'
import { openQueues } from '../../../src/queues/open.ts'
import { openBackend } from '../../fixtures/servers.ts'

const MAX_FAN_OUT = 10

const lookups: Lookups = {
  eventTypes: new Map([['noted', { type: 'noted', processes: [], description: undefined, example: undefined }]]),
  processes: new Map(),
  schedules: new Map(),
  hash: 'none',
  warnings: []
}

t.test('the follow-on events of a job that is settled again near the fan-out limit get the same answer', async (t) => {
  const backend = await openBackend('pglite')
  const queues = await openQueues({ backend: backend.url, prefix: '{test}', connections: 2, retentionMs: 3_600_000, timeoutMs: 5000, onError: () => {} })
  await queues.migrate()
  t.teardown(async () => {
    await queues.close()
    await backend.close()
  })
  const dispatch = createDispatch({ lookups: () => lookups, queues, timeoutMs: 5000, batchSize: 50, batches: 2, maxWaiting: 100, maxDepth: 5, maxFanOut: MAX_FAN_OUT })
  const job = (id: string) => ({ id, process: 'any', key: 'e1', event: { type: 'begin', id: '1', source: '/test' }, lineage: { root: 'e1', depth: 0, above: [] } })
  const events = (n: number) => Array.from({ length: n }, () => ({ type: 'noted' }))
  await dispatch.followOn(job('e1.first'), events(4))
  const once = await dispatch.followOn(job('e1.second'), events(8))
  t.same(once.map((one) => one.key !== undefined), [...Array.from({ length: 6 }, () => true), false, false])
  t.match(once[7]?.refused, /10 follow-on events/)
  t.same(await dispatch.followOn(job('e1.second'), events(8)), once)
  t.same(await dispatch.followOn(job('e1.first'), events(4)).then((all) => all.every((one) => one.key !== undefined)), true)
  t.equal(await queues.countUnder('e1'), MAX_FAN_OUT)
})
