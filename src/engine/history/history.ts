import { DEFAULT_SOURCE, eventKey } from '../../base/event.ts'
import { errors } from '../../base/errors.ts'
import { gateIdOf } from '../dispatch/gate-key.ts'
import { absorberOf, hasEnded, statusOf } from '../jobs/job-status.ts'
import { readRecords } from './records.ts'
import { instant, toDispatched } from '../jobs/jobs.ts'
import { EVENTS_QUEUE, GATES_QUEUE, type Queues, type StoredJob } from '../../queues/contract.ts'
import type { Closing, Dispatched, EventRecord, JobData, StoredOutcome } from '../record.ts'
import type { EventStatus, EventSummary, EventTree, TreeJob, HistoryRecord } from '../../schemas/events.ts'
import type { JobAddress } from '../../schemas/jobs.ts'

/** Most events that a tree shows, the upper levels first, and most that are read of it, a page of the datastore at a time. */
const MAX_TREE = 1000
const MAX_READ = 20_000
const TREE_PAGE = 500
/** A tree is read in several steps, in which it may grow; a follow-on event missing longer than this has been removed. */
const GROWTH_MS = 60_000

export interface History {
  list: (options: { type?: string | undefined, subject?: string | undefined, since?: number | undefined, order?: 'asc' | 'desc' | undefined, limit: number, cursor?: string | undefined }) => Promise<{ items: EventSummary[], next: string | null }>
  /** All of it, read as it is asked for. */
  records: (options: Omit<Parameters<History['list']>[0], 'limit'>) => AsyncGenerator<HistoryRecord, void, undefined>
  /** An event by its key, or by the id (and source) that its sender gave it. */
  tree: (id: string, source?: string) => Promise<EventTree>
}

export function createHistory ({ queues }: { queues: Queues }): History {
  async function list ({ type, subject, since, order, limit, cursor }: Parameters<History['list']>[0]): Promise<{ items: EventSummary[], next: string | null }> {
    const filter = { kind: 'events' as const, ...(type === undefined ? {} : { type }), ...(subject === undefined ? {} : { subject }) }
    const { items, next } = await queues.list(filter, { limit, cursor, since, order })
    return { items: items.map(toSummary), next: next ?? null }
  }

  async function tree (id: string, source?: string): Promise<EventTree> {
    const [top] = await findEvents(queues, [id], source)
    if (top === undefined) throw errors.eventNotFound(id)
    const all = await descendants(top)
    const nodes = all.slice(0, MAX_TREE)
    const jobs = nodes.flatMap((node) => (node.data as EventRecord).jobs)
    const gated = jobs.filter((job) => job.gated)
    const [live, gates] = [await queues.getMany(jobs), await queues.getMany(gated.map(({ id }) => ({ queue: GATES_QUEUE, id: gateIdOf(id) })))]
    const atGate = new Map(gated.map(({ id }, i) => [id, gates[i]]))
    const byId = new Map(jobs.map(({ id }, i) => [id, live[i] ?? atGate.get(id)]))
    const tree = toTree(nodes, new Set(all.map((node) => node.id)), byId)
    const truncated = all.length > nodes.length
    // What is not shown counts too.
    return { ...tree, truncated, tree_status: truncated ? overallTree([tree.tree_status, ...all.map(statusOfEvent)]) : tree.tree_status }
  }

  /** The event itself and all below it, level by level. */
  async function descendants (top: StoredJob): Promise<StoredJob[]> {
    const { root } = top.data as EventRecord
    const found: StoredJob[] = []
    let cursor: string | undefined
    do {
      const page = await queues.list({ kind: 'events', root }, { limit: TREE_PAGE, cursor })
      found.push(...page.items)
      cursor = page.next
    } while (cursor !== undefined && found.length < MAX_READ)
    const below = new Map<string, StoredJob[]>()
    for (const node of found.reverse()) {
      const parent = (node.data as EventRecord).cause?.event
      if (parent !== undefined) below.set(parent, [...below.get(parent) ?? [], node])
    }
    const nodes = [top]
    for (const node of nodes) nodes.push(...below.get(node.id) ?? [])
    return nodes
  }

  return { list, records: (options) => readRecords(queues, options), tree }
}

/** The records of events by their keys, or by the ids (and source) that their sender gave them. */
export async function findEvents (queues: Pick<Queues, 'getMany'>, ids: string[], source = DEFAULT_SOURCE): Promise<Array<StoredJob | undefined>> {
  const found = await queues.getMany(ids.flatMap((id) => [isKey(id) ? id : 'none', eventKey(source, id)].map((key) => ({ queue: EVENTS_QUEUE, id: key }))))
  return ids.map((_, i) => found[2 * i] ?? found[2 * i + 1])
}

/** What cannot be a key is not asked of the datastore, which may not even take it. */
const isKey = (id: string): boolean => /^[a-z0-9-]{1,64}$/.test(id)

/** Closed by the result poller, and not reopened since: then all its jobs have ended and their follow-on events are out. */
export function statusOfEvent (node: StoredJob): EventStatus {
  return closingOf(node)?.status ?? 'incomplete'
}

const closingOf = (node: StoredJob): Closing | undefined => node.state === 'completed' ? node.returnValue as Closing | undefined : undefined

function toSummary (node: StoredJob): EventSummary {
  const { event, received, root, depth, jobs } = node.data as EventRecord
  return {
    id: node.id,
    type: event.type,
    source: event.source,
    subject: event.subject ?? null,
    time: event.time ?? null,
    received,
    status: statusOfEvent(node),
    jobs: jobs.map((job): JobAddress => [job.process, job.id]),
    root,
    depth
  }
}

/** `nodes`: the event itself first. `known`: the ids of all that were read, of which the nodes may be a part. */
function toTree (nodes: StoredJob[], known: ReadonlySet<string>, jobs: Map<string, StoredJob | undefined>): EventTree {
  const below = new Map<string, StoredJob[]>()
  for (const node of nodes) {
    const cause = (node.data as EventRecord).cause
    if (cause !== undefined) below.set(cause.job, [...below.get(cause.job) ?? [], node])
  }
  const build = (node: StoredJob): EventTree => {
    const record = node.data as EventRecord
    const closing = closingOf(node)
    const children = record.jobs.map(({ process: processName, id }): TreeJob => {
      const events = [...below.get(id) ?? []].sort((a, b) => ((a.data as EventRecord).cause?.index ?? 0) - ((b.data as EventRecord).cause?.index ?? 0))
      return toTreeJob(processName, id, jobs.get(id), closing?.jobs[id], events.map(build))
    })
    const status = statusOfEvent(node)
    // Its follow-on events were dispatched after the list of events was read: the tree is not whole yet.
    const isAhead = Date.now() - (node.finishedAt ?? 0) < GROWTH_MS && Object.values(closing?.jobs ?? {}).some((job) => job.events.some(({ key }) => key !== undefined && !known.has(key)))
    return {
      id: node.id,
      event: record.event,
      status,
      tree_status: overallTree([isAhead ? 'incomplete' : status, ...children.flatMap((job) => job.events.map((event) => event.tree_status))]),
      received: record.received,
      lookups: record.lookups,
      root: record.root,
      depth: record.depth,
      cause: record.cause === undefined ? null : { event: record.cause.event, process: record.cause.process, job: record.cause.job },
      replays: record.replays ?? null,
      parent: record.parent ?? null,
      refused: record.refused ?? null,
      jobs: children,
      truncated: false
    }
  }
  return build(nodes[0] as StoredJob)
}

function toTreeJob (processName: string, id: string, job: StoredJob | undefined, closed: Closing['jobs'][string] | undefined, events: EventTree[]): TreeJob {
  const outcome = job?.returnValue as Partial<StoredOutcome> | undefined
  const dispatched: Dispatched[] = outcome?.settled === true ? outcome.events as Dispatched[] : closed?.events ?? []
  return {
    process: processName,
    id,
    // A job that is in no queue was cancelled while it waited, or has ended and was removed.
    status: job === undefined ? closed?.status ?? 'cancelled' : statusOf(job),
    progress: job !== undefined && job.queue !== GATES_QUEUE && !hasEnded(statusOf(job)) && typeof job.progress === 'object' ? job.progress as TreeJob['progress'] : null,
    reason: job?.failedReason ?? closed?.reason ?? null,
    waiting_for: job?.queue === GATES_QUEUE && !hasEnded(statusOf(job)) ? (job.progress as { waiting_for?: string } | undefined)?.waiting_for ?? null : null,
    absorbed_by: (job === undefined ? undefined : absorberOf(job)) ?? closed?.absorbedBy ?? null,
    timestamps: { submitted: instant((job?.data as JobData | undefined)?.accepted ?? job?.createdAt), started: instant(job?.queue === GATES_QUEUE ? undefined : job?.startedAt), ended: instant(job?.finishedAt) },
    refused: toDispatched(dispatched.filter((one) => one.key === undefined)),
    events
  }
}

function overallTree (statuses: EventStatus[]): EventStatus {
  for (const status of ['incomplete', 'failed', 'cancelled'] as const) if (statuses.includes(status)) return status
  return 'complete'
}
