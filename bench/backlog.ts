import { setTimeout as sleep } from 'node:timers/promises'
import Table from 'cli-table3'
import { Pool } from 'undici'
import type { Datastore } from './datastore.ts'
import { newEvent } from './event.ts'
import { withEach, withOptions } from './program.ts'
import { withSignalbox } from './signalbox.ts'
import { latencyOf, round, type Latency } from './summary.ts'
import { haveWait } from './waiting.ts'

/** What people read, and how long a start takes, while very many events wait. One row each; milliseconds. */

type Row = { what: string, latency: Latency }
type Answer = { status: number, body: Record<string, unknown> }

const FAILED = 1000
const CALLS = 200

/** A tree of 1,000 events and 667 jobs, and failed jobs, before anything waits. */
async function prepare (url: string): Promise<string> {
  return await withSignalbox('start', url, async ({ address }) => {
    const pool = new Pool(address, { connections: 20 })
    const post = async (type: string, subject: string): Promise<void> => {
      const { status } = await ask(pool, '/jobs', { ...newEvent(subject), type, id: `${type}-${subject}`, source: '/bench' })
      if (status !== 202) throw new Error(`answered ${status}`)
    }
    await post('bench_tree', 'tree')
    for (let i = 0; i < FAILED; i++) await post('bench_bad', `bad-${i}`)
    const tree = async () => (await ask(pool, '/events?type=bench_tree')).body as { items: Array<{ id: string, tree_status?: string }> }
    const queues = async () => (await ask(pool, '/queues')).body as { items: Array<{ waiting: number, active: number, delayed: number }> }
    for (;;) {
      const { items } = await queues()
      const [first] = (await tree()).items
      if (items.every(({ waiting, active, delayed }) => waiting + active + delayed === 0) && first?.tree_status === 'complete') {
        await pool.close()
        return first.id
      }
      await sleep(200)
    }
  })
}

async function ask (pool: Pool, path: string, body?: unknown): Promise<Answer> {
  const answer = await pool.request({ path, method: body === undefined ? 'GET' : 'POST', headers: { 'content-type': 'application/json' }, ...body === undefined ? {} : { body: JSON.stringify(body) } })
  const text = await answer.body.text()
  return { status: answer.statusCode, body: text.startsWith('{') ? JSON.parse(text) as Record<string, unknown> : {} }
}

async function readAll (address: string, tree: string): Promise<Row[]> {
  const pool = new Pool(address, { connections: 1 })
  const items = async (path: string): Promise<Array<{ id: string }>> => (await ask(pool, path)).body['items'] as Array<{ id: string }>
  const [job] = await items('/jobs/bench_a?status=submitted&limit=1')
  const [event] = await items('/events?type=bench&limit=1')
  const reads: Array<[string, string]> = [
    ['a waiting job', `/jobs/bench_a/${job?.id}`],
    ['an event', `/events/${event?.id}`],
    ['a tree of 1,000 events', `/events/${tree}?limit=1000`],
    ['jobs of a process', '/jobs/bench_a'],
    ['jobs of a process that wait', '/jobs/bench_a?status=submitted'],
    ['jobs of a process that have ended', '/jobs/bench_a?status=complete'],
    ['jobs of a subject', '/jobs/bench_a?subject=filled-7'],
    ['failed jobs', '/jobs?status=failed'],
    ['failed jobs by cause', '/jobs/failures'],
    ['events', '/events'],
    ['events of a type', '/events?type=bench_done'],
    ['queues', '/queues'],
    ['metrics', '/metrics']
  ]
  const rows: Row[] = []
  for (const [what, path] of reads) {
    const took: number[] = []
    for (let i = 0; i < CALLS; i++) {
      const start = performance.now()
      const { status } = await ask(pool, path)
      took.push(performance.now() - start)
      if (status !== 200) throw new Error(`${path} answered ${status}`)
    }
    rows.push({ what, latency: latencyOf(took.slice(CALLS / 10)) })
  }
  await pool.close()
  return rows
}

/** Seconds from the start of the process until it is live, and until its first job has ended where some wait. */
async function startTimes (url: string, someWait: boolean): Promise<{ live: number, firstEnd: number }> {
  const start = performance.now()
  return await withSignalbox('start', url, async ({ ended }) => {
    const live = performance.now() - start
    if (someWait) while (await ended() === 0) await sleep(20)
    return { live: round(live / 1000, 2), firstEnd: round((performance.now() - start) / 1000, 2) }
  })
}

async function run (datastore: Datastore, waiting: number): Promise<string> {
  await datastore.empty()
  const tree = await prepare(datastore.url())
  const empty = await startTimes(datastore.url(), false)
  const before = await datastore.counts()
  await haveWait(datastore.url(), waiting)
  const after = await datastore.counts()
  const rows = await withSignalbox('api', datastore.url(), ({ address }) => readAll(address, tree))
  const times = await startTimes(datastore.url(), true)
  const table = new Table({ head: [`${datastore.name}, ${waiting} events waiting`, 'p50 ms', 'p95', 'p99'], style: { head: [], border: [], compact: true } })
  for (const { what, latency } of rows) table.push([what, latency.p50.toFixed(1), latency.p95.toFixed(1), latency.p99.toFixed(1)])
  const bytes = before.bytes === undefined || after.bytes === undefined ? '' : `; ${Math.round((after.bytes - before.bytes) / waiting)} bytes a waiting event`
  return `${table.toString()}\nall roles live after ${times.live} s (${empty.live} s with nothing waiting), first job ended after ${times.firstEnd} s${bytes}`
}

await withOptions(async ({ backends, quick }) => {
  await withEach(backends, async (datastore) => {
    for (const waiting of quick ? [1000] : [1000, 100_000]) process.stdout.write(`${await run(datastore, waiting)}\n\n`)
  })
})
