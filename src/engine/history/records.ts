import { gateIdOf } from '../dispatch/gate-key.ts'
import { absorberOf, hasEnded, statusOf } from '../jobs/job-status.ts'
import { CANCELLED_QUEUE, GATES_QUEUE, type ListFilter, type Queues, type StoredJob } from '../../queues/contract.ts'
import type { Closing, EventRecord, RecordedJob } from '../record.ts'
import type { HistoryRecord } from '../../schemas/events.ts'

/** Events that are read at once: what is in memory, however long the history is. */
const PAGE = 100

type Filter = { type?: string | undefined, subject?: string | undefined, since?: number | undefined, order?: 'asc' | 'desc' | undefined, cursor?: string | undefined }

/** What happened, one record after the other: of each event that it arrived, and below it each end of one of its jobs. */
export async function * readRecords (queues: Pick<Queues, 'list' | 'getMany'>, { type, subject, since, order, cursor: first }: Filter): AsyncGenerator<HistoryRecord, void, undefined> {
  const filter: ListFilter = { kind: 'events', ...(type === undefined ? {} : { type }), ...(subject === undefined ? {} : { subject }) }
  let cursor = first
  do {
    const page = await queues.list(filter, { limit: PAGE, cursor, since, order })
    const jobs = await readJobs(queues, page.items)
    for (const node of page.items) yield * recordsOf(node, jobs)
    cursor = page.next
  } while (cursor !== undefined)
}

/** Each where it lies now: a job may wait at its gate, or have been cancelled before it began. */
async function readJobs (queues: Pick<Queues, 'getMany'>, nodes: StoredJob[]): Promise<Map<string, StoredJob>> {
  const recorded = nodes.flatMap((node) => (node.data as EventRecord).jobs)
  const places = [recorded.map(({ queue, id }) => ({ queue, id })), recorded.map(({ id }) => ({ queue: CANCELLED_QUEUE, id })), recorded.map(({ id }) => ({ queue: GATES_QUEUE, id: gateIdOf(id) }))]
  const [live = [], cancelled = [], gates = []] = await Promise.all(places.map((keys) => queues.getMany(keys)))
  return new Map(recorded.flatMap(({ id }, i) => {
    const found = live[i] ?? cancelled[i] ?? gates[i]
    return found === undefined ? [] : [[id, found]]
  }))
}

function recordsOf (node: StoredJob, jobs: Map<string, StoredJob>): HistoryRecord[] {
  const record = node.data as EventRecord
  const { type, source, subject = null, ...details } = record.event
  const common = { event: node.id, subject, type }
  const cause = record.cause === undefined ? null : { event: record.cause.event, process: record.cause.process, job: record.cause.job }
  const ends = record.jobs.flatMap((job) => [
    ...(record.ends ?? []).filter((end) => end.job === job.id).map(({ status, reason, at }) => ({ job, status, reason, at })),
    ...lastEnd(node, job, jobs.get(job.id))
  ])
  return [
    { record: 'event', ...common, source, at: record.received, details: { ...details, cause } },
    ...ends.sort((a, b) => a.at - b.at).map(({ job, status, reason, at }): HistoryRecord => (
      { record: 'job', ...common, source: `/jobs/${job.process}/${job.id}`, at: new Date(at).toISOString(), details: { process: job.process, job: job.id, status, ...(reason === undefined ? {} : { reason }) } }))
  ]
}

/** By the job itself; by what its event was closed with where the job has been removed. */
function lastEnd (node: StoredJob, job: RecordedJob, live: StoredJob | undefined): Array<{ job: RecordedJob, status: string, reason: string | undefined, at: number }> {
  if (live !== undefined) {
    const status = statusOf(live)
    // A copy of a job that was cancelled before it began was made when that was asked for.
    return hasEnded(status) ? [{ job, status, reason: status === 'absorbed' ? `its work is done by ${absorberOf(live)}` : live.failedReason, at: live.finishedAt ?? live.createdAt }] : []
  }
  const closing = node.state === 'completed' ? node.returnValue as Closing | undefined : undefined
  const closed = closing?.jobs[job.id]
  return closed === undefined ? [] : [{ job, status: closed.status, reason: closed.reason, at: closed.at ?? node.finishedAt ?? node.createdAt }]
}
