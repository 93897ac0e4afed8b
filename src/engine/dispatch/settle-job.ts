import { createDraft } from '../documents/draft.ts'
import { hasSettled, type Attempt } from '../documents/job.ts'
import type { Dispatched } from '../record.ts'
import { commit, type Core } from './core.ts'
import type { HeldRun } from './run.ts'
import { documentOf, type JobFacts } from './ending.ts'
import { countUnder, readJob, revisionsOf } from './facts.ts'
import { noting, settling, type Outcome, type Report } from './settling.ts'

/** A job as its run began: with the counters of its event, and when that was read. */
export type Begun = JobFacts & { counts: Record<string, number>, readAt: number }

/** So long the number of follow-on events that was read still guards against a flood. */
const FRESH_MS = 1000

/** `dropped`: the job has ended already, is in another round, or is gone; nothing was changed. */
export type Settled = { dropped: true } | { dropped: false, events: Dispatched[] }

/**
 * Writes what came of a round of a job with its follow-on events, in one step and once. A second
 * delivery, a worker that has lost the job and one that comes late change nothing. `begun` is the job as its run
 * began: it is not read again unless its revision, which is expected, says that something has happened since.
 */
export async function settleJob (
  core: Core,
  run: HeldRun,
  outcome: Outcome,
  report: Report = {},
  begun?: Begun
): Promise<Settled> {
  let removed = new Map<string, number>()
  for (let known = begun; ; known = undefined) {
    const facts: JobFacts | undefined = known ?? await readJob(core.ledger, run.job)
    if (facts === undefined || !isOpenIn(facts, run)) return { dropped: true }
    const produces = outcome.state === 'complete' && outcome.events.length > 0
    const under = produces ? countOf(known, core.now()) ?? await countUnder(core.ledger, facts.event.root) : 0
    const draft = createDraft(removed)
    const given = { lookups: core.lookups(), limits: core.limits, notices: core.notices, now: core.now(), known: under }
    const events = settling(draft, facts, outcome, report, given)
    if (await commit(core, draft)) {
      tellRefused(core, facts, events)
      return { dropped: false, events }
    }
    if (produces) removed = await revisionsOf(core.ledger, draft.made())
  }
}

/** How many follow-on events there were under the root when the run began; undefined where that is another event. */
function countOf (begun: Begun | undefined, now: number): number | undefined {
  if (begun === undefined || begun.event.root !== begun.key || now - begun.readAt >= FRESH_MS) return undefined
  return begun.counts['tree_events'] ?? 0
}

/** Keeps why an attempt failed that is followed by another one. */
export async function noteFailedAttempt (
  core: Core,
  run: HeldRun,
  attempt: Omit<Attempt, 'round'>
): Promise<void> {
  for (;;) {
    const facts = await readJob(core.ledger, run.job)
    if (facts === undefined || !isOpenIn(facts, run)) return
    const draft = createDraft()
    noting(draft, facts, attempt)
    if (await commit(core, draft)) return
  }
}

/**
 * Whether a round of a job is still to be worked on, by the worker that has it. A job that waits at its gate is not.
 */
export function isOpenIn (facts: Pick<JobFacts, 'event' | 'document' | 'job'>, { round, taken }: HeldRun): boolean {
  const document = documentOf(facts)
  if (taken !== undefined && taken !== (document.taken ?? 0)) return false
  if (hasSettled(document) || document.round !== round || document.state === 'waiting') return false
  return facts.document !== undefined || facts.job.gate === undefined
}

function tellRefused ({ onRefused }: Core, { key, job }: JobFacts, events: Dispatched[]): void {
  for (const [index, event] of events.entries()) {
    if (event.refused !== undefined) onRefused(event, { event: key, process: job.process, job: job.id, index })
  }
}
