import type { Ledger } from '../../ledger/contract.ts'
import type { WorkerJob } from '../../queues/work.ts'
import type { Found } from '../dispatch/facts.ts'
import type { Outcome } from '../dispatch/settling.ts'
import { jobDoc } from '../documents/names.ts'
import { countOf } from '../documents/read.ts'
import type { Definition } from '../lookups/lookups.ts'

/** A job that has taken so many workers with it is given up. */
const MAX_DEATHS = 3
/** Counter of the document of a job: how often a worker that lives has lost it. */
const SLOW = 'slow'

/** A worker that was too slow to keep a job says so: what else it was taken over for are deaths. */
export async function noteSlowness (ledger: Pick<Ledger, 'commit'>, job: string): Promise<void> {
  await ledger.commit({ expect: [], increments: [{ doc: jobDoc(job), field: SLOW, by: 1 }] })
}

const isGivenUp = ({ run }: Definition): boolean => !('hive' in run || 'http' in run)

/**
 * Whether a job that a worker has lost may begin beside those that run here. Which of several took their worker with
 * them nobody can tell: one that another death may end does not run beside any that was there when a worker died, and
 * answers for itself.
 */
export function mayBegin (
  { stalled }: Pick<WorkerJob, 'stalled'>,
  definition: Definition | undefined,
  running: Iterable<{ stalled: number }>
): boolean {
  if (definition === undefined || !isGivenUp(definition)) return true
  const least = stalled >= MAX_DEATHS - 1 ? 1 : MAX_DEATHS - 1
  return ![...running].some((other) => other.stalled >= least)
}

/** Whether it has to be asked of what a job was lost. What only follows other work is never given up. */
export const isSuspect = ({ document }: Pick<Found, 'document'>, definition: Definition | undefined): boolean =>
  (document?.losses ?? 0) >= MAX_DEATHS && definition !== undefined && isGivenUp(definition)

/** The end of a suspect that has taken workers with it; undefined where they were only slow. */
export async function whyGivenUp (
  ledger: Pick<Ledger, 'get'>,
  { job, document }: Pick<Found, 'job' | 'document'>
): Promise<Outcome | undefined> {
  const losses = document?.losses ?? 0
  const [found] = await ledger.get([jobDoc(job.id)])
  const deaths = losses - countOf(found, SLOW)
  return deaths < MAX_DEATHS ? undefined : { state: 'failed', reason: `${deaths} workers died while they ran it` }
}
