import type { EventDocument, EventJob } from '../documents/event.ts'
import type { Lookups } from '../lookups/lookups.ts'

/** The legs of a join that an event brings: the names of entries with a `match` that took it, and its type. */
export function legsOf (
  { event }: Pick<EventDocument, 'event'>,
  { legs = [] }: Pick<EventJob, 'legs'>,
  all: string[],
  { filters }: Pick<Lookups, 'filters'>
): string[] {
  const isEntry = (name: string): boolean => filters?.all.some((filter) => filter.type === name) === true
  return all.filter((name) => isEntry(name) ? legs.includes(name) : event.type === name)
}

export const missingOf = (last: Record<string, string> | undefined, all: string[]): string[] =>
  all.filter((name) => last === undefined || !Object.hasOwn(last, name))
