import type { Ledger } from '../../ledger/contract.ts'
import { readEvents } from '../dispatch/facts.ts'
import type { EventDocument } from '../documents/event.ts'
import { readJobDocument, type JobDocument } from '../documents/job.ts'
import { jobDoc } from '../documents/names.ts'
import { readEventStatuses } from '../history/event-status.ts'
import type { EventStatus } from '../../schemas/events.ts'
import { CANCELLED } from '../record.ts'

/** What came of a job of an event. `events`: keys of its follow-on events. */
export type JobOutcome = { process: string, id: string, status: string, reason: string | null, events: string[] }

export type EventEnd = { key: string, event: EventDocument, status: EventStatus, endedAt: number, jobs: JobOutcome[] }

/**
 * What an event has come to, as it is now. `open`: jobs of its own have not ended, as one was
 * retried since; without any it may still be incomplete, while another job does its work.
 */
export async function readEventEnd (
  ledger: Pick<Ledger, 'get'>,
  key: string
): Promise<(EventEnd & { open: number }) | undefined> {
  const [stored] = await readEvents(ledger, [key])
  if (stored === undefined) return undefined
  const [status = 'incomplete'] = await readEventStatuses(ledger, [{ ...stored, key }])
  const found = (await ledger.get(stored.value.jobs.map(({ id }) => jobDoc(id)))).map(
    (document) => readJobDocument(document)?.value
  )
  const endedAt = Math.max(stored.value.at, ...found.map((document) => document?.at ?? 0))
  const jobs = stored.value.jobs.map(({ process: processName, id }, i) => ({
    process: processName,
    id,
    ...outcomeOf(found[i])
  }))
  return { key, event: stored.value, status, endedAt, jobs, open: stored.counts['open'] ?? 0 }
}

function outcomeOf (document: JobDocument | undefined): Omit<JobOutcome, 'process' | 'id'> {
  const { state = 'queued', reason, events = [] } = document ?? {}
  const told = state === 'complete' || (state === 'cancelled' && reason === CANCELLED) ? undefined : reason
  return { status: state, reason: told ?? null, events: events.flatMap((event) => event.key ?? []) }
}
