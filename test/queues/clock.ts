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

/** The ticks of a schedule, each with the time at which it came by the clock of the datastore. */
async function ticksOf (work: Work, now: () => number): Promise<Array<{ tick: number, at: number }>> {
  const found: Array<{ tick: number, at: number }> = []
  const worker = work.worker(QUEUE, async ({ tick = Number.NaN }) => { found.push({ tick, at: now() }) }, { concurrency: 2, lockMs: 5000, stalledMs: 500, onError: () => {} })
  await work.schedule(QUEUE, { name: 'each second', pattern: 'every 1s', timezone: 'UTC', data: {} })
  await until(() => found.length >= 4, 'ticks')
  await worker.close()
  return found
}

for (const name of ['redis', 'postgres'] as const) {
  for (const aheadMs of [HOUR_MS, -HOUR_MS]) {
    t.test(`on ${name}, locks, delays and schedules go by a clock that is ${aheadMs / HOUR_MS} h ahead`, { skip: missing(name), timeout: 120_000 }, async (t) => {
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
      const ticks = await ticksOf(work, () => Date.now() + aheadMs)
      t.ok(ticks.every(({ tick, at }) => tick % 1000 === 0 && at >= tick && at - tick < 60_000), `schedules go by it too: ${JSON.stringify(ticks)}`)
      t.equal(new Set(ticks.map(({ tick }) => tick)).size, ticks.length, 'no tick comes twice')
    })
  }
}
