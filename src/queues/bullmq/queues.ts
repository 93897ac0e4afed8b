import { Relay, type Job } from 'bullmq'
import { EVENTS_QUEUE, type Children, type QueueCounts, type Queues } from '../contract.ts'
import { PRUNE_PIECE, type Engine } from './engine.ts'
import { toChildren } from './children.ts'
import { createSchedules, repeatStrategy } from './schedules.ts'
import { createWorkers } from './worker.ts'
import { withTimeout } from '../timeout.ts'
import { createFlowWriter, type Retention } from './flow-writer.ts'

/** A worker that dies again and again with the same job gives it up after so many times. */
const MAX_STALLED = 3

/** The contract over BullMQ: all that is the same on every datastore. */
export function createBullmqQueues<C> (engine: Engine<C>, { retention }: { retention: Retention }): Queues {
  type Queue = InstanceType<typeof engine.classes.Queue>
  const queues = new Map<string, Queue>()
  const workers = createWorkers(engine)
  const flows = new engine.classes.FlowProducer(engine.options('queue'))
  flows.on('error', engine.onError)
  const writer = createFlowWriter(flows.getBackend(), engine.options('queue').prefix, retention)
  let relay: Relay<C> | undefined

  function queue (name: string): Queue {
    let found = queues.get(name)
    if (found === undefined) {
      found = new engine.classes.Queue(name, { ...engine.options('queue'), settings: { repeatStrategy } })
      found.on('error', engine.onError)
      queues.set(name, found)
    }
    return found
  }

  function openRelay (): Relay<C> {
    if (relay === undefined) {
      relay = new Relay<C>(engine.relay())
      relay.on('error', engine.onError)
    }
    return relay
  }

  async function children (queueName: string, id: string): Promise<Children> {
    const { processed = {}, ignored = {}, unprocessed = [] } = await queue(queueName).getBackend().getDependencies(id, {})
    return toChildren(Object.entries(processed), Object.entries(ignored), unprocessed)
  }

  async function logs (queueName: string, id: string, start: number, end: number): Promise<{ lines: string[], total: number }> {
    const found = await queue(queueName).getJobLogs(id, start, end)
    return { lines: found.logs, total: found.count }
  }

  async function updateData (queueName: string, id: string, data: Record<string, unknown>): Promise<void> {
    await (await jobOf(queueName, id))?.updateData(data)
  }

  async function removeWaiting (queueName: string, id: string): Promise<'removed' | 'active' | 'ended' | 'absent'> {
    const blocked = async (): Promise<'active' | 'ended' | 'absent' | undefined> => {
      const state = await queue(queueName).getJobState(id)
      if (state === 'unknown') return 'absent'
      if (state === 'completed' || state === 'failed') return 'ended'
      return state === 'active' ? 'active' : undefined
    }
    const before = await blocked()
    if (before !== undefined) return before
    if (await queue(queueName).getBackend().remove(id, true) === 1) return 'removed'
    // Somebody else was faster: a worker, or one who removed it too.
    return await blocked() ?? 'active'
  }

  async function rerun (queueName: string, id: string): Promise<void> {
    const job = await jobOf(queueName, id)
    const state = await job?.getState()
    if (state === 'failed' || state === 'completed') await job?.retry(state, { resetAttemptsMade: true, resetAttemptsStarted: true })
  }

  async function promote (queueName: string, id: string): Promise<void> {
    const job = await jobOf(queueName, id)
    // It may have become ready by itself, or be gone.
    if (await job?.isDelayed() === true) await job?.promote().catch(() => {})
  }

  const jobOf = async (queueName: string, id: string): Promise<Job | undefined> => await queue(queueName).getJob(id) as Job | undefined

  async function counts (name: string): Promise<QueueCounts> {
    const [found, paused, connected] = await Promise.all([
      queue(name).getJobCounts('waiting', 'prioritized', 'active', 'delayed', 'completed', 'failed', 'waiting-children'),
      queue(name).isPaused(),
      engine.countWorkers?.(name) ?? workers.count(name)
    ])
    const of = (state: string): number => found[state] ?? 0
    return { waiting: of('waiting') + of('prioritized'), active: of('active'), delayed: of('delayed'), completed: of('completed'), failed: of('failed'), blocked: of('waiting-children'), paused, workers: connected }
  }

  async function prune (name: string, ageMs: number, what: 'ended' | 'waiting'): Promise<number> {
    let removed = name === EVENTS_QUEUE && what === 'ended' ? await engine.pruneRecords(Date.now() - ageMs) : 0
    const states = what === 'waiting' ? ['wait'] as const : name === EVENTS_QUEUE ? [] : ['completed', 'failed'] as const
    for (const state of states) {
      for (;;) {
        const ids = await queue(name).clean(ageMs, PRUNE_PIECE, state)
        removed += ids.length
        if (ids.length < PRUNE_PIECE) break
      }
    }
    if (what === 'ended') await engine.sweep?.()
    return removed
  }

  let closing: Promise<void> | undefined
  async function close (): Promise<void> {
    await workers.close()
    await Promise.allSettled([relay?.close(), flows.close(), ...[...queues.values()].map((one) => one.close())])
    await engine.close()
  }

  return {
    backend: engine.backend,
    address: engine.address,
    addTrees: engine.addTrees,
    addJob: (job) => writer.addJob(job),
    addChild: (root, job) => writer.addJob(job, root),
    get: async (queueName, id) => (await engine.fetch([{ queue: queueName, id }]))[0],
    getMany: engine.fetch,
    children: engine.children ?? children,
    logs,
    list: engine.list,
    failed: engine.failed,
    countUnder: engine.countUnder,
    updateData,
    removeWaiting,
    remove: async (name, id) => { await queue(name).getBackend().remove(id, true) },
    rerun,
    promote,
    readNotes: engine.readNotes as Queues['readNotes'],
    writeNote: engine.writeNote,
    mark: engine.mark,
    unmark: engine.unmark,
    marked: engine.marked,
    ...createSchedules((name) => queue(name), retention),
    worker: (name, run, options) => workers.open(name, run, { maxStalled: MAX_STALLED, ...options }),
    counts,
    busyQueues: engine.busyQueues,
    pause: (name) => queue(name).pause(),
    resume: (name) => queue(name).resume(),
    boardQueue: queue,
    publish: async (topic, message) => { await openRelay().publish(topic, message) },
    subscribe: async (topic, listener) => { await openRelay().subscribe<Record<string, unknown>>(topic, ({ data }) => listener(data)) },
    ping: (timeoutMs) => withTimeout(engine.ping(), timeoutMs),
    migrate: engine.migrate,
    prune,
    close: async () => { await (closing ??= close()) }
  }
}
