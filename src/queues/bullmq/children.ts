import type { Children } from '../contract.ts'

/** What BullMQ keeps of a root's children, by child key, as the contract tells it by job id. */
export function toChildren (processed: Array<[string, unknown]>, ignored: Array<[string, unknown]>, unprocessed: string[]): Children {
  const completed = new Map(processed.map(([key, value]) => [idOf(key), value]))
  const failed = new Map<string, string>()
  // A child that failed and was retried can stand in both: what it came to in the end counts.
  for (const [key, reason] of ignored) if (!completed.has(idOf(key))) failed.set(idOf(key), reasonOf(reason))
  return { completed, failed, pending: new Set(unprocessed.map(idOf)) }
}

/** Child keys are `prefix:queue:id` on Redis and `queue:id` elsewhere; ids hold no colon. */
const idOf = (key: string): string => key.slice(key.lastIndexOf(':') + 1)

/** Some clients of other languages write a failure reason as a JSON string. */
function reasonOf (value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value)
  return /^".*"$/s.test(value) ? String(JSON.parse(value)) : value
}
