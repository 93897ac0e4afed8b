import { Gauge, type Registry } from 'prom-client'
import type { QueueCounts } from '../queues/work.ts'

/** What this process knows of itself. */
export type Own = { unserved: () => string[], stuck: () => string[], isFull: () => boolean }

/** What is asked of the datastore on every scrape. */
export type Readings = {
  depths: () => Promise<Map<string, QueueCounts>>
  /** Process → how long its oldest job has waited that nobody works on, seconds; 0 where none waits. */
  oldest: () => Promise<Map<string, number>>
  /** Schedule → how long its tick is overdue, seconds; 0 where it is not. */
  lateness: () => Promise<Map<string, number>>
} & Own

export type Build = { version: string, backend: string }

const STATES = ['waiting', 'active', 'delayed', 'blocked', 'completed', 'failed'] as const

export function addGauges (registry: Registry, readings: Readings, { version, backend }: Build): void {
  const { depths, oldest, lateness } = readings
  const registers = [registry]
  addOwn(registry, readings)
  const read = together(async () => await depths().catch(() => new Map<string, QueueCounts>()))
  const workers = new Gauge({
    name: 'signalbox_queue_workers',
    help: 'Workers that are connected to each queue',
    labelNames: ['queue'],
    registers,
    async collect () {
      const found = await read()
      workers.reset()
      for (const [queue, counts] of found) workers.set({ queue }, counts.workers)
    }
  })
  const queued = new Gauge({
    name: 'signalbox_queue_jobs',
    help: 'Jobs in each queue by state',
    labelNames: ['queue', 'state'],
    registers,
    async collect () {
      const found = await read()
      queued.reset()
      for (const [queue, counts] of found) {
        for (const state of STATES) queued.set({ queue, state }, counts[state])
      }
    }
  })
  readGauge(registry, 'process', oldest, {
    name: 'signalbox_oldest_waiting_seconds',
    help: 'How long the oldest job of each process has waited that nobody works on'
  })
  readGauge(registry, 'schedule', lateness, {
    name: 'signalbox_schedule_late_seconds',
    help: 'How long the tick of each schedule is overdue'
  })
  new Gauge({
    name: 'signalbox_build_info',
    help: 'Version of the service, of Node, and the datastore; always 1',
    labelNames: ['version', 'node', 'backend'],
    registers
  }).set({ version, node: process.versions.node, backend }, 1)
}

function addOwn (registry: Registry, { unserved, stuck, isFull }: Own): void {
  const missing = new Gauge({
    name: 'signalbox_queue_unserved',
    help: 'Queues that this process should serve and does not',
    labelNames: ['queue'],
    registers: [registry],
    collect () {
      missing.reset()
      for (const queue of unserved()) missing.set({ queue }, 1)
    }
  })
  const loops = new Gauge({
    name: 'signalbox_loop_unserved',
    help: 'What this process should do again and again and does not',
    labelNames: ['loop'],
    registers: [registry],
    collect () {
      loops.reset()
      for (const loop of stuck()) loops.set({ loop }, 1)
    }
  })
  const closed = new Gauge({
    name: 'signalbox_intake_closed',
    help: '1 while nothing new is taken because the datastore or the disk is nearly full',
    registers: [registry],
    collect () { closed.set(isFull() ? 1 : 0) }
  })
}

/** All that ask while an answer is under way get that one. */
function together<T> (ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined
  return async () => await (asked ??= ask().finally(() => { asked = undefined }))
}

type About = { name: string, help: string }

function readGauge (registry: Registry, label: string, read: () => Promise<Map<string, number>>, about: About): void {
  const gauge = new Gauge({
    ...about,
    labelNames: [label],
    registers: [registry],
    async collect () {
      const found = await read().catch(() => new Map<string, number>())
      gauge.reset()
      for (const [name, value] of found) gauge.set({ [label]: name }, value)
    }
  })
}
