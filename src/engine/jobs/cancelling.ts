import { ending, documentOf, type End, type JobFacts } from '../dispatch/ending.ts'
import type { Notices } from '../dispatch/core.ts'
import type { StoredAct } from '../documents/acts.ts'
import type { Draft } from '../documents/draft.ts'
import { jobDoc, roundId, sets } from '../documents/names.ts'

/** Whether a job has not been let through its gate yet. */
export function isAtGate ({ job, document }: Pick<JobFacts, 'job' | 'document'>): boolean {
  return job.gate !== undefined && (document === undefined || document.state === 'waiting')
}

/** A job that does not run is cancelled: what it held and what counted it is given back. Pure. */
export function cancelling (
  draft: Draft,
  facts: JobFacts,
  end: Omit<End, 'state'>,
  now: number,
  notices: Notices
): void {
  const { job } = facts
  if (job.gate !== undefined && isAtGate(facts)) {
    draft.leave(sets.arrivals(job.gate), job.id)
    draft.leave(sets.again(job.gate), job.id)
    draft.wake(job.gate, `gone~${roundId(job.id, documentOf(facts).round)}`, now)
  }
  ending(draft, facts, { ...end, state: 'cancelled' }, now, notices)
}

/** One that may run is asked to stop, for whoever takes it up or works on it. Pure. */
export function stopping (draft: Draft, facts: JobFacts, acts?: StoredAct[]): void {
  const before = documentOf(facts)
  draft.put(jobDoc(facts.job.id), facts.rev, { ...before, stop: true, acts: acts ?? before.acts })
}
