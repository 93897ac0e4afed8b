import { createHash } from 'node:crypto'
import type { EventTree, JobAddress, TreeJob } from '../../schemas/schemas.ts'

/** An event of a tree without what hangs under it. */
export type StreamedEvent = Omit<EventTree, 'jobs' | 'truncated'> & { jobs: JobAddress[] }
/** A job of a tree without its follow-on events; `event` is the key of its own event. */
export type StreamedJob = Omit<TreeJob, 'events'> & { event: string }
export type StreamEnd = { id: string, tree_status: EventTree['tree_status'] }

/** What a stream of an event tells, in the words of server-sent events: the name of the message, and its data. */
export type StreamMessage =
  | { event: 'snapshot', data: EventTree }
  /** A follow-on event that is new, or an event whose status has changed. */
  | { event: 'event', data: StreamedEvent }
  | { event: 'job', data: StreamedJob }
  | { event: 'end', data: StreamEnd }

type Part<T> = { data: T, text: string }
type Group = { event: Part<StreamedEvent>, jobs: Array<Part<StreamedJob>> }

/** A tree as it was read once, in parts that can be compared. Equal versions tell the same. */
export type TreeState = { tree: EventTree, groups: Group[], version: string }

export function toTreeState (tree: EventTree): TreeState {
  const groups: Group[] = []
  const visit = ({ jobs, truncated: _truncated, ...event }: EventTree): void => {
    groups.push({
      event: toPart({ ...event, jobs: jobs.map(({ process: processName, id }): JobAddress => [processName, id]) }),
      jobs: jobs.map(({ events: _events, ...job }) => toPart({ ...job, event: event.id }))
    })
    for (const job of jobs) job.events.forEach(visit)
  }
  visit(tree)
  const hash = createHash('sha256')
  for (const { event, jobs } of groups) for (const { text } of [event, ...jobs]) hash.update(text)
  return { tree, groups, version: hash.digest('hex').slice(0, 16) }
}

/** What has changed: a new event before its jobs, the jobs of a known one before it. */
export function changesBetween (before: TreeState, now: TreeState): StreamMessage[] {
  const known = new Map(before.groups.map((group) => [group.event.data.id, group]))
  return now.groups.flatMap(({ event, jobs }): StreamMessage[] => {
    const old = known.get(event.data.id)
    const texts = new Set(old?.jobs.map(({ text }) => text))
    const changed = jobs.filter(({ text }) => !texts.has(text)).map(({ data }): StreamMessage => ({ event: 'job', data }))
    if (old?.event.text === event.text) return changed
    const told: StreamMessage = { event: 'event', data: event.data }
    return old === undefined ? [told, ...changed] : [...changed, told]
  })
}

export const hasTreeEnded = ({ tree }: TreeState): boolean => tree.tree_status !== 'incomplete'

const toPart = <T>(data: T): Part<T> => ({ data, text: JSON.stringify(data) })
