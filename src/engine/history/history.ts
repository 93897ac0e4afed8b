import { errors } from '../../base/errors.ts'
import type { EventSummary, EventTree, HistoryRecord } from '../../schemas/events.ts'
import { readPages, type Paged, type Range } from '../documents/paging.ts'
import { listsOf, seeEvents, type EventFilter } from './event-filter.ts'
import { searchEvents } from './event-search.ts'
import { toSummary } from './event-summary.ts'
import { findEvents, readStoredEvents } from './find.ts'
import { readTree, type TreeOptions } from './read-tree.ts'
import { readRecords } from './records.ts'
import type { HistoryDependencies } from './seen-tree.ts'

export interface History {
  /** `text`: what its id, or the id that its sender gave, begins with; or its subject. */
  list: (filter: EventFilter & { text?: string | undefined }, range: Range) => Promise<Paged<EventSummary>>
  /** Events by their keys, in their order; those that are gone are left out. */
  named: (keys: string[], range: { limit: number, cursor?: string | undefined }) => Promise<Paged<EventSummary>>
  /** All of it, read as it is asked for. */
  records: (filter: EventFilter, range: Omit<Range, 'limit'>) => AsyncGenerator<HistoryRecord, void, undefined>
  /** An event by its key, or by the id (and source) that its sender gave it. */
  tree: (id: string, source?: string, options?: TreeOptions) => Promise<EventTree>
}

export function createHistory (state: HistoryDependencies): History {
  return {
    list: list.bind(null, state),
    named: named.bind(null, state),
    records: (filter, range) => readRecords(state.ledger, filter, range),
    tree: async (id, source, options) => {
      const [top] = await findEvents(state.ledger, [id], source)
      if (top === undefined) throw errors.eventNotFound(id)
      return await readTree(state, top, options)
    }
  }
}

async function list (
  { ledger }: HistoryDependencies,
  { text, ...filter }: EventFilter & { text?: string | undefined },
  range: Range
): Promise<Paged<EventSummary>> {
  const { items, next } = text === undefined
    ? await readPages(ledger, listsOf(filter), range, async (members) =>
      await seeEvents(ledger, await readStoredEvents(ledger, members.map(([, key]) => key)), filter))
    : await searchEvents(ledger, text, filter, range)
  return { items: items.map(toSummary), next }
}

async function named (
  { ledger }: HistoryDependencies,
  keys: string[],
  { limit, cursor = '0' }: { limit: number, cursor?: string | undefined }
): Promise<Paged<EventSummary>> {
  if (!/^\d{1,9}$/.test(cursor)) throw errors.invalidQuery('cursor', 'is not the `next` of a page of this list')
  const start = Number(cursor)
  const found = await readStoredEvents(ledger, keys.slice(start, start + limit))
  const seen = (await seeEvents(ledger, found, {})).filter((one) => one !== undefined)
  return { items: seen.map(toSummary), next: start + limit < keys.length ? String(start + limit) : null }
}
