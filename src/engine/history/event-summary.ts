import type { EventSummary } from '../../schemas/events.ts'
import type { JobAddress } from '../../schemas/jobs.ts'
import type { SeenEvent } from './event-filter.ts'

/** An event as a list tells it. Pure. */
export function toSummary ({ event: { key, value }, status, tree }: SeenEvent): EventSummary {
  const { event, at, root, depth, jobs, replays, by } = value
  return {
    id: key,
    type: event.type,
    source: event.source,
    subject: event.subject ?? null,
    time: event.time ?? null,
    received: new Date(at).toISOString(),
    status,
    tree_status: tree.status,
    open_jobs: tree.open,
    failed_jobs: tree.failed,
    jobs: jobs.map((job): JobAddress => [job.process, job.id]),
    root,
    depth,
    replays: replays ?? null,
    submitted_by: by
  }
}
