import type { Ledger } from '../../ledger/contract.ts'
import type { EventStatus } from '../../schemas/events.ts'
import type { EventCounter } from '../documents/event.ts'
import { readJobDocument, type JobState } from '../documents/job.ts'
import { jobDoc } from '../documents/names.ts'
import type { StoredEvent } from './find.ts'

/** A job whose work is done by one whose work is done by another, and so on: followed so far. */
const MAX_CHAIN = 5

type Counts = Record<string, number>

/**
 * Where an event stands, by its counters and by the jobs that do the work of those of its jobs that
 * were absorbed: it is done only if theirs is. Pure.
 */
export function statusOf (counts: Counts, absorbers: JobState[]): EventStatus {
  const count = (counter: EventCounter): number => counts[counter] ?? 0
  if (count('open') > 0) return 'incomplete'
  if (absorbers.some((state) => state === 'waiting' || state === 'queued')) return 'incomplete'
  if (count('failed') > 0 || absorbers.includes('failed')) return 'failed'
  return count('cancelled') > 0 || absorbers.includes('cancelled') ? 'cancelled' : 'complete'
}

/** In the order asked for. Absorbers are read only where an event counts absorbed jobs. */
export async function readEventStatuses (ledger: Pick<Ledger, 'get'>, events: StoredEvent[]): Promise<EventStatus[]> {
  const ids = events.map(({ value, counts }) => (counts['absorbed'] ?? 0) > 0 ? value.jobs.map(({ id }) => id) : [])
  const states = await readAbsorberStates(ledger, ids.flat())
  return events.map(({ counts }, i) => statusOf(counts, (ids[i] ?? []).flatMap((id) => states.get(id) ?? [])))
}

/** Of each job that was absorbed the state of the one that does its work in the end. */
export async function readAbsorberStates (ledger: Pick<Ledger, 'get'>, jobs: string[]): Promise<Map<string, JobState>> {
  const absorberOf = new Map<string, string>()
  const states = new Map<string, JobState>()
  let asked = [...new Set(jobs)]
  for (let step = 0; step <= MAX_CHAIN && asked.length > 0; step++) {
    const found = (await ledger.get(asked.map(jobDoc))).map(readJobDocument)
    for (const [i, id] of asked.entries()) {
      const document = found[i]?.value
      // One that has absorbed others is removed before them only when it has done their work, or all may go.
      states.set(id, document?.state ?? (step === 0 ? 'queued' : 'complete'))
      if (document?.state === 'absorbed' && document.by !== undefined) absorberOf.set(id, document.by)
    }
    asked = [...new Set([...absorberOf.values()].filter((id) => !states.has(id)))]
  }
  return new Map(jobs.flatMap((id) => absorberOf.has(id) ? [[id, lastOf(id, absorberOf, states)] as const] : []))
}

function lastOf (id: string, absorberOf: ReadonlyMap<string, string>, states: ReadonlyMap<string, JobState>): JobState {
  let last = id
  for (let step = 0; step <= MAX_CHAIN; step++) {
    const next = absorberOf.get(last)
    if (next === undefined) break
    last = next
  }
  return states.get(last) ?? 'queued'
}
