import type { DispatchEvent } from '../../base/event.ts'
import { createFacts } from '../filters/facts.ts'
import type { EventType } from './event-entry.ts'
import type { Filter, Filters } from './filters.ts'

/** The part of the lookups that decides which entries apply to an event. Without `filters` the type alone decides. */
export type Entries = { eventTypes: ReadonlyMap<string, EventType>, filters?: Filters | undefined }

/** An entry that applies. `reason` is the fact that decided; undefined where the type is the key of the entry. */
export type Applied = { entry: string, processes: string[], reason: string | undefined, keep: boolean }

/** Whether an entry with a `match` applies, and the fact that decided. */
export type RuleVerdict = { entry: string, applied: boolean, reason: string }

/** The entries that apply to an event, in the order of the file. Pure, and throws for no event. */
export function matchEntries ({ eventTypes, filters }: Entries, event: DispatchEvent): Applied[] {
  const exact = eventTypes.get(event.type)
  const listed: Applied[] =
    exact === undefined
      ? []
      : [{ entry: exact.type, processes: exact.processes, reason: undefined, keep: exact.keep === true }]
  if (filters === undefined) return listed
  const before: Applied[] = []
  const after: Applied[] = []
  const place = filters.places.get(event.type) ?? -1
  const facts = createFacts(event)
  for (const filter of candidates(filters, event.type)) {
    const { holds, reason } = filter.clause.decide(facts)
    if (holds === true) {
      ;(filter.place < place ? before : after).push({
        entry: filter.type,
        processes: filter.processes,
        reason,
        keep: filter.keep === true
      })
    }
  }
  return [...before, ...listed, ...after]
}

/** What came of every entry with a `match`, in the order of the file. */
export function explainRules ({ filters }: Entries, event: DispatchEvent): RuleVerdict[] {
  const facts = createFacts(event)
  return (filters?.all ?? []).map(({ type, clause }) => {
    const { holds, reason } = clause.decide(facts)
    return { entry: type, applied: holds === true, reason }
  })
}

/** All entries, in the order of the file. */
export function listEntries ({ eventTypes, filters }: Entries): Array<EventType | Filter> {
  const entries: Array<EventType | Filter> = [...eventTypes.values()]
  // In this order each finds its own place taken by one that belongs after it.
  for (const filter of filters?.all ?? []) entries.splice(filter.place, 0, filter)
  return entries
}

/** The processes that an event of exactly this type could start, whatever else a `match` asks for. */
export const mayStart = (entries: Entries, type: string): string[] =>
  startedBy(entries, type, (filter) => filter.clause.ofType(type) !== false)

/** The processes that every event of exactly this type starts. */
export const mustStart = (entries: Entries, type: string): string[] =>
  startedBy(entries, type, (filter) => filter.clause.ofType(type) === true)

function startedBy ({ eventTypes, filters }: Entries, type: string, applies: (filter: Filter) => boolean): string[] {
  const exact = eventTypes.get(type)?.processes ?? []
  if (filters === undefined) return exact
  return [...new Set([...exact, ...filters.all.filter(applies).flatMap(({ processes }) => processes)])]
}

function candidates ({ byType, others }: Filters, type: string): readonly Filter[] {
  const demanded = byType.get(type)
  if (demanded === undefined) return others
  return others.length === 0 ? demanded : [...demanded, ...others].sort((a, b) => a.place - b.place)
}
