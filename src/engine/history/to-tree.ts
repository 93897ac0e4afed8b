import type { EventTree, TreeJob } from '../../schemas/events.ts'
import { toActs } from '../documents/acts.ts'
import { hasEnded, statusOfJob } from '../jobs/job-status.ts'
import type { EventDocument } from '../documents/event.ts'
import { createInstants, progressOf, timestampsOf, toDispatched, type Instants } from '../jobs/job-view.ts'
import { toStep } from '../jobs/steps.ts'
import type { StoredEvent } from './find.ts'
import { overall, type SeenJob, type SeenTree } from './seen-tree.ts'

/**
 * A tree is read in several steps, in which it may grow; a follow-on event missing longer than this has been removed.
 */
const GROWTH_MS = 60_000

/** The tree of the first node. Pure. */
export function toTree (seen: SeenTree): EventTree {
  const [top] = seen.nodes
  if (top === undefined) throw new Error('a tree has a top')
  return toNode(seen, { below: belowJobs(seen.nodes), instant: createInstants() }, top)
}

/** The follow-on events of each job that has some, in their order. */
function belowJobs (nodes: StoredEvent[]): ReadonlyMap<string, StoredEvent[]> {
  const below = new Map<string, StoredEvent[]>()
  for (const node of nodes) {
    const { cause } = node.value
    if (cause === undefined) continue
    const siblings = below.get(cause.job)
    if (siblings === undefined) below.set(cause.job, [node])
    else siblings.push(node)
  }
  const indexOf = ({ value }: StoredEvent): number => value.cause?.index ?? 0
  for (const siblings of below.values()) siblings.sort((a, b) => indexOf(a) - indexOf(b))
  return below
}

type Making = { below: ReadonlyMap<string, StoredEvent[]>, instant: Instants }

function toNode (seen: SeenTree, making: Making, { key, value }: StoredEvent): EventTree {
  const { below, instant } = making
  const jobs = value.jobs.flatMap(({ id }) => seen.jobs.get(id) ?? [])
  const children = jobs.map((one): TreeJob => {
    const shown = below.get(one.job.id) ?? []
    const events = shown.map((event) => toNode(seen, making, event))
    return toTreeJob(one, value, { events, more: countMore(seen, one, shown) }, instant)
  })
  const status = seen.statuses.get(key) ?? 'incomplete'
  const own = jobs.some((job) => isAhead(seen, job)) ? 'incomplete' : status
  return {
    id: key,
    event: value.event,
    status,
    tree_status: overall([own, ...children.flatMap((job) => job.events.map((event) => event.tree_status))]),
    received: instant(value.at),
    lookups: value.lookups,
    root: value.root,
    depth: value.depth,
    cause:
      value.cause === undefined
        ? null
        : { event: value.cause.event, process: value.cause.process, job: value.cause.job },
    replays: value.replays ?? null,
    parent: value.parent ?? null,
    submitted_by: value.by,
    refused: value.refused ?? null,
    jobs: children,
    truncated: false
  }
}

/** Follow-on events that are there and not shown. */
function countMore ({ known, isCut }: SeenTree, { document }: SeenJob, shown: StoredEvent[]): number {
  if (document?.events === undefined || document.events.length === 0) return 0
  const keys = new Set(shown.map(({ key }) => key))
  const isThere = (key: string): boolean => !keys.has(key) && (isCut || known.has(key))
  return document.events.filter(({ key }) => key !== undefined && isThere(key)).length
}

/** It has ended after the list of events was read, with follow-on events: the tree is not whole yet. */
function isAhead ({ known, now }: SeenTree, { document }: SeenJob): boolean {
  if (document === undefined || now - document.at > GROWTH_MS) return false
  return document.events?.some(({ key }) => key !== undefined && !known.has(key)) === true
}

function toTreeJob (
  { job, document, stored, words, steps, told }: SeenJob,
  event: EventDocument,
  { events, more }: { events: EventTree[], more: number },
  instant: Instants
): TreeJob {
  const status = statusOfJob({ job, document }, stored?.state)
  const last = document?.attempts.at(-1)
  const isOpen = !hasEnded(status)
  return {
    process: job.process,
    id: job.id,
    status,
    progress: isOpen ? progressOf(stored?.progress) : null,
    reason: document?.reason ?? (isOpen && last?.round === document?.round ? last?.reason ?? null : null),
    waiting_for: status === 'deferred' ? words : null,
    absorbed_by: document?.by ?? null,
    timestamps: timestampsOf({ event, job, document }, status, stored, instant),
    acts: toActs(document?.acts),
    steps: steps.length === 0 ? undefined : steps.map((step) => toStep(step, status)),
    notices: told.sent + told.failed === 0 ? undefined : told,
    refused: toDispatched((document?.events ?? []).filter(({ key }) => key === undefined)),
    more,
    events
  }
}
