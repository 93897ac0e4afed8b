import { digest, type DispatchEvent } from '../../base/event.ts'
import type { Lineage } from '../record.ts'
import { atPointer } from '../../base/json-pointer.ts'

/**
 * What an event has in common with others at a gate. A follow-on event without a subject is about the subject of the
 * nearest event above it that has one. Undefined where the event has no such value: then it has nothing in common with any.
 */
export function keyAt (by: string, event: DispatchEvent, { above }: Pick<Lineage, 'above'>): string | undefined {
  const value = by.startsWith('/') ? atPointer(event, by) : event[by]
  if (value !== undefined && value !== null) return typeof value === 'string' ? value : JSON.stringify(value)
  return by === 'subject' ? above.findLast(([, subject]) => subject !== undefined)?.[1] : undefined
}

/** The note of a gate: one per process and key. An event without a key stands at one of its own. */
export const gateName = (processName: string, key: string | undefined, eventKey: string): string => `gate:${processName}:${digest(key === undefined ? ['event', eventKey] : ['key', key])}`

/** The note of the limit over all keys of a process. */
export const limitName = (processName: string): string => `limit:${processName}`

/** The events of a key whose jobs may still cause a trigger of a deferred process. */
export const upstreamName = (processName: string, key: string): string => `upstream:${processName}:${digest(['key', key])}`

/** The job that waits at the gate for a process job. It is a child of the same event. */
export const gateIdOf = (jobId: string): string => `${jobId}.gate`
