import type { FlowJob, FlowProducer, IQueueBackend, JobsOptions } from 'bullmq'
import type { NewJob, Tree } from './contract.ts'

/** How long finished jobs are kept. Children are kept twice as long as their root, so that no event outlives its jobs. */
export type Retention = { ageMs: number }

/** Backoff of the event record, which never gives up: its work is ours, and it fails only when the datastore does. */
export const RECORD_BACKOFF = 'record'

const RECORD_ATTEMPTS = 1_000_000

export function toFlow (tree: Tree, retention: Retention): FlowJob {
  const root = toNode(tree.root, retention.ageMs)
  root.opts = { ...root.opts, attempts: RECORD_ATTEMPTS, backoff: { type: RECORD_BACKOFF } }
  if (tree.children.length > 0) root.children = tree.children.map((child) => toNode(child, retention.ageMs * 2))
  return root
}

export function toNode (job: NewJob, ageMs: number): FlowJob {
  return { name: job.name, queueName: job.queue, data: job.data, opts: toOptions(job, ageMs) }
}

function toOptions (job: NewJob, ageMs: number): Omit<JobsOptions, 'deduplication'> {
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

/** The datastore answered, and said no to what was to be written. */
export class FlowRefused extends Error { override name = 'FlowRefused' }

/**
 * FlowProducer.addBulk resolves although single nodes were refused or the database failed (bullmq.md, section 8.1). With
 * this guard nobody is told "accepted" for what is not stored.
 */
export function guardFlows<B extends IQueueBackend, C> (flows: FlowProducer<B, C>): FlowProducer<B, C> {
  const backend = flows.getBackend()
  const addFlow = backend.addFlow.bind(backend)
  // BullMQ makes a backend with all its keys anew for every node of a flow; the queues are few and always the same.
  const siblings = new Map<string, IQueueBackend>()
  const forQueue = backend.forQueue.bind(backend)
  backend.forQueue = (name, prefix) => {
    let sibling = siblings.get(name)
    if (sibling === undefined) siblings.set(name, sibling = forQueue(name, prefix))
    return sibling
  }
  backend.addFlow = async (entries) => {
    const results = await addFlow(entries)
    for (const [error, idOrCode] of results) {
      if (error !== null && error !== undefined) throw error
      if (typeof idOrCode === 'number' && idOrCode < 0) throw new FlowRefused(`BullMQ refused a job of the flow with code ${idOrCode}`)
    }
    return results
  }
  return flows
}
