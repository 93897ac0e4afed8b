import type { Lookups } from '../lookups/lookups.ts'
import { mayStart } from '../lookups/lookups.ts'

/** Process that is deferred → the processes whose jobs may still cause a trigger of it. */
type Upstream = ReadonlyMap<string, { by: string, processes: ReadonlySet<string> }>

const known = new WeakMap<Lookups, Upstream>()

/** By what processes declare in `emits`: of one that declares nothing, nothing is expected. */
export function upstreamOf (lookups: Lookups): Upstream {
  let found = known.get(lookups)
  if (found === undefined) {
    const deferred = [...lookups.processes.values()].filter(({ rules }) => rules?.defer !== undefined)
    found = new Map(
      deferred.map(({ name, rules }) => [name, { by: rules?.by ?? 'subject', processes: before(name, lookups) }])
    )
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
