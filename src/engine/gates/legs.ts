import type { EventDocument, EventJob } from '../documents/event.ts'
import type { Waiting } from '../documents/gate.ts'
import type { Lookups } from '../lookups/lookups.ts'
import type { WaitFor } from '../lookups/wait-for.ts'

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

/** What has come at a gate: the last event of each leg, and when that was accepted. */
export type Come = Pick<Waiting, 'last' | 'lastAt'>

export function comeWith (before: Come, brought: string[], key: string, at: number): Come {
  const times = brought.map((leg) => [leg, Math.max(at, before.lastAt?.[leg] ?? 0)] as const)
  return {
    last: { ...before.last, ...Object.fromEntries(brought.map((leg) => [leg, key])) },
    lastAt: { ...before.lastAt, ...Object.fromEntries(times) }
  }
}

/**
 * The legs that have not come. What a trigger waits for must be at least as young as that trigger: of two accepted in
 * the same millisecond each counts for the other.
 */
export function missingOf ({ last, lastAt }: Come, waitFor: WaitFor | undefined): string[] {
  if (waitFor === undefined) return []
  const { legs, expects } = waitFor
  const hasCome = (leg: string): boolean => last !== undefined && Object.hasOwn(last, leg)
  if (expects === undefined) return legs.filter((leg) => !hasCome(leg))
  const isYounger = (leg: string, other: string): boolean => (lastAt?.[leg] ?? 0) >= (lastAt?.[other] ?? 0)
  const missing = [...expects].flatMap(([trigger, types]) =>
    hasCome(trigger) ? types.filter((type) => !hasCome(type) || !isYounger(type, trigger)) : [])
  return [...new Set(missing)]
}
