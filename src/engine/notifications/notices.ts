import { digest, type DispatchEvent } from '../../base/event.ts'
import type { QueuedJob, QueuedJobOptions } from '../../ledger/contract.ts'
import { NOTIFICATIONS_QUEUE } from '../own-queues.ts'
import type { Notify } from '../../schemas/notify.ts'
import type { JobEnd, Notices } from '../dispatch/core.ts'
import type { EventDocument } from '../documents/event.ts'
import { createFacts } from '../filters/facts.ts'
import type { Lookups } from '../lookups/lookups.ts'
import { endOf, jobNotice, type Hide } from './notice.ts'
import type { NoticeData } from './notice-data.ts'

type Settings = {
  lookups: () => Lookups
  hide: Hide
  /** The pauses between the tries, milliseconds. */
  delays: number[]
  /** Whether ends are reported to a broker. */
  reports: boolean
}

/**
 * Whom to tell of an end. Each end makes one job for each who is told, in the unit that ends it,
 * under an id that is made of both: so none is forgotten, and none told twice.
 */
export function createNotices (settings: Settings): Notices {
  const options = triesOf(settings.delays)
  return { job: ofJob.bind(null, settings, options), event: ofEvent.bind(null, settings, options) }
}

/** How often a notice is tried: once, and once more after each pause. */
export const triesOf = (delays: number[]): QueuedJobOptions => ({
  attempts: delays.length + 1,
  backoff: { type: 'list', delays }
})

function ofJob ({ lookups, hide }: Settings, options: QueuedJobOptions, end: JobEnd): QueuedJob[] {
  const notify = lookups().processes.get(end.job.process)?.notify ?? []
  const notice = notify.length === 0 ? undefined : jobNotice(end, hide)
  if (notice === undefined) return []
  const asked = notify.filter(({ on }) => on.has(endOf(notice)))
  return asked.map(({ target }) =>
    toJob([end.job.id, end.document.round, target], target.kind, { target, notice }, options)
  )
}

function ofEvent (
  { lookups, reports }: Settings,
  options: QueuedJobOptions,
  key: string,
  event: EventDocument,
  cause: string
): QueuedJob[] {
  // A follow-on event that was refused has not been worked on.
  const notify = event.refused === undefined ? notifyOfEvent(lookups(), event.event) : []
  const told = notify.map(({ on, target }) =>
    toJob([key, cause, target], target.kind, { target, on: [...on], event: key }, options)
  )
  const hasJobs = event.jobs.length > 0 || event.pieces !== undefined
  return reports && hasJobs ? [...told, toJob([key, cause, 'report'], 'report', { report: key }, options)] : told
}

function toJob (parts: unknown[], name: string, data: NoticeData, options: QueuedJobOptions): QueuedJob {
  return { queue: NOTIFICATIONS_QUEUE, id: `n${digest(parts)}`, name, data, options }
}

function notifyOfEvent ({ eventTypes, filters }: Lookups, event: DispatchEvent): Notify[] {
  const facts = createFacts(event)
  const matching = (filters?.all ?? []).filter(
    ({ notify, clause }) => notify !== undefined && clause.decide(facts).holds === true
  )
  return [eventTypes.get(event.type), ...matching].flatMap((entry) => entry?.notify ?? [])
}
