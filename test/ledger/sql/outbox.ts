import t from 'tap'
import type { QueuedJob } from '../../../src/base/queued-job.ts'
import { createOutbox } from '../../../src/ledger/sql/outbox.ts'
import { until } from '../../fixtures/servers.ts'

t.test('a delivery that is never answered is given up, and those behind it go on', async (t) => {
  const owed = (id: string) => ({ seq: id, job: { queue: 'q', id, name: 'p', data: {} } satisfies QueuedJob })
  const delivered: string[] = []
  const errors: string[] = []
  const outbox = createOutbox({
    pool: { query: async () => ({ rows: [] }), connect: async () => { throw new Error('nobody connects') } },
    deliverer: {
      check: () => {},
      deliver: async (jobs) => {
        if (jobs.some(({ id }) => id === 'hangs')) await new Promise(() => {})
        delivered.push(...jobs.map(({ id }) => id))
        return jobs.map(() => undefined)
      }
    },
    deliverMs: 20,
    onError: ({ message }) => { errors.push(message) }
  })
  outbox.owe([owed('hangs')])
  await until(() => errors.length === 1)
  t.same(errors, ['no answer within 20 ms'])
  outbox.owe([owed('next')])
  await until(() => delivered.length === 1)
  await outbox.close()
  t.same(outbox.takeDelivered(), [], 'what was delivered has left the outbox')
})
