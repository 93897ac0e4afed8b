import { batch, signal, type Signal } from '@preact/signals'
import type { EventTree, TreeJob } from '../../schemas/events.ts'
import type { StreamMessage } from '../../schemas/stream.ts'
import { hasEnded } from './status.ts'

/**
 * The tree of an event with a signal for each node: a change of one job draws that job again and nothing else.
 * `shape` counts the nodes that came; who lays the tree out listens to it.
 */
export type EventNode = {
  kind: 'event'
  id: string
  fields: Signal<Omit<EventTree, 'jobs'>>
  children: JobNode[]
  parent: JobNode | undefined
}
export type JobNode = {
  kind: 'job'
  id: string
  fields: Signal<Omit<TreeJob, 'events'>>
  children: EventNode[]
  parent: EventNode
}
export type TreeNode = EventNode | JobNode

export type LiveEvent = {
  top: Signal<EventNode | undefined>
  nodes: Map<string, TreeNode>
  shape: Signal<number>
  /** Jobs that have failed, and jobs that have not ended. */
  counts: Signal<{ failed: number, open: number }>
  /** Counts every change, for what is summed over all nodes. */
  changes: Signal<number>
}

export const createLiveEvent = (): LiveEvent => ({
  top: signal(undefined),
  nodes: new Map(),
  shape: signal(0),
  counts: signal({ failed: 0, open: 0 }),
  changes: signal(0)
})

/** What a message changes is drawn at once. */
export function take (live: LiveEvent, message: StreamMessage): void {
  batch(() => { takeAll(live, message) })
}

function takeAll (live: LiveEvent, { event, data }: StreamMessage): void {
  const before = live.nodes.size
  if (event === 'snapshot') live.top.value = putEvent(live, data, undefined)
  else if (event === 'event') {
    const { jobs: _addresses, ...fields } = data
    const parent = live.nodes.get(data.cause?.job ?? '')
    putEvent(live, { ...fields, jobs: [], truncated: false }, parent?.kind === 'job' ? parent : undefined)
  } else if (event === 'job') {
    const parent = live.nodes.get(data.event)
    if (parent?.kind === 'event') putJob(live, { ...data, events: [] }, parent)
  } else {
    const top = live.top.value
    if (top !== undefined) change(top.fields, { ...top.fields.value, tree_status: data.tree_status })
  }
  if (live.nodes.size !== before) live.shape.value = live.nodes.size
  live.changes.value += 1
}

function putEvent (live: LiveEvent, { jobs, ...fields }: EventTree, parent: JobNode | undefined): EventNode {
  const known = live.nodes.get(fields.id)
  const node =
    known?.kind === 'event'
      ? known
      : { kind: 'event' as const, id: fields.id, fields: signal(fields), children: [], parent }
  if (node === known) change(node.fields, fields)
  else {
    live.nodes.set(node.id, node)
    parent?.children.push(node)
  }
  for (const job of jobs) putJob(live, job, node)
  return node
}

function putJob (live: LiveEvent, { events, ...fields }: TreeJob, parent: EventNode): void {
  const known = live.nodes.get(fields.id)
  const node =
    known?.kind === 'job'
      ? known
      : { kind: 'job' as const, id: fields.id, fields: signal(fields), children: [], parent }
  count(live, node === known ? node.fields.peek().status : undefined, fields.status)
  if (node === known) change(node.fields, fields)
  else {
    live.nodes.set(node.id, node)
    parent.children.push(node)
  }
  for (const event of events) putEvent(live, event, node)
}

/** A job has come, or has another status. */
function count ({ counts }: LiveEvent, before: string | undefined, after: string): void {
  if (before === after) return
  const [failed, open] = [(status: string) => Number(status === 'failed'), (status: string) => Number(!hasEnded(status))]
  const change = (one: (status: string) => number): number => one(after) - (before === undefined ? 0 : one(before))
  const [more, opened] = [change(failed), change(open)]
  if (more !== 0 || opened !== 0) {
    counts.value = { failed: counts.peek().failed + more, open: counts.peek().open + opened }
  }
}

/** A snapshot that says the same again draws nothing. */
function change<T> (field: Signal<T>, next: T): void {
  if (JSON.stringify(field.peek()) !== JSON.stringify(next)) field.value = next
}

/** All jobs of the tree in its order. */
export function jobsOf (top: EventNode): JobNode[] {
  return top.children.flatMap((job) => [job, ...job.children.flatMap(jobsOf)])
}
