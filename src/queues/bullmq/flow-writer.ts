import type { IQueueBackend, JobsOptions } from 'bullmq'
import type { NewJob, Tree } from '../contract.ts'

/** How long finished jobs are kept. Children are kept twice as long as their root, so that no event outlives its jobs. */
export type Retention = { ageMs: number }

/** Backoff of the event record, which never gives up: its work is ours, and it fails only when the datastore does. */
export const RECORD_BACKOFF = 'record'

const RECORD_ATTEMPTS = 1_000_000

/** The datastore answered, and said no to what was to be written. */
export class FlowRefused extends Error { override name = 'FlowRefused' }

/** Writes jobs and trees of jobs, each call whole or not at all. */
export interface FlowWriter {
  addTrees: (trees: Tree[]) => Promise<void>
  /** Adds one job, alone or as a child of a job that is there. */
  addJob: (job: NewJob, parent?: { queue: string, id: string }) => Promise<void>
}

type Entry = Parameters<IQueueBackend['addFlow']>[0][number]
type Parent = { queueKey: string, id: string }

/**
 * BullMQ's atomic write of flows, called as its FlowProducer calls it (bullmq 6.7, classes/flow-producer.js), without the
 * objects that this makes for every node, which cost a quarter of the whole write. FlowProducer also resolves although single nodes were refused or
 * the database failed (seen with BullMQ 6.7); here nobody is told "accepted" for what is not stored.
 */
export function createFlowWriter (backend: IQueueBackend, prefix: string | undefined, retention: Retention): FlowWriter {
  const queueKeys = new Map<string, string>()
  const queueKey = (queue: string): string => {
    let found = queueKeys.get(queue)
    if (found === undefined) queueKeys.set(queue, found = backend.forQueue(queue, prefix).qualifiedName)
    return found
  }

  function toEntries ({ root, children }: Tree): Entry[] {
    const parent: Parent = { queueKey: queueKey(root.queue), id: root.id }
    // BullMQ would remove what is old with every completion, and knows none that is kept: `prune` does it.
    const options: JobsOptions = { ...toOptions(root, retention.ageMs), attempts: RECORD_ATTEMPTS, backoff: { type: RECORD_BACKOFF }, removeOnComplete: false, removeOnFail: false }
    const entry = toEntry(root, options, undefined)
    if (children.length > 0) entry.parentKeyOpts.addToWaitingChildren = true
    return [entry, ...children.map((child) => toEntry(child, toOptions(child, retention.ageMs * 2), parent))]
  }

  function toEntry (job: NewJob, opts: JobsOptions, parent: Parent | undefined): Entry {
    const parentKey = parent === undefined ? undefined : `${parent.queueKey}:${parent.id}`
    return {
      jobId: job.id,
      queueName: job.queue,
      prefix: prefix ?? '',
      parentKeyOpts: parentKey === undefined ? {} : { parentDependenciesKey: `${parentKey}:dependencies`, parentKey },
      jobData: {
        id: job.id,
        name: job.name,
        data: JSON.stringify(job.data),
        opts: parent === undefined ? opts : { ...opts, parent: { id: parent.id, queue: parent.queueKey } },
        ...(parentKey === undefined || parent === undefined ? {} : { parentKey, parent: { ...parent, idof: true } }),
        timestamp: Date.now(),
        progress: 0,
        attemptsMade: 0,
        attemptsStarted: 0,
        stalledCounter: 0,
        failedReason: '',
        returnvalue: 'null'
      }
    }
  }

  async function write (entries: Entry[]): Promise<void> {
    for (const [error, idOrCode] of await backend.addFlow(entries)) {
      if (error !== null && error !== undefined) throw error
      if (typeof idOrCode === 'number' && idOrCode < 0) throw new FlowRefused(`BullMQ refused a job of the flow with code ${idOrCode}`)
    }
  }

  return {
    addTrees: (trees) => write(trees.flatMap(toEntries)),
    addJob: (job, parent) => write([toEntry(job, toOptions(job, retention.ageMs * 2), parent === undefined ? undefined : { queueKey: queueKey(parent.queue), id: parent.id })])
  }
}

function toOptions (job: NewJob, ageMs: number): JobsOptions {
  // By age only: PostgreSQL pays for `count` with every completion in proportion to the count.
  const keep = { age: Math.ceil(ageMs / 1000) }
  return {
    jobId: job.id,
    attempts: job.options?.attempts ?? 1,
    ...(job.options?.backoff === undefined ? {} : { backoff: job.options.backoff }),
    ...(job.options?.priority === undefined ? {} : { priority: job.options.priority }),
    ignoreDependencyOnFailure: true,
    removeOnComplete: keep,
    removeOnFail: keep
  }
}
