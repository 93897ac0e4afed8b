import type { ConnectionOptions, FlowProducer, IQueueBackend } from 'bullmq'
import type { Redis } from 'ioredis'
import { GATES_QUEUE, type NewJob, type Tree } from '../contract.ts'
import { FlowRefused, createFlowWriter, type FlowWriter, type Retention } from '../bullmq/flow-writer.ts'
import { KEPT, listsOf } from './lists.ts'
import { untilUp } from './options.ts'

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

type IndexClient = Redis & { signalboxIndex: (keys: number, ...args: Array<string | number>) => Promise<unknown> }

/** How often a batch is tried again whose ids another process was using at the same moment. */
const WATCH_TRIES = 5

/** A connection of its own: WATCH belongs to the connection, not to the caller. */
type Lane = { client: IndexClient, flows: FlowProducer<IQueueBackend, ConnectionOptions>, writer: FlowWriter, busy: Promise<unknown> }

type Settings = {
  lanes: number
  open: () => Redis
  openFlows: (client: Redis) => FlowProducer<IQueueBackend, ConnectionOptions>
  prefix: string
  key: (name: string) => string
  retention: Retention
  /** Removes a job, whatever its state. */
  remove: (queue: string, id: string) => Promise<unknown>
}

/** Writes trees, and with them the sorted sets from which lists come: the set first, on the same connection. */
export interface RedisTrees {
  addTrees: (trees: Tree[]) => Promise<Array<'added' | 'known' | Error>>
  ready: () => Promise<unknown>
  close: () => Promise<void>
}

export function createRedisTrees ({ lanes: count, open, openFlows, prefix, key, retention, remove }: Settings): RedisTrees {
  const lanes = Array.from({ length: count }, (): Lane => {
    const client = open()
    client.defineCommand('signalboxIndex', { lua: INDEX_SCRIPT })
    const flows = openFlows(client)
    return { client: client as IndexClient, flows, writer: createFlowWriter(flows.getBackend(), prefix, retention), busy: Promise.resolve() }
  })

  let turn = 0
  /** One batch at a time on a connection. */
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
      else for (const child of children) await remove(child.queue, child.id)
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

  return {
    addTrees,
    ready: async () => await Promise.all(lanes.flatMap(({ client, flows }) => [untilUp(client), flows.waitUntilReady()])),
    close: async () => {
      await Promise.allSettled(lanes.map((lane) => lane.flows.close()))
      for (const { client } of lanes) client.disconnect()
    }
  }
}
