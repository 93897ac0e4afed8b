import type { AddressInfo } from 'node:net'
import type { Job } from 'bullmq'
import fastify from 'fastify'
import { eventFlow, followOnFlow, plainJobs } from './bare-flow.ts'
import { openBareBullmq } from './bare-bullmq.ts'
import { serveOrders } from './child.ts'
import { EVENTS_QUEUE, PROCESSES, RECORDS_PER_EVENT } from './event.ts'
import { crowd, pace, startClock } from './pace.ts'

/** The floor: events as flows, or as plain jobs, added and processed by BullMQ alone, in one process. Takes its orders from rounds.ts. */

export type FloorOrder =
  | { do: 'add', count: number, concurrency: number }
  | { do: 'addBatched', count: number, size: number, underWay: number }
  | { do: 'addPlain', count: number, concurrency: number }
  | { do: 'addPlainBatched', count: number, size: number, underWay: number }
  | { do: 'serve' }
  | { do: 'endToEnd', count: number, concurrency: number }
  | { do: 'steady', count: number, perSecond: number }

/** Milliseconds. */
export type FloorAnswer = { ms: number, took: number[] }
export type SteadyAnswer = { accept: number[], followOn: number[] }

type JobData = { key: string, process: string, event: { subject: string } }

const bullmq = await openBareBullmq(process.argv[2] ?? '')
const clock = startClock()
/** When the first follow-on event of an event was stored, by the event's key. */
const stored = new Map<string, number>()
let closed = 0
let onClosed = (): void => {}
let working = false

async function timed (work: () => Promise<number[]>): Promise<FloorAnswer> {
  const start = performance.now()
  const took = await work()
  return { ms: performance.now() - start, took }
}

function startWorkers (): void {
  if (working) return
  working = true
  for (const name of PROCESSES) bullmq.work(name, runJob, () => {})
  bullmq.work(EVENTS_QUEUE, async () => 'closed', () => {
    closed++
    onClosed()
  })
}

async function runJob (job: Job<JobData>): Promise<unknown> {
  const { key, event } = job.data
  const flow = followOnFlow({ id: job.id ?? '', process: job.name, key, subject: event.subject })
  await bullmq.add(flow)
  if (!stored.has(key)) stored.set(key, clock())
  return { output: null, settled: true, events: [{ type: flow.name, key: flow.opts?.jobId }] }
}

async function untilClosed (count: number): Promise<void> {
  await new Promise<void>((resolve) => {
    onClosed = () => { if (closed >= count) resolve() }
    onClosed()
  })
}

async function endToEnd (count: number, concurrency: number): Promise<number[]> {
  startWorkers()
  const end = closed + count * RECORDS_PER_EVENT
  const took = await crowd({ count, concurrency }, () => bullmq.add(eventFlow()))
  await untilClosed(end)
  return took
}

async function steady (count: number, perSecond: number): Promise<SteadyAnswer> {
  startWorkers()
  const end = closed + count * RECORDS_PER_EVENT
  const sent = await pace({ perSecond, count }, async () => {
    const flow = eventFlow()
    const start = clock()
    await bullmq.add(flow)
    return { key: flow.opts?.jobId ?? '', start, accept: clock() - start }
  })
  await untilClosed(end)
  return { accept: sent.map((one) => one.accept), followOn: sent.map((one) => (stored.get(one.key) ?? NaN) - one.start) }
}

/** The service that one writes in ten minutes: no check of anything, one call per request. */
async function serve (): Promise<string> {
  const app = fastify()
  app.post('/jobs', async (_request, reply) => {
    const flow = eventFlow()
    await bullmq.add(flow)
    return await reply.code(202).send(flow.children?.map((child) => [child.name, child.opts?.jobId]))
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
}

type Batched = { count: number, size: number, underWay: number }

async function addBatched ({ count, size, underWay }: Batched, add: () => Promise<unknown>): Promise<number[]> {
  return await crowd({ count: Math.ceil(count / size), concurrency: underWay }, add)
}

const many = <T>(size: number, make: () => T): T[] => Array.from({ length: size }, make)

serveOrders<FloorOrder>(async (order) => {
  switch (order.do) {
    case 'add': return await timed(() => crowd(order, () => bullmq.add(eventFlow())))
    case 'addBatched': return await timed(() => addBatched(order, () => bullmq.addBulk(many(order.size, eventFlow))))
    case 'addPlain': return await timed(() => crowd(order, () => bullmq.addPlain(plainJobs())))
    case 'addPlainBatched': return await timed(() => addBatched(order, () => bullmq.addPlain(many(order.size, plainJobs).flat())))
    case 'serve': return await serve()
    case 'endToEnd': return await timed(() => endToEnd(order.count, order.concurrency))
    case 'steady': return await steady(order.count, order.perSecond)
  }
}, () => bullmq.close())
