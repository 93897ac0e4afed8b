import type { ListFilter, NewJob, StoredJob } from '../contract.ts'

/** Before the names of the lists of what is kept for ever. */
export const KEPT = 'kept:'

/** The sorted set that holds what a filter asks for, or more. */
export const listName = (filter: ListFilter): string => {
  if (filter.kind === 'jobs') return `jobs:${filter.name}`
  if (filter.root !== undefined) return `root:${filter.root}`
  if (filter.subject !== undefined) return `subject:${filter.subject}`
  return filter.type === undefined ? 'events' : `type:${filter.type}`
}

/** The lists in which an event stands. */
export function listsOf ({ id, name, data }: NewJob): string[] {
  const { event, root } = data as { event?: { subject?: string }, root?: string }
  return ['events', `type:${name}`, ...event?.subject === undefined ? [] : [`subject:${event.subject}`], ...root === undefined || root === id ? [] : [`root:${root}`]]
}

/** What the sorted set that was read does not already say. */
export function matches (job: StoredJob, filter: ListFilter): boolean {
  if (filter.kind === 'jobs') return filter.states === undefined || filter.states.includes(job.state)
  const event = job.data['event'] as { subject?: string } | undefined
  return (filter.type === undefined || job.name === filter.type) && (filter.subject === undefined || event?.subject === filter.subject)
}
