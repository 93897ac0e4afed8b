import type { FollowOn } from '../../base/event.ts'
import type { Draft } from '../documents/draft.ts'
import { withAttempt, type Attempt } from '../documents/job.ts'
import { jobDoc } from '../documents/names.ts'
import type { Dispatched } from '../record.ts'
import { documentOf, ending, type JobFacts } from './ending.ts'
import { following, type Following } from './following.ts'

/** What came of a round of a job. */
export type Outcome =
  | { state: 'complete', output: unknown, events: FollowOn[], /** Why its follow-on events could not be read. */ unread?: string | undefined }
  | { state: 'failed' | 'cancelled', reason: string }

/** The outcome of a round with all that follows from it, as one step. Answers its follow-on events. Pure. */
export function settling (draft: Draft, facts: JobFacts, outcome: Outcome, attempt: Attempt | undefined, given: Following): Dispatched[] {
  const before = documentOf(facts)
  const attempts = withAttempt(before.attempts, attempt)
  if (outcome.state !== 'complete') {
    ending(draft, facts, { state: outcome.state, reason: outcome.reason, attempts }, given.now, given.notices)
    return []
  }
  const events = following(draft, { ...facts, round: before.round }, outcome.events, given)
  if (outcome.unread !== undefined) events.push({ type: '', refused: outcome.unread })
  ending(draft, facts, { state: 'complete', output: outcome.output ?? null, events, attempts }, given.now, given.notices)
  return events
}

/** An attempt that has failed and is followed by another one: nothing else changes. Pure. */
export function noting (draft: Draft, facts: JobFacts, attempt: Attempt): void {
  const before = documentOf(facts)
  draft.put(jobDoc(facts.job.id), facts.rev, { ...before, attempts: withAttempt(before.attempts, attempt) })
}
