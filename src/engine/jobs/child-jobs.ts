import { errors } from '../../base/errors.ts'
import { ID_PATTERN, keyOfJob } from '../../base/event.ts'
import { gateIdOf } from '../dispatch/gate-key.ts'
import { toView } from './jobs.ts'
import type { Lookups } from '../lookups/lookups.ts'
import { CANCELLED_QUEUE, EVENTS_QUEUE, GATES_QUEUE, type Queues, type StoredJob } from '../../queues/contract.ts'
import { childrenOf, type EventRecord } from '../record.ts'
import type { JobView } from '../../schemas/jobs.ts'

/** Most events under one job that are looked at. */
const MAX_EVENTS = 10_000
const PIECE = 200

/** The jobs that a job has started by submitting events of its own. */
export interface ChildJobs {
  /**
   * The id of a parent as a sender gave it; undefined where it gave none.
   *
   * @throws UNKNOWN_PARENT naming `field` where there is no such job
   */
  check: (parent: unknown, field: string) => Promise<string | undefined>
  /** Oldest first. */
  list: (processName: string, id: string, range: { limit: number, cursor?: string | undefined }) => Promise<{ items: JobView[], next: string | null }>
}

type Dependencies = { queues: Pick<Queues, 'get' | 'getMany' | 'marked'>, lookups: () => Lookups }

export function createChildJobs ({ queues, lookups }: Dependencies): ChildJobs {
  async function check (parent: unknown, field: string): Promise<string | undefined> {
    if (parent === undefined || parent === null) return undefined
    // A key holds no dot: what stands after the first one is the process.
    const [, processName = ''] = typeof parent === 'string' && new RegExp(ID_PATTERN).test(parent) ? /^[a-z0-9-]+\.(.+)$/.exec(parent) ?? [] : []
    if (processName === '' || !await isKnown(processName, parent as string)) throw errors.unknownParent(field)
    return parent as string
  }

  async function isKnown (processName: string, id: string): Promise<boolean> {
    const key = keyOfJob(id, processName)
    if (key === undefined) return false
    const root = await queues.get(EVENTS_QUEUE, key)
    if (root !== undefined) return (root.data as EventRecord).jobs.some((job) => job.id === id)
    // A job is kept longer than its event.
    const queue = lookups().processes.get(processName)?.queue
    return queue !== undefined && await queues.get(queue, id) !== undefined
  }

  async function list (processName: string, id: string, { limit, cursor = '0' }: Parameters<ChildJobs['list']>[2]): Promise<{ items: JobView[], next: string | null }> {
    if (!/^\d{1,7}$/.test(cursor)) throw errors.invalidQuery('cursor', 'is not one of this list')
    if (!await isKnown(processName, id)) throw lookups().processes.has(processName) ? errors.jobNotFound(processName, id) : errors.unknownProcess(processName)
    const start = Number(cursor)
    const addresses = await children(id, start + limit + 1)
    const jobs = await stored(addresses.slice(start, start + limit))
    return { items: jobs.map((job) => toView(job, null)), next: addresses.length > start + limit ? String(start + limit) : null }
  }

  /** The first `count` of them. */
  async function children (id: string, count: number): Promise<Address[]> {
    const marks = await queues.marked(childrenOf(id), MAX_EVENTS)
    const found: Address[] = []
    for (let start = 0; start < marks.length && found.length < count; start += PIECE) {
      const roots = await queues.getMany(marks.slice(start, start + PIECE).map((mark) => ({ queue: EVENTS_QUEUE, id: mark.id })))
      for (const root of roots) {
        // The mark stands before the event is written, which may then have been refused.
        const record = root?.data as EventRecord | undefined
        if (record?.parent === id) found.push(...record.jobs.map((job) => ({ queue: job.queue, id: job.id })))
      }
    }
    return found
  }

  /** A job that was removed is left out. */
  async function stored (addresses: Address[]): Promise<StoredJob[]> {
    const found = await queues.getMany(addresses.flatMap((one) => [one, { queue: CANCELLED_QUEUE, id: one.id }, { queue: GATES_QUEUE, id: gateIdOf(one.id) }]))
    return addresses.flatMap((_, i) => found[3 * i] ?? found[3 * i + 1] ?? found[3 * i + 2] ?? [])
  }

  return { check, list }
}

type Address = { queue: string, id: string }
