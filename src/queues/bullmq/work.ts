import { Relay, type Job } from 'bullmq'
import { withTimeout } from '../../base/timeout.ts'
import type { QueueCounts, Work } from '../work.ts'
import { anyTick, chooseTicks } from './next-tick.ts'
import { createSchedules } from './schedules.ts'
import type { WorkStore } from './work-store.ts'
import { createWorkers, type Workers } from './worker.ts'

type State<C> = {
  store: WorkStore<C>
  workers: Workers
  queues: Map<string, Queue<C>>
  relay: Relay<C> | undefined
  closing: Promise<void> | undefined
}

type Queue<C> = InstanceType<WorkStore<C>['classes']['Queue']>

/** The contract over BullMQ: all that is the same on every datastore. */
export function createBullmqWork<C> (store: WorkStore<C>): Work {
  const workers = createWorkers(store)
  const state: State<C> = { store, workers, queues: new Map(), relay: undefined, closing: undefined }
  return {
    backend: store.backend,
    address: store.address,
    worker: workers.open,
    unserved: workers.unserved,
    get: store.get,
    active: store.active,
    ends: store.ends,
    promote: (queue, id) => promote(state, queue, id),
    remove: (queue, id) => remove(state, queue, id),
    counts: (queues) => counts(state, queues),
    workers: async (queue) => (await store.workers?.([queue]))?.[0],
    busyQueues: store.busyQueues,
    pause: (queue) => queueOf(state, queue).pause(),
    resume: (queue) => queueOf(state, queue).resume(),
    ...createSchedules((queue) => queueOf(state, queue)),
    publish: async (topic, message) => { await relayOf(state).publish(topic, message) },
    subscribe: async (topic, listener) => {
      await relayOf(state).subscribe<Record<string, unknown>>(topic, ({ data }) => listener(data))
    },
    boardQueue: (queue) => queueOf(state, queue),
    ping: (timeoutMs) => withTimeout(store.ping(), timeoutMs),
    condition: store.condition,
    earlierNote: store.earlierNote,
    migrate: store.migrate,
    close: () => (state.closing ??= close(state))
  }
}

function queueOf<C> ({ store, queues }: State<C>, name: string): Queue<C> {
  let found = queues.get(name)
  if (found === undefined) {
    const settings = { repeatStrategy: anyTick }
    found = new store.classes.Queue(name, { ...store.options('queue'), settings }) as Queue<C>
    chooseTicks(found.getBackend(), () => Date.now() + store.aheadMs())
    found.on('error', store.onError)
    queues.set(name, found)
  }
  return found
}

function relayOf<C> (state: State<C>): Relay<C> {
  if (state.relay === undefined) {
    state.relay = new Relay<C>(state.store.relay())
    state.relay.on('error', state.store.onError)
  }
  return state.relay
}

async function promote<C> (state: State<C>, queue: string, id: string): Promise<void> {
  const job = await queueOf(state, queue).getJob(id) as Job | undefined
  // It may have become ready by itself, or be gone.
  if (await job?.isDelayed() === true) await job?.promote().catch(() => {})
}

async function remove<C> (state: State<C>, queue: string, id: string): Promise<'removed' | 'active' | 'absent'> {
  const isAbsent = async (): Promise<boolean> => await queueOf(state, queue).getJobState(id) === 'unknown'
  // On Redis BullMQ says "removed" of what is not there.
  if (await isAbsent()) return 'absent'
  if (await queueOf(state, queue).getBackend().remove(id, true) === 1) return 'removed'
  return await isAbsent() ? 'absent' : 'active'
}

async function counts<C> ({ store, workers }: State<C>, queues: string[]): Promise<QueueCounts[]> {
  if (queues.length === 0) return []
  const [found, named] = await Promise.all([store.counts(queues), store.workers?.(queues)])
  const connected = named?.map((names) => names.length) ?? queues.map(workers.count)
  return found.map((one, i) => ({ ...one, workers: connected[i] ?? 0 }))
}

async function close<C> ({ store, workers, queues, relay }: State<C>): Promise<void> {
  await workers.close()
  await Promise.allSettled([relay?.close(), ...[...queues.values()].map((one) => one.close())])
  await store.close()
}
