import type { Ledger } from '../../ledger/contract.ts'
import type { HistoryRecord } from '../../schemas/events.ts'
import type { EventJob } from '../documents/event.ts'
import { hasSettled, readJobDocument, type JobDocument } from '../documents/job.ts'
import { jobDoc } from '../documents/names.ts'
import { readPages, type Range } from '../documents/paging.ts'
import { isMeant, listsOf, seeEvents, type EventFilter } from './event-filter.ts'
import { readStoredEvents, type StoredEvent } from './find.ts'

/** Events that are read at once: what is in memory, however long the history is. */
const PAGE = 100

/**
 * What happened, one record after the other: of each event that it arrived, and below it each end of one of its jobs.
 */
export async function * readRecords (
  ledger: Pick<Ledger, 'get' | 'list'>,
  filter: EventFilter,
  { cursor: first, ...range }: Omit<Range, 'limit'>
): AsyncGenerator<HistoryRecord, void, undefined> {
  let cursor: string | undefined = first
  do {
    const page = { ...range, cursor, limit: PAGE }
    const { items, next } = await readPages(ledger, listsOf(filter), page, async (members) =>
      await pick(ledger, await readStoredEvents(ledger, members.map(([, key]) => key)), filter))
    const jobs = items.flatMap(({ value }) => value.jobs)
    const documents = (await ledger.get(jobs.map(({ id }) => jobDoc(id)))).map(
      (found) => readJobDocument(found)?.value
    )
    const byId = new Map(jobs.map(({ id }, i) => [id, documents[i]]))
    for (const event of items) yield * recordsOf(event, byId)
    cursor = next ?? undefined
  } while (cursor !== undefined)
}

/** What an event came to is looked up only where it is asked for. */
async function pick (
  ledger: Pick<Ledger, 'get'>,
  found: Array<StoredEvent | undefined>,
  filter: EventFilter
): Promise<Array<StoredEvent | undefined>> {
  if (filter.status === undefined && filter.treeStatus === undefined) {
    return found.map((one) => one !== undefined && isMeant(one, filter) ? one : undefined)
  }
  return (await seeEvents(ledger, found, filter)).map((seen) => seen?.event)
}

function recordsOf ({ key, value }: StoredEvent, jobs: Map<string, JobDocument | undefined>): HistoryRecord[] {
  const { type, source, subject = null, ...details } = value.event
  const common = { event: key, subject, type }
  const cause =
    value.cause === undefined
      ? null
      : { event: value.cause.event, process: value.cause.process, job: value.cause.job }
  const ends = value.jobs.flatMap((job) => endsOf(job, jobs.get(job.id)))
  return [
    {
      record: 'event',
      ...common,
      source,
      at: new Date(value.at).toISOString(),
      details: { ...details, cause, submitted_by: value.by }
    },
    ...ends
      .sort((a, b) => a.at - b.at)
      .map(({ job, status, reason, at }): HistoryRecord => ({
        record: 'job',
        ...common,
        source: `/jobs/${job.process}/${job.id}`,
        at: new Date(at).toISOString(),
        details: { process: job.process, job: job.id, status, reason }
      }))
  ]
}

type End = { job: EventJob, status: string, reason: string | undefined, at: number }

/** The ends of a job's rounds, the last one last. */
function endsOf (job: EventJob, document: JobDocument | undefined): End[] {
  if (document === undefined) return []
  const earlier = (document.ends ?? []).map(({ state, reason, at }) => ({ job, status: state, reason, at }))
  if (!hasSettled(document)) return earlier
  const reason = document.state === 'absorbed' ? `its work is done by ${document.by}` : document.reason
  return [...earlier, { job, status: document.state, reason, at: document.at }]
}
