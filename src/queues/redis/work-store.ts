import { withBackend, type ConnectionOptions, type Job } from 'bullmq'
import { Cluster } from 'ioredis'
import { errors } from '../../base/errors.ts'
import type { WorkStore } from '../bullmq/work-store.ts'
import type { JobKey, QueueCounts, StoredJob } from '../work.ts'
import type { Ahead } from '../bullmq/datastore-clock.ts'
import { createClockedBackend } from './clock.ts'
import { queuesKey } from './composed.ts'
import { primariesOf, readCondition } from './condition.ts'
import type { RedisConnections } from './connections.ts'
import { STATES, toStoredJob } from './job.ts'
import type { RedisClient } from './options.ts'

type Settings = {
  address: string
  connections: RedisConnections
  prefix: string
  aheadMs: Ahead
  onError: (error: Error) => void
}

const SETS = ['prioritized', 'delayed', 'completed', 'failed', 'waiting-children']

type Classes = WorkStore<ConnectionOptions>['classes']
type Queue = InstanceType<Classes['Queue']>

type State = Settings & { classes: Classes, queues: Map<string, Queue> }

/** BullMQ on Redis, Valkey, Dragonfly. What many are asked for goes in one turn, so that it takes one round trip. */
export function createRedisWorkStore (settings: Settings): WorkStore<ConnectionOptions> {
  const { address, connections, prefix, aheadMs, onError } = settings
  const state: State = { ...settings, classes: withBackend(createClockedBackend(aheadMs)), queues: new Map() }
  const { commands, blocking } = connections
  return {
    backend: 'redis',
    address,
    classes: state.classes,
    aheadMs,
    options: (use) => ({ connection: use === 'worker' ? blocking : commands, prefix }),
    relay: () => ({ connection: blocking, prefix, namespace: 'signalbox' }),
    get: (keys) => Promise.all(keys.map((key) => get(state, key))),
    active: (queue, limit) => jobsIn(state, queue, 'active', limit, false),
    ends: (queues, limit) => ends(state, queues, limit),
    counts: (queues) => Promise.all(queues.map((name) => counts(state, name))),
    workers: (queues) => workersOf(state, queues),
    busyQueues: () => busyQueues(state),
    earlierNote: async (name) => toNote(await commands.hget(`${prefix}:signalbox:note:${name}`, 'value')),
    ping: async () => { await commands.set(`${prefix}:signalbox:ping`, Date.now()) },
    condition: (highWater) => readCondition(commands, highWater),
    // Nothing to create; but a connection that is not up yet would refuse its first command.
    migrate: async () => {
      await connections.ready()
      refuseScattered(commands, prefix)
      // One that is too old is refused before anything is written to it.
      await readCondition(commands, 100)
    },
    onError,
    close: async () => {
      await Promise.allSettled([...state.queues.values()].map((one) => one.close()))
      connections.close()
    }
  }
}

function refuseScattered (client: RedisClient, prefix: string): void {
  if (!(client instanceof Cluster) || /\{[^}]+\}/.test(prefix)) return
  throw errors.invalidConfig([`SIGNALBOX_PREFIX: ${JSON.stringify(prefix)} has no part in braces, as {signalbox} has: a cluster would scatter its keys`])
}

const toNote = (json: string | null): unknown => json === null ? undefined : JSON.parse(json)

function queueOf ({ classes, connections, prefix, queues, onError }: State, name: string): Queue {
  let found = queues.get(name)
  if (found === undefined) {
    found = new classes.Queue(name, { connection: connections.commands, prefix })
    found.on('error', onError)
    queues.set(name, found)
  }
  return found
}

async function get (state: State, { queue, id }: JobKey): Promise<StoredJob | undefined> {
  // In this order on one connection: a job that ends in between is told as it was, never as ended without its result.
  const [place, job] = await Promise.all([queueOf(state, queue).getJobState(id), queueOf(state, queue).getJob(id)])
  return job === undefined || job === null ? undefined : toStoredJob(job as Job, STATES[place] ?? 'waiting')
}

type Place = 'active' | 'completed' | 'failed'

async function jobsIn (state: State, queue: string, place: Place, limit: number, asc: boolean): Promise<StoredJob[]> {
  const jobs = await queueOf(state, queue).getJobs([place], 0, limit - 1, asc)
  return jobs.map((job) => toStoredJob(job as Job, place))
}

async function ends (state: State, queues: string[], limit: number): Promise<StoredJob[]> {
  const { connections: { commands }, prefix } = state
  const sets = queues.flatMap((queue) => (['completed', 'failed'] as const).map((place) => ({ queue, place })))
  const sizes = await Promise.all(sets.map(({ queue, place }) => commands.zcard(`${prefix}:${queue}:${place}`)))
  const filled = sets.filter((_, i) => sizes[i] !== 0)
  const found = await Promise.all(filled.map(({ queue, place }) => jobsIn(state, queue, place, limit, true)))
  return found.flat().sort((a, b) => (a.finishedAt ?? 0) - (b.finishedAt ?? 0)).slice(0, limit)
}

type Counts = Omit<QueueCounts, 'workers'>

async function counts ({ connections: { commands }, prefix }: State, name: string): Promise<Counts> {
  const key = (place: string): string => `${prefix}:${name}:${place}`
  const lists = Promise.all(['wait', 'paused', 'active'].map((place) => commands.llen(key(place))))
  const sets = Promise.all(SETS.map((place) => commands.zcard(key(place))))
  const [[wait = 0, held = 0, active = 0], sizes, paused] = await Promise.all([
    lists,
    sets,
    commands.hexists(key('meta'), 'paused')
  ])
  const [prioritized = 0, delayed = 0, completed = 0, failed = 0, blocked = 0] = sizes
  return { waiting: wait + held + prioritized, active, delayed, completed, failed, blocked, paused: paused === 1 }
}

/**
 * BullMQ names the blocking connection of a worker after its queue and the worker. One list for all queues. In a
 * cluster a worker is connected to several nodes, and is told once.
 */
async function workersOf ({ connections: { commands }, prefix }: State, queues: string[]): Promise<string[][]> {
  const lists = await Promise.all(primariesOf(commands).map((node) => node.client('LIST'))) as string[]
  const names = lists.map((list) => [...list.matchAll(/ name=(\S*)/g)].map(([, name = '']) => name))
  return queues.map((queue) => workersIn(names, `${prefix}:${Buffer.from(queue).toString('base64')}`))
}

/** `nodes`: the names of the connections of each. Those that have no name of their own can only be counted. */
export function workersIn (nodes: string[][], own: string): string[] {
  const named = new Set(nodes.flat().filter((name) => name.startsWith(`${own}:w:`)))
  const unnamed = Math.max(0, ...nodes.map((names) => names.filter((name) => name === own).length))
  return [...Array.from({ length: unnamed }, () => ''), ...[...named].map((name) => name.slice(`${own}:w:`.length))]
}

async function busyQueues (state: State): Promise<string[]> {
  const names = (await state.connections.commands.smembers(queuesKey(state.prefix))).sort()
  const open = await Promise.all(names.map((name) => counts(state, name)))
  return names.filter((_, i) => {
    const found = open[i]
    return found !== undefined && found.waiting + found.active + found.delayed > 0
  })
}
