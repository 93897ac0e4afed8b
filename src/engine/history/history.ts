import { errors } from '../../base/errors.ts'
import type { EventSummary, EventTree, HistoryRecord } from '../../schemas/events.ts'
import type { JobAddress } from '../../schemas/jobs.ts'
import { readPages, type Paged } from '../documents/paging.ts'
import { readEventStatuses } from './event-status.ts'
import { findEvents, readStoredEvents, type StoredEvent } from './find.ts'
import { readTree } from './read-tree.ts'
import { listOf, readRecords, type RecordFilter } from './records.ts'
import type { HistoryDependencies } from './seen-tree.ts'

export type EventListOptions = RecordFilter & { limit: number }

export interface History {
  list: (options: EventListOptions) => Promise<Paged<EventSummary>>
  /** All of it, read as it is asked for. */
  records: (options: RecordFilter) => AsyncGenerator<HistoryRecord, void, undefined>
  /** An event by its key, or by the id (and source) that its sender gave it. */
  tree: (id: string, source?: string) => Promise<EventTree>
}

export function createHistory (state: HistoryDependencies): History {
  return {
    list: list.bind(null, state),
    records: (options) => readRecords(state.ledger, options),
    tree: async (id, source) => {
      const [top] = await findEvents(state.ledger, [id], source)
      if (top === undefined) throw errors.eventNotFound(id)
      return await readTree(state, top)
    }
  }
}

async function list (
  { ledger }: HistoryDependencies,
  { type, subject, ...range }: EventListOptions
): Promise<Paged<EventSummary>> {
  const { items, next } = await readPages(ledger, listOf({ type, subject }), range, async (members) => {
    const found = await readStoredEvents(
      ledger,
      members.map(([, key]) => key)
    )
    return found.map((one) =>
      one !== undefined && (type === undefined || one.value.event.type === type) ? one : undefined
    )
  })
  const statuses = await readEventStatuses(ledger, items)
  return { items: items.map((event, i) => toSummary(event, statuses[i] ?? 'incomplete')), next }
}

function toSummary (
  { key, value: { event, at, root, depth, jobs } }: StoredEvent,
  status: EventSummary['status']
): EventSummary {
  return {
    id: key,
    type: event.type,
    source: event.source,
    subject: event.subject ?? null,
    time: event.time ?? null,
    received: new Date(at).toISOString(),
    status,
    jobs: jobs.map((job): JobAddress => [job.process, job.id]),
    root,
    depth
  }
}
