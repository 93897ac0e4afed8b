import { randomUUID } from 'node:crypto'
import t, { type Test } from 'tap'
import type { QueuedJob } from '../../src/base/queued-job.ts'
import type { Ledger } from '../../src/ledger/contract.ts'
import { createLedger } from '../../src/ledger/open.ts'
import { openWork } from '../../src/queues/open-work.ts'
import { FinalFailure, type Work, type WorkerJob, type WorkerOptions } from '../../src/queues/work.ts'
import { BACKENDS, missing, openBackend, until } from '../fixtures/servers.ts'

const WORKER: WorkerOptions = { concurrency: 5, lockMs: 6000, stalledMs: 1000, onError: () => {} }

t.jobs = 1

for (const name of BACKENDS) {
  t.test(`the work on ${name}`, { skip: missing(name), timeout: 240_000 }, async (t) => {
    const backend = await openBackend(name)
    const { work, store } = await openWork({ backend: backend.url, prefix: '{test}', connections: 10, timeoutMs: 15_000, onError: () => {} })
    const ledger = createLedger(store)
    t.teardown(async () => {
      await ledger.close()
      await work.close()
      await work.close()
      await backend.close()
    })
    await work.migrate()
    await work.migrate()
    await ledger.migrate()
    await contract(t, work, ledger)
    await ending(t, work, ledger)
    await counting(t, work, ledger)
  })
}

const unique = (): string => `q${randomUUID()}`
const job = (queue: string, id: string, options: QueuedJob['options'] = {}): QueuedJob => ({ queue, id, name: 'p', data: { job: id }, options })
const add = (ledger: Ledger, ...enqueue: QueuedJob[]) => ledger.commit({ expect: [], enqueue })

async function contract (t: Test, work: Work, ledger: Ledger): Promise<void> {
  function workOn (t: Test, queue: string, run: (job: WorkerJob) => Promise<unknown>, options: Partial<WorkerOptions> = {}) {
    const worker = work.worker(queue, run, { ...WORKER, ...options })
    t.teardown(worker.close)
    return worker
  }

  await t.test('a job that the ledger enqueues is run, and gone when it has ended', async (t) => {
    const queue = unique()
    const ran: unknown[] = []
    workOn(t, queue, async ({ id, name, data, attempt }) => { ran.push({ id, name, data, attempt }) })
    await add(ledger, job(queue, 'a'))
    await until(() => ran.length > 0)
    t.same(ran, [{ id: 'a', name: 'p', data: { job: 'a' }, attempt: 1 }])
    await until(async () => (await work.get([{ queue, id: 'a' }]))[0] === undefined)
  })

  await t.test('attempts are made with the pauses of the job, and then no more', async (t) => {
    const queue = unique()
    const attempts: number[] = []
    workOn(t, queue, async ({ attempt }) => {
      attempts.push(attempt)
      throw new Error('again')
    })
    await add(ledger, job(queue, 'a', { attempts: 3, backoff: { type: 'list', delays: [10, 20] } }))
    await until(async () => (await work.ends([queue], 10)).length > 0)
    t.same(attempts, [1, 2, 3])
  })

  await t.test('a delayed job waits until it is promoted; a job that waits is not', async (t) => {
    const queue = unique()
    await add(ledger, job(queue, 'later', { delay: 3_600_000 }), job(queue, 'now'))
    await until(async () => (await work.get([{ queue, id: 'now' }]))[0] !== undefined)
    const [later, now, none] = await work.get([{ queue, id: 'later' }, { queue, id: 'now' }, { queue, id: 'none' }])
    t.same([later?.state, now?.state, none], ['delayed', 'waiting', undefined])
    t.ok((later?.readyAt ?? 0) > Date.now() + 3_000_000)
    for (const id of ['later', 'now', 'none']) await work.promote(queue, id)
    t.equal((await work.get([{ queue, id: 'later' }]))[0]?.state, 'waiting')
  })

  await t.test('a running job tells its worker, its start and its progress; it is not taken from its worker', async (t) => {
    const queue = unique()
    const go = latch()
    workOn(t, queue, async (one) => {
      await one.updateProgress({ done: 0.5 })
      await go.wait
    }, { name: 'the-worker' })
    await add(ledger, job(queue, 'a'))
    await until(async () => (await work.active(queue, 10))[0]?.progress !== undefined)
    const [running] = await work.active(queue, 10)
    t.match(running, { queue, id: 'a', state: 'active', progress: { done: 0.5 }, worker: 'the-worker', attemptsStarted: 1 })
    t.ok((running?.startedAt ?? 0) > Date.now() - 60_000)
    t.equal(await work.remove(queue, 'a'), 'active')
    go.open()
    await until(async () => (await work.active(queue, 10)).length === 0)
  })

  await t.test('a job that waits is taken off its queue, and may come on it again', async (t) => {
    const queue = unique()
    await add(ledger, job(queue, 'a'))
    await until(async () => await work.remove(queue, 'a') === 'removed')
    t.equal(await work.remove(queue, 'a'), 'absent')
    await add(ledger, job(queue, 'a'))
    await until(async () => (await work.get([{ queue, id: 'a' }]))[0]?.state === 'waiting')
  })

  await t.test('a paused queue gives out nothing until it is resumed', async (t) => {
    const queue = unique()
    let ran = 0
    await work.pause(queue)
    workOn(t, queue, async () => { ran++ })
    await add(ledger, job(queue, 'a'))
    await until(async () => (await work.counts([queue])).some(({ waiting, workers }) => waiting === 1 && workers === 1))
    t.same((await work.counts([queue]))[0], { waiting: 1, active: 0, delayed: 0, completed: 0, failed: 0, blocked: 0, paused: true, workers: 1 })
    t.equal(ran, 0)
    await work.resume(queue)
    await until(() => ran === 1)
  })

  await t.test('what is published reaches those who listen', async (t) => {
    const topic = `topic-${randomUUID()}`
    const heard: unknown[] = []
    await work.subscribe(topic, (message) => { heard.push(message) })
    await until(async () => {
      await work.publish(topic, { n: 1 })
      return heard.length > 0
    })
    t.same(heard[0], { n: 1 })
  })

  await t.test('it answers that it takes writes', async () => { await work.ping(15_000) })
}

async function ending (t: Test, work: Work, ledger: Ledger): Promise<void> {
  await t.test('the ends of a foreign worker are found and removed, the oldest first', async (t) => {
    const queue = unique()
    const other = unique()
    const worker = work.worker(queue, async ({ id }) => {
      if (id === 'bad') throw new FinalFailure('because')
      return { events: [{ type: 'x' }] }
    }, { ...WORKER, concurrency: 1 })
    t.teardown(worker.close)
    await add(ledger, job(queue, 'good', { keep: true }), job(queue, 'bad', { keep: true, attempts: 5 }))
    await until(async () => (await work.ends([other, queue], 10)).length === 2)
    const found = await work.ends([other, queue], 10)
    t.same(found.map(({ id, state, returnValue, failedReason }) => ({ id, state, returnValue, failedReason })), [
      { id: 'good', state: 'completed', returnValue: { events: [{ type: 'x' }] }, failedReason: undefined },
      { id: 'bad', state: 'failed', returnValue: undefined, failedReason: 'because' }
    ])
    t.equal((await work.ends([queue], 1)).length, 1)
    for (const { id } of found) t.equal(await work.remove(queue, id), 'removed')
    t.same(await work.ends([queue], 10), [])
  })

  await t.test('a job that fails for the last time stays with its reason, whoever asked to keep it', async (t) => {
    const queue = unique()
    const worker = work.worker(queue, async () => { throw new Error('no') }, WORKER)
    t.teardown(worker.close)
    await add(ledger, job(queue, 'a'))
    await until(async () => (await work.ends([queue], 10)).length === 1)
    t.match(await work.ends([queue], 10), [{ id: 'a', failedReason: 'no', data: { job: 'a' } }])
  })
}

async function counting (t: Test, work: Work, ledger: Ledger): Promise<void> {
  await t.test('many queues are counted in one go, in the order asked for', async (t) => {
    const [full, empty] = [unique(), unique()]
    const jobs = Array.from({ length: 30 }, (_, i) => job(full, `j${i}`, i < 5 ? { priority: 1 } : i < 8 ? { delay: 3_600_000 } : {}))
    await add(ledger, ...jobs)
    await until(async () => (await work.counts([full]))[0]?.waiting === 27)
    const found = await work.counts([empty, full])
    t.same(found.map(({ waiting, delayed, paused, workers }) => ({ waiting, delayed, paused, workers })), [
      { waiting: 0, delayed: 0, paused: false, workers: 0 }, { waiting: 27, delayed: 3, paused: false, workers: 0 }
    ])
    t.same(await work.counts([]), [])
    t.same((await work.busyQueues()).filter((name) => name === full || name === empty), [full])
  })

  await t.test('workers are counted by their queue, named or not', async (t) => {
    const [queue, longer] = [unique(), unique()]
    const open = [work.worker(queue, async () => {}, WORKER), work.worker(queue, async () => {}, { ...WORKER, name: 'a' }), work.worker(longer, async () => {}, WORKER)]
    for (const one of open) t.teardown(one.close)
    await until(async () => (await work.counts([queue, longer])).map(({ workers }) => workers).join() === '2,1')
  })
}

function latch (): { wait: Promise<void>, open: () => void } {
  let open = (): void => {}
  const wait = new Promise<void>((resolve) => { open = resolve })
  return { wait, open }
}
