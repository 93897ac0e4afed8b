import type { Static } from 'typebox'
import type { Clause } from '../filters/clause.ts'
import { readClause } from '../filters/read.ts'
import { toEventType, type EventEntrySchema, type EventType } from './event-entry.ts'

/** An entry with a `match`: its `type` is only its name. */
export type Filter = EventType & {
  /** As it is written. */
  match: Record<string, unknown>
  clause: Clause
  /** Among all entries of the file. */
  place: number
}

/** The entries with a `match`, and what finds those that may apply to an event. */
export type Filters = {
  /** In the order of the file. */
  all: readonly Filter[]
  /** Those that can apply to certain types only, by each of these. */
  byType: ReadonlyMap<string, Filter[]>
  /** All others: to be asked of every event. */
  others: readonly Filter[]
  /** Where the entries without a `match` stand in the file. */
  places: ReadonlyMap<string, number>
}

/** Undefined where no entry has a `match`. What is wrong with one goes to `problems`. */
export async function readFilters (
  entries: Record<string, Static<typeof EventEntrySchema>>,
  problems: string[]
): Promise<Filters | undefined> {
  const all: Filter[] = []
  const places = new Map<string, number>()
  for (const [place, [name, entry]] of Object.entries(entries).entries()) {
    const match = Array.isArray(entry) ? undefined : entry.match
    if (match === undefined) places.set(name, place)
    else {
      all.push({
        ...toEventType(name, entry),
        match,
        clause: await readClause(match, `event_lookup.json: ${name}/match`, problems),
        place
      })
    }
  }
  if (all.length === 0) return undefined
  const byType = new Map<string, Filter[]>()
  for (const filter of all) {
    for (const type of new Set(filter.clause.types)) byType.set(type, [...(byType.get(type) ?? []), filter])
  }
  return { all, byType, others: all.filter(({ clause }) => clause.types === undefined), places }
}
