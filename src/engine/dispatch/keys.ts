import type { DispatchEvent } from '../../base/event.ts'
import { atPointer } from '../../base/json-pointer.ts'
import { gateDoc, wideGateDoc } from '../documents/names.ts'
import type { EventDocument } from '../documents/event.ts'
import type { Definition, Lookups } from '../lookups/lookups.ts'
import { upstreamOf } from './upstream.ts'

type About = Pick<EventDocument, 'event' | 'above'>

/**
 * What an event has in common with others at a gate. A follow-on event without a subject is about the subject of the
 * nearest event above it that has one. Undefined where the event has no such value: then it has nothing in common with
 * any.
 */
export function keyOf (by: string, { event, above }: About): string | undefined {
  const value = valueAt(by, event)
  if (value !== undefined && value !== null) return typeof value === 'string' ? value : JSON.stringify(value)
  return by === 'subject' ? above.findLast(({ subject }) => subject !== undefined)?.subject : undefined
}

const valueAt = (by: string, event: DispatchEvent): unknown => by.startsWith('/') ? atPointer(event, by) : event[by]

/** The gate at which a job of the process waits for this event; undefined where it has none. */
export function gateFor ({ name, rules }: Definition, about: About, key: string): string | undefined {
  if (rules === undefined) return undefined
  if (!rules.merges && rules.perKey === undefined) return wideGateDoc(name)
  return gateDoc(name, keyOf(rules.by, about), key)
}

/** The gates of deferred processes at which a job of the process may still cause a trigger. */
export function holdsFor (processName: string, about: About, lookups: Lookups): string[] {
  const gates: string[] = []
  for (const [deferred, { by, processes }] of upstreamOf(lookups)) {
    const key = processes.has(processName) ? keyOf(by, about) : undefined
    if (key !== undefined) gates.push(gateDoc(deferred, key, ''))
  }
  return gates
}
