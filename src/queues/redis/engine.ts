import { Redis, type RedisOptions } from 'ioredis'
import { createRedisBackend, withBackend, type ConnectionOptions } from 'bullmq'
import { CANCELLED_QUEUE, EVENTS_QUEUE, GATES_QUEUE, OWN_QUEUES, type Children, type FailedFilter, type ListFilter, type ListPage, type ListRange, type StoredJob } from '../contract.ts'
import { withoutPassword } from '../address.ts'
import { toChildren } from '../bullmq/children.ts'
import { writeCursor, type Place } from '../cursor.ts'
import { PRUNE_PIECE, type Engine } from '../bullmq/engine.ts'
import type { Retention } from '../bullmq/flow-writer.ts'
import { readFailed } from './failed.ts'
import { STATES, toStoredJob } from './job.ts'
import { spareKept } from './kept.ts'
import { KEPT, listName, matches } from './lists.ts'
import { createRedisNotes } from './notes.ts'
import { toOptions, untilUp } from './options.ts'
import { LIST_PIECE, readPlaces, take } from './places.ts'
import { createRedisTrees } from './trees.ts'
import { withTimeout } from '../timeout.ts'

type Settings = { url: string, prefix: string, lanes: number, retention: Retention, timeoutMs: number, onError: (error: Error) => void }

/** At most so many pieces of a list a page: a rare match ends a page early, it never hangs. */
const LIST_READS = 10

/**
 * Redis, Valkey, Dragonfly. Lists come from sorted sets of our own (score = time of acceptance), written on the same
 * connection before the flow: an id without its job is skipped, a job without its id cannot be.
 */
export function createRedisEngine (settings: Settings): Engine<ConnectionOptions> {
  const { prefix, retention, onError } = settings
  const classes = withBackend(createRedisBackend)
  const key = (name: string): string => `${prefix}:signalbox:${name}`
  const base = toOptions(settings.url)
  // Fails fast instead of waiting for a Redis that is away, and never repeats a command whose fate is unknown.
  const failFast: RedisOptions = { ...base, commandTimeout: settings.timeoutMs, connectTimeout: settings.timeoutMs, enableOfflineQueue: false, autoResendUnfulfilledCommands: false }
  const open = (options: RedisOptions): Redis => {
    const client = new Redis({ ...options, maxRetriesPerRequest: null, retryStrategy: (times) => Math.min(50 * 2 ** times, 1000) })
    client.on('error', onError)
    return client
  }
  const reads = open(failFast)
  const blocking = open(base)
  const openFlows = (client: Redis) => {
    const flows = new classes.FlowProducer({ connection: client, prefix })
    flows.on('error', onError)
    return flows
  }
  const trees = createRedisTrees({ lanes: settings.lanes, open: () => open(failFast), openFlows, prefix, key, retention, remove: (name, id) => queue(name).getBackend().remove(id, false) })
  const notes = createRedisNotes(reads, key, retention.ageMs * 2)

  const queues = new Map<string, InstanceType<typeof classes.Queue>>()
  const queue = (name: string): InstanceType<typeof classes.Queue> => {
    let found = queues.get(name)
    if (found === undefined) {
      found = new classes.Queue(name, { connection: reads, prefix })
      found.on('error', onError)
      queues.set(name, found)
    }
    return found
  }

  async function fetch (keys: Array<{ queue: string, id: string }>): Promise<Array<StoredJob | undefined>> {
    return await Promise.all(keys.map(async ({ queue: name, id }) => {
      // In this order on one connection: a job that ends in between is told as it was, never as ended without its result.
      const [state, job] = await Promise.all([queue(name).getJobState(id), queue(name).getJob(id)])
      return job === undefined || job === null ? undefined : toStoredJob(job, STATES[state] ?? 'waiting')
    }))
  }

  /** Three commands: a pipeline, as BullMQ uses here, costs more than all that is in it. */
  async function children (queueName: string, id: string): Promise<Children> {
    const base = `${prefix}:${queueName}:${id}`
    const [processed, ignored, unprocessed] = await Promise.all([reads.hgetall(`${base}:processed`), reads.hgetall(`${base}:failed`), reads.smembers(`${base}:dependencies`)])
    return toChildren(Object.entries(processed).map(([key, value]) => [key, JSON.parse(value)]), Object.entries(ignored), unprocessed)
  }

  async function list (filter: ListFilter, { limit, ...range }: ListRange): Promise<ListPage> {
    // What is kept stays in lists of its own, and is in the others as long as everything is.
    const names = filter.kind === 'events' ? [listName(filter), `${KEPT}${listName(filter)}`] : [listName(filter)]
    const places = readPlaces(reads, names.map(key), range)
    const items: StoredJob[] = []
    const after: string[] = []
    let last: Place | undefined
    for (let read = 0; read < LIST_READS; read++) {
      const piece = await take(places, LIST_PIECE)
      const jobs = await fetchListed(filter, piece)
      for (const [i, place] of piece.entries()) {
        const job = jobs[i]
        if (job !== undefined && matches(job, filter)) {
          if (items.length === limit) return { items, after, next: last && writeCursor(last) }
          items.push(job)
          after.push(writeCursor(place))
        }
        last = place
      }
      if (piece.length < LIST_PIECE) return { items, after, next: undefined }
    }
    return { items, after, next: last && writeCursor(last) }
  }

  /** BullMQ remembers no names of queues; our set of them has those that got a job within the life of a job. */
  async function failed ({ queues: given, name }: FailedFilter, range: ListRange): Promise<ListPage> {
    const names = new Set([...given, ...await reads.zrange(key('queues'), '0', '-1')])
    for (const own of OWN_QUEUES) names.delete(own)
    // A job may fail at its gate.
    names.add(GATES_QUEUE)
    return await readFailed({ reads, setOf: (queueName) => `${prefix}:${queueName}:failed`, fetch }, [...names], name, range)
  }

  /** A job that was cancelled before it ran lies in a queue of its own, and so does one that waits at its gate. */
  async function fetchListed (filter: ListFilter, places: Place[]): Promise<Array<StoredJob | undefined>> {
    const jobs = await fetch(places.map(({ id }) => ({ queue: filter.kind === 'events' ? EVENTS_QUEUE : filter.queue, id })))
    if (filter.kind === 'events' || !jobs.includes(undefined)) return jobs
    const [cancelled, gates] = [await fetch(places.map(({ id }) => ({ queue: CANCELLED_QUEUE, id }))), await fetch(places.map(({ id }) => ({ queue: GATES_QUEUE, id: `${id}.gate` })))]
    return jobs.map((job, i) => job ?? cancelled[i] ?? gates[i])
  }

  async function busyQueues (): Promise<string[]> {
    const names = await reads.zrange(key('queues'), '0', '-1')
    const open = await Promise.all(names.map(async (name) => Object.values(await queue(name).getJobCounts('waiting', 'prioritized', 'delayed', 'active')).some((count) => count > 0)))
    return names.filter((_, i) => open[i])
  }

  /**
   * BullMQ takes what is old by its score in the set of what has ended: that of a kept record is moved beyond all times, once,
   * when it would be removed for the first time.
   */
  async function pruneRecords (before: number): Promise<number> {
    let removed = 0
    for (const state of ['completed', 'failed'] as const) {
      await spareKept(reads, { ended: `${prefix}:${EVENTS_QUEUE}:${state}`, kept: key(`${KEPT}events`), before })
      for (;;) {
        // Counted back from now to the same time: nothing that was not looked at.
        const ids = await queue(EVENTS_QUEUE).clean(Date.now() - before, PRUNE_PIECE, state)
        removed += ids.length
        if (ids.length < PRUNE_PIECE) break
      }
    }
    return removed
  }

  let closing: Promise<void> | undefined
  async function close (): Promise<void> {
    await Promise.allSettled([...queues.values()].map((one) => one.close()))
    await trees.close()
    for (const client of [reads, blocking]) client.disconnect()
  }

  return {
    backend: 'redis',
    address: withoutPassword(settings.url),
    classes,
    options: (use) => ({ connection: use === 'worker' ? blocking : reads, prefix }),
    relay: () => ({ connection: blocking, prefix, namespace: 'signalbox' }),
    addTrees: trees.addTrees,
    fetch,
    children,
    list,
    failed,
    countUnder: (root) => reads.zcard(key(`root:${root}`)),
    busyQueues,
    pruneRecords,
    ...notes,
    countWorkers: (name) => queue(name).getWorkersCount(),
    ping: async () => { await reads.set(key('ping'), Date.now()) },
    // Nothing to create; but a connection that is not up yet would refuse its first command.
    migrate: async () => { await withTimeout(Promise.all([untilUp(reads), untilUp(blocking), trees.ready()]), settings.timeoutMs) },
    onError,
    close: async () => { await (closing ??= close()) }
  }
}
