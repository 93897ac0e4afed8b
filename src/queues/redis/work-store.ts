import { createRedisBackend, withBackend, type ConnectionOptions, type Job } from 'bullmq'
import type { WorkStore } from '../bullmq/work-store.ts'
import type { JobKey, QueueCounts, StoredJob } from '../work.ts'
import { queuesKey } from './composed.ts'
import type { RedisConnections } from './connections.ts'
import { STATES, toStoredJob } from './job.ts'

type Settings = { address: string, connections: RedisConnections, prefix: string, onError: (error: Error) => void }

type Classes = WorkStore<ConnectionOptions>['classes']
type Queue = InstanceType<Classes['Queue']>

type State = Settings & { classes: Classes, queues: Map<string, Queue> }

/** BullMQ on Redis, Valkey, Dragonfly. What many are asked for goes in one turn, so that it takes one round trip. */
export function createRedisWorkStore (settings: Settings): WorkStore<ConnectionOptions> {
  const { address, connections, prefix, onError } = settings
  const state: State = { ...settings, classes: withBackend(createRedisBackend), queues: new Map() }
  const { commands, blocking } = connections
  return {
    backend: 'redis',
    address,
    classes: state.classes,
    options: (use) => ({ connection: use === 'worker' ? blocking : commands, prefix }),
    relay: () => ({ connection: blocking, prefix, namespace: 'signalbox' }),
    get: (keys) => Promise.all(keys.map((key) => get(state, key))),
    active: async (name, limit) => (await queueOf(state, name).getJobs(['active'], 0, limit - 1)).map((job) => toStoredJob(job as Job, 'active')),
    ends: (queues, limit) => ends(state, queues, limit),
    counts: (queues) => Promise.all(queues.map((name) => counts(state, name))),
    countWorkers: (queues) => countWorkers(state, queues),
    busyQueues: () => busyQueues(state),
    ping: async () => { await commands.set(`${prefix}:signalbox:ping`, Date.now()) },
    // Nothing to create; but a connection that is not up yet would refuse its first command.
    migrate: connections.ready,
    onError,
    close: async () => {
      await Promise.allSettled([...state.queues.values()].map((one) => one.close()))
      connections.close()
    }
  }
}

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

async function ends (state: State, queues: string[], limit: number): Promise<StoredJob[]> {
  const { connections: { commands }, prefix } = state
  const sets = queues.flatMap((queue) => (['completed', 'failed'] as const).map((place) => ({ queue, place })))
  const sizes = await Promise.all(sets.map(({ queue, place }) => commands.zcard(`${prefix}:${queue}:${place}`)))
  const found = await Promise.all(sets.filter((_, i) => sizes[i] !== 0).map(async ({ queue, place }) =>
    (await queueOf(state, queue).getJobs([place], 0, limit - 1, true)).map((job) => toStoredJob(job as Job, place))))
  return found.flat().sort((a, b) => (a.finishedAt ?? 0) - (b.finishedAt ?? 0)).slice(0, limit)
}

async function counts ({ connections: { commands }, prefix }: State, name: string): Promise<Omit<QueueCounts, 'workers'>> {
  const key = (place: string): string => `${prefix}:${name}:${place}`
  const [wait, paused, prioritized, active, delayed, completed, failed, blocked, isPaused] = await Promise.all([
    commands.llen(key('wait')), commands.llen(key('paused')), commands.zcard(key('prioritized')), commands.llen(key('active')), commands.zcard(key('delayed')),
    commands.zcard(key('completed')), commands.zcard(key('failed')), commands.zcard(key('waiting-children')), commands.hexists(key('meta'), 'paused')
  ])
  return { waiting: wait + paused + prioritized, active, delayed, completed, failed, blocked, paused: isPaused === 1 }
}

/** BullMQ names the blocking connection of a worker after its queue. One list for all queues. */
async function countWorkers ({ connections: { commands }, prefix }: State, queues: string[]): Promise<number[]> {
  const names = String(await commands.client('LIST')).split('\n').map((line) => / name=(\S*)/.exec(line)?.[1] ?? '')
  return queues.map((queue) => {
    const own = `${prefix}:${Buffer.from(queue).toString('base64')}`
    return names.filter((name) => name === own || name.startsWith(`${own}:w:`)).length
  })
}

async function busyQueues (state: State): Promise<string[]> {
  const names = (await state.connections.commands.smembers(queuesKey(state.prefix))).sort()
  const open = await Promise.all(names.map((name) => counts(state, name)))
  return names.filter((_, i) => {
    const found = open[i]
    return found !== undefined && found.waiting + found.active + found.delayed > 0
  })
}
