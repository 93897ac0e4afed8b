import t from 'tap'
import { createLedger } from '../../src/ledger/open.ts'
import { openWork } from '../../src/queues/open-work.ts'
import type { Work } from '../../src/queues/work.ts'
import { missing, openBackend, until } from '../fixtures/servers.ts'

const HOUR_MS = 3_600_000
const QUEUE = 'q'

/** A job is put back once for 200 ms. `took`: how long it was away; `startedAt`: when it began again, as its queue says. */
async function putBack (work: Work, commit: () => Promise<unknown>): Promise<{ startedAt: number, took: number }> {
  const begun: number[] = []
  let startedAt = Number.NaN
  const worker = work.worker(QUEUE, async (job) => {
    begun.push(performance.now())
    if (begun.length === 1) throw await job.postpone(200)
    startedAt = job.startedAt ?? Number.NaN
  }, { concurrency: 2, lockMs: 5000, stalledMs: 500, onError: () => {} })
  await commit()
  await until(() => begun.length === 2, 'the second start')
  await worker.close()
  return { startedAt, took: (begun[1] ?? 0) - (begun[0] ?? 0) }
}

for (const name of ['redis', 'postgres'] as const) {
  for (const aheadMs of [HOUR_MS, -HOUR_MS]) {
    t.test(`on ${name}, locks and delays go by a clock that is ${aheadMs / HOUR_MS} h ahead`, { skip: missing(name), timeout: 120_000 }, async (t) => {
      const backend = await openBackend(name)
      const { work, store } = await openWork({ backend: backend.url, prefix: '{test}', connections: 4, timeoutMs: 15_000, aheadMs: () => aheadMs, onError: () => {} })
      const ledger = createLedger(store)
      t.teardown(async () => {
        await ledger.close()
        await work.close()
        await backend.close()
      })
      await work.migrate()
      await ledger.migrate()
      const { startedAt, took } = await putBack(work, () => ledger.commit({ expect: [], enqueue: [{ queue: QUEUE, id: 'a', name: 'p', data: {} }] }))
      t.ok(took >= 199, `it came again after ${took} ms`)
      t.ok(Math.abs(startedAt - Date.now() - aheadMs) < 60_000, `its time is one of that clock: ${startedAt}`)
    })
  }
}
