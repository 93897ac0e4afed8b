import type { FollowOn } from '../../base/event.ts'
import type { Draft } from '../documents/draft.ts'
import { withAttempt, type Attempt } from '../documents/job.ts'
import { jobDoc } from '../documents/names.ts'
import type { Dispatched } from '../record.ts'
import { documentOf, ending, type JobFacts } from './ending.ts'
import { following, type Following } from './following.ts'

/** What came of a round of a job. */
export type Outcome =
  | {
    state: 'complete'
    output: unknown
    events: FollowOn[]
    /** Why its follow-on events could not be read. */ unread?: string | undefined
  }
  | { state: 'failed' | 'cancelled', reason: string }

/** What is told of the attempt that came to an end, beside its outcome. */
export type Report = Pick<Following, 'traceOf'> & {
  attempt?: Omit<Attempt, 'round'> | undefined
  progress?: unknown
}

/** The outcome of a round with all that follows from it, as one step. Answers its follow-on events. Pure. */
export function settling (
  draft: Draft,
  facts: JobFacts,
  outcome: Outcome,
  report: Report,
  given: Following
): Dispatched[] {
  const before = documentOf(facts)
  const { round } = before
  const attempts = withAttempt(
    before.attempts,
    report.attempt === undefined ? undefined : { round, ...report.attempt }
  )
  const { progress } = report
  if (outcome.state !== 'complete') {
    ending(
      draft,
      facts,
      { state: outcome.state, reason: outcome.reason, attempts, progress },
      given.now,
      given.notices
    )
    return []
  }
  const events = following(draft, { ...facts, round }, outcome.events, { ...given, traceOf: report.traceOf })
  if (outcome.unread !== undefined) events.push({ type: '', refused: outcome.unread })
  ending(
    draft,
    facts,
    { state: 'complete', output: outcome.output ?? null, events, attempts, progress },
    given.now,
    given.notices
  )
  return events
}

/** An attempt that has failed and is followed by another one: nothing else changes. Pure. */
export function noting (draft: Draft, facts: JobFacts, attempt: Omit<Attempt, 'round'>): void {
  const before = documentOf(facts)
  const attempts = withAttempt(before.attempts, { round: before.round, ...attempt })
  draft.put(jobDoc(facts.job.id), facts.rev, { ...before, attempts })
}
