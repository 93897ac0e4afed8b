import type { Lookups } from '../lookups/lookups.ts'
import { mayStart } from '../lookups/lookups.ts'
import type { EventRecord } from '../record.ts'
import { keyAt, upstreamName } from './gate-key.ts'

/** Process that is deferred → the processes whose jobs may still cause a trigger of it. */
type Upstream = ReadonlyMap<string, { by: string, processes: ReadonlySet<string> }>

const known = new WeakMap<Lookups, Upstream>()

/** By what processes declare in `emits`: of one that declares nothing, nothing is expected. */
export function upstreamOf (lookups: Lookups): Upstream {
  let found = known.get(lookups)
  if (found === undefined) {
    const deferred = [...lookups.processes.values()].filter(({ rules }) => rules?.defer !== undefined)
    found = new Map(deferred.map(({ name, rules }) => [name, { by: rules?.by ?? 'subject', processes: before(name, lookups) }]))
    known.set(lookups, found)
  }
  return found
}

/** All from which emits lead, by however many steps, to an event that starts `name`. */
function before (name: string, lookups: Lookups): Set<string> {
  const found = new Set<string>()
  const targets = [name]
  for (const target of targets) {
    for (const { name: one, emits } of lookups.processes.values()) {
      if (found.has(one) || ![...emits ?? []].some((type) => mayStart(lookups, type).includes(target))) continue
      found.add(one)
      targets.push(one)
    }
  }
  found.delete(name)
  return found
}

/** The sets in which an event must be found, so that deferred processes know of it: it triggers one, or may still cause a trigger. */
export function marksOf (record: Pick<EventRecord, 'event' | 'jobs' | 'above'>, lookups: Lookups): string[] {
  const marks: string[] = []
  for (const [name, { by, processes }] of upstreamOf(lookups)) {
    if (!record.jobs.some((job) => processes.has(job.process) || (job.process === name && job.gated === true))) continue
    const key = keyAt(by, record.event, record)
    if (key !== undefined) marks.push(upstreamName(name, key))
  }
  return marks
}
