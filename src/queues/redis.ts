import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { Redis, type RedisOptions } from 'ioredis'
import { createRedisBackend, withBackend, type ConnectionOptions, type FlowProducer, type IQueueBackend, type Job } from 'bullmq'
import { CANCELLED_QUEUE, EVENTS_QUEUE, GATES_QUEUE, OWN_QUEUES, type Children, type FailedFilter, type ListFilter, type ListPage, type ListRange, type Mark, type NewJob, type Note, type QueueState, type StoredJob, type Tree } from './contract.ts'
import { withoutPassword } from './address.ts'
import { toChildren } from './children.ts'
import { writeCursor, type Place } from './cursor.ts'
import { PRUNE_PIECE, type Engine } from './engine.ts'
import { spareKept } from './redis-kept.ts'
import { LIST_PIECE, readPlaces, take, toPlaces } from './redis-places.ts'
import { readFailed } from './redis-failed.ts'
import { FlowRefused, createFlowWriter, type FlowWriter, type Retention } from './flow.ts'
import { withTimeout } from './timeout.ts'

type Settings = { url: string, prefix: string, lanes: number, retention: Retention, timeoutMs: number, onError: (error: Error) => void }

const STATES: Record<string, QueueState> = {
  waiting: 'waiting', prioritized: 'waiting', delayed: 'delayed', active: 'active', 'waiting-children': 'blocked', completed: 'completed', failed: 'failed'
}

/**
 * KEYS: the lists. ARGV: now, the age in ms beyond which members go, and for each list the number of its new ids and the ids.
 * A script, because a pipeline of ioredis costs more than all that is in it (it copies every script that BullMQ defines).
 */
const INDEX_SCRIPT = `
local at = 3
for _, key in ipairs(KEYS) do
  local last = at + tonumber(ARGV[at])
  for i = at + 1, last do redis.call('ZADD', key, ARGV[1], ARGV[i]) end
  redis.call('ZREMRANGEBYSCORE', key, '-inf', ARGV[1] - ARGV[2])
  redis.call('PEXPIRE', key, ARGV[2])
  at = last + 1
end`

/** KEYS: the note. ARGV: the version that was read, the new one, the value or nothing, its life in ms. */
const NOTE_SCRIPT = `
if (redis.call('HGET', KEYS[1], 'version') or '') ~= ARGV[1] then return 0 end
if ARGV[3] == '' then redis.call('DEL', KEYS[1])
else
  redis.call('HSET', KEYS[1], 'version', ARGV[2], 'value', ARGV[3])
  redis.call('PEXPIRE', KEYS[1], ARGV[4])
end
return 1`

type NoteClient = Redis & { signalboxNote: (key: string, ...args: Array<string | number>) => Promise<number> }
type IndexClient = Redis & { signalboxIndex: (keys: number, ...args: Array<string | number>) => Promise<unknown> }

/** How often a batch is tried again whose ids another process was using at the same moment. */
const WATCH_TRIES = 5

/** At most so many pieces of a list a page: a rare match ends a page early, it never hangs. */
const LIST_READS = 10
/** Before the names of the lists of what is kept for ever. */
const KEPT = 'kept:'

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
  const reads = open(failFast) as NoteClient
  reads.defineCommand('signalboxNote', { numberOfKeys: 1, lua: NOTE_SCRIPT })
  const blocking = open(base)
  const lanes = Array.from({ length: settings.lanes }, () => createLane(open(failFast)))

  type Lane = { client: IndexClient, flows: FlowProducer<IQueueBackend, ConnectionOptions>, writer: FlowWriter, busy: Promise<unknown> }
  function createLane (client: Redis): Lane {
    client.defineCommand('signalboxIndex', { lua: INDEX_SCRIPT })
    const flows = new classes.FlowProducer({ connection: client, prefix })
    flows.on('error', onError)
    return { client: client as IndexClient, flows, writer: createFlowWriter(flows.getBackend(), prefix, retention), busy: Promise.resolve() }
  }

  let turn = 0
  /** One batch at a time on a connection: WATCH belongs to the connection, not to the caller. */
  async function addTrees (trees: Tree[]): Promise<Array<'added' | 'known' | Error>> {
    const lane = lanes[turn++ % lanes.length] as Lane
    const result = lane.busy.then(() => addOn(lane, trees))
    lane.busy = result.catch(() => {})
    return await result
  }

  async function addOn (lane: Lane, trees: Tree[]): Promise<Array<'added' | 'known' | Error>> {
    try {
      return await addWatched(lane, trees)
    } catch (error) {
      if (!(error instanceof FlowRefused)) throw error
      if (trees.length === 1) return [error as Error]
      const results: Array<'added' | 'known' | Error> = []
      for (const tree of trees) results.push(...await addOn(lane, [tree]))
      return results
    }
  }

  /** Redis would break a tree that is added a second time after a child failed; WATCH makes check and add one step. */
  async function addWatched (lane: Lane, trees: Tree[]): Promise<Array<'added' | 'known' | Error>> {
    for (let tries = 1; ; tries++) {
      const known = await watchExisting(lane.client, trees)
      const fresh = trees.filter((tree) => !known.has(tree.root.id))
      const watched = trees.some((tree) => tree.mayExist)
      if (fresh.length === 0) {
        if (watched) await lane.client.unwatch()
        return trees.map(() => 'known')
      }
      try {
        await Promise.all([writeIndex(lane.client, fresh), lane.writer.addTrees(fresh)])
        return trees.map((tree) => known.has(tree.root.id) ? 'known' : 'added')
      } catch (error) {
        // BullMQ reads the empty answer of an EXEC that a WATCH refused as a list.
        if (!(watched && error instanceof TypeError && tries < WATCH_TRIES)) throw error
      }
    }
  }

  async function watchExisting (client: Redis, trees: Tree[]): Promise<Set<string>> {
    const maybe = trees.filter((tree) => tree.mayExist)
    if (maybe.length === 0) return new Set()
    const keyOf = ({ queue, id }: NewJob): string => `${prefix}:${queue}:${id}`
    const [, ...found] = await Promise.all([client.watch(...maybe.map(({ root }) => keyOf(root))), ...maybe.map(({ root, children }) => client.exists(keyOf(root), ...children.map(keyOf)))])
    const known = new Set<string>()
    for (const [i, { root, children }] of maybe.entries()) {
      if (found[i] === 0) continue
      if (await client.exists(keyOf(root)) === 1) known.add(root.id)
      // Jobs are kept longer than their event: those of an event that is gone go too, or its new record would wait for them.
      else for (const child of children) await queue(child.queue).getBackend().remove(child.id, false)
    }
    return known
  }

  /** One command for a whole batch, and one for each list of what is kept: each list gets its members at once, loses what is too old, and expires with them. */
  async function writeIndex (client: IndexClient, trees: Tree[]): Promise<void> {
    const lists = new Map<string, string[]>()
    const put = (name: string, id: string): void => {
      const ids = lists.get(name)
      if (ids === undefined) lists.set(name, [id])
      else ids.push(id)
    }
    for (const { root, children, marks = [] } of trees) {
      for (const set of marks) put(`mark:${set}`, root.id)
      for (const name of listsOf(root)) put(name, root.id)
      for (const child of children) {
        // By the id of the process job, also where a job at its gate stands for it.
        put(`jobs:${child.name}`, child.queue === GATES_QUEUE ? child.id.replace(/\.gate$/, '') : child.id)
        put('queues', child.queue)
      }
    }
    const now = Date.now()
    // The same score in both lists: a place is one place.
    const kept = trees.filter(({ root }) => root.data['keep'] === true).flatMap(({ root }) => listsOf(root).map((name) => client.zadd(key(`${KEPT}${name}`), now, root.id)))
    // All sent at once: the flow is sent right after, on the same connection.
    await Promise.all([...kept, client.signalboxIndex(lists.size, ...[...lists.keys()].map(key), now, retention.ageMs * 2, ...[...lists.values()].flatMap((ids) => [ids.length, ...ids]))])
  }

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

  async function readNotes (names: string[]): Promise<Array<Note<unknown> | undefined>> {
    const found = await Promise.all(names.map((name) => reads.hmget(key(`note:${name}`), 'version', 'value')))
    return found.map(([version, value]) => typeof version === 'string' && typeof value === 'string' ? { version, value: JSON.parse(value) as unknown } : undefined)
  }

  async function writeNote (name: string, read: Note<unknown> | undefined, value: object | undefined, ttlMs: number): Promise<boolean> {
    return await reads.signalboxNote(key(`note:${name}`), read?.version ?? '', randomUUID(), value === undefined ? '' : JSON.stringify(value), Math.ceil(ttlMs)) === 1
  }

  async function mark (marks: Mark[]): Promise<void> {
    await Promise.all(marks.flatMap(({ set, id, at }) => [reads.zadd(key(`mark:${set}`), 'NX', at, id), reads.pexpire(key(`mark:${set}`), retention.ageMs * 2)]))
  }

  async function marked (set: string, limit: number): Promise<Array<{ id: string, at: number }>> {
    return toPlaces(await reads.zrange(key(`mark:${set}`), '0', String(limit - 1), 'WITHSCORES'))
  }

  let closing: Promise<void> | undefined
  async function close (): Promise<void> {
    await Promise.allSettled([...queues.values()].map((one) => one.close()))
    await Promise.allSettled(lanes.map((lane) => lane.flows.close()))
    for (const client of [reads, blocking, ...lanes.map((lane) => lane.client)]) client.disconnect()
  }

  return {
    backend: 'redis',
    address: withoutPassword(settings.url),
    classes,
    options: (use) => ({ connection: use === 'worker' ? blocking : reads, prefix }),
    relay: () => ({ connection: blocking, prefix, namespace: 'signalbox' }),
    addTrees,
    fetch,
    children,
    list,
    failed,
    countUnder: (root) => reads.zcard(key(`root:${root}`)),
    busyQueues,
    pruneRecords,
    readNotes,
    writeNote,
    mark,
    unmark: async (set, ids) => { if (ids.length > 0) await reads.zrem(key(`mark:${set}`), ...ids) },
    marked,
    countWorkers: (name) => queue(name).getWorkersCount(),
    ping: async () => { await reads.set(key('ping'), Date.now()) },
    // Nothing to create; but a connection that is not up yet would refuse its first command.
    migrate: async () => { await withTimeout(Promise.all([...[reads, blocking, ...lanes.map((lane) => lane.client)].map(untilUp), ...lanes.map((lane) => lane.flows.waitUntilReady())]), settings.timeoutMs) },
    onError,
    close: async () => { await (closing ??= close()) }
  }
}

const untilUp = async (client: Redis): Promise<void> => { if (client.status !== 'ready') await once(client, 'ready') }

const listName = (filter: ListFilter): string => {
  if (filter.kind === 'jobs') return `jobs:${filter.name}`
  if (filter.root !== undefined) return `root:${filter.root}`
  if (filter.subject !== undefined) return `subject:${filter.subject}`
  return filter.type === undefined ? 'events' : `type:${filter.type}`
}

/** The lists in which an event stands. */
function listsOf ({ id, name, data }: NewJob): string[] {
  const { event, root } = data as { event?: { subject?: string }, root?: string }
  return ['events', `type:${name}`, ...event?.subject === undefined ? [] : [`subject:${event.subject}`], ...root === undefined || root === id ? [] : [`root:${root}`]]
}

/** What the sorted set that was read does not already say. */
function matches (job: StoredJob, filter: ListFilter): boolean {
  if (filter.kind === 'jobs') return filter.states === undefined || filter.states.includes(job.state)
  const event = job.data['event'] as { subject?: string } | undefined
  return (filter.type === undefined || job.name === filter.type) && (filter.subject === undefined || event?.subject === filter.subject)
}

function toStoredJob (job: Job, state: QueueState): StoredJob {
  return {
    queue: job.queueName,
    id: job.id as string,
    name: job.name,
    data: job.data as Record<string, unknown>,
    state,
    progress: job.progress === 0 ? undefined : job.progress,
    returnValue: job.returnvalue ?? undefined,
    failedReason: job.failedReason,
    attemptsMade: job.attemptsMade,
    attemptsStarted: job.attemptsStarted,
    maxAttempts: job.opts.attempts ?? 1,
    createdAt: job.timestamp,
    readyAt: state === 'delayed' ? (job.processedOn ?? job.timestamp) + job.delay : undefined,
    startedAt: job.processedOn,
    finishedAt: job.finishedOn,
    worker: job.processedBy
  }
}

function toOptions (url: string): RedisOptions {
  const { hostname, port, username, password, pathname, protocol } = new URL(url)
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? 6379 : Number(port),
    ...(username === '' ? {} : { username: decodeURIComponent(username) }),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
    db: Number(pathname.slice(1) || 0),
    ...(protocol === 'rediss:' ? { tls: {} } : {})
  }
}
