import { createHash } from 'node:crypto'
import type { EventTree } from '../../schemas/events.ts'
import type { JobAddress } from '../../schemas/jobs.ts'
import type { StreamedEvent, StreamedJob, StreamMessage } from '../../schemas/stream.ts'

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
    const changed = jobs
      .filter(({ text }) => !texts.has(text))
      .map(({ data }): StreamMessage => ({ event: 'job', data }))
    if (old?.event.text === event.text) return changed
    const told: StreamMessage = { event: 'event', data: event.data }
    return old === undefined ? [told, ...changed] : [...changed, told]
  })
}

export const hasTreeEnded = ({ tree }: TreeState): boolean => tree.tree_status !== 'incomplete'

const toPart = <T>(data: T): Part<T> => ({ data, text: JSON.stringify(data) })
