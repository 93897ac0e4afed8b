import type { EventCounter } from '../documents/event.ts'
import { hold } from '../dispatch/accepting.ts'
import { documentOf, type JobFacts } from '../dispatch/ending.ts'
import { toRun } from '../dispatch/run.ts'
import type { AtZero } from '../../ledger/contract.ts'
import { withAct } from '../documents/acts.ts'
import type { Draft } from '../documents/draft.ts'
import type { JobDocument, JobState } from '../documents/job.ts'
import { absorbedMember, eventDoc, jobDoc, roundId, sets } from '../documents/names.ts'
import type { Lookups } from '../lookups/lookups.ts'

const COUNTERS: Partial<Record<JobState, Exclude<EventCounter, 'open'>>> = {
  failed: 'failed',
  cancelled: 'cancelled',
  absorbed: 'absorbed'
}
const MAX_ENDS = 100

/**
 * The next round of a job that has ended: it is open once more, under a name of its own on its queue, so that
 * nothing of the last round can answer for it. One with a gate stands there again, with all that it stood for. Pure.
 */
export function retrying (
  draft: Draft,
  facts: JobFacts,
  { now, by }: { now: number, by?: string | undefined },
  lookups: Lookups
): void {
  const { key, event, job, rev } = facts
  const before = documentOf(facts)
  const round = before.round + 1
  const ends = [...before.ends ?? [], { state: before.state, at: before.at, reason: before.reason }].slice(-MAX_ENDS)
  const document: JobDocument = {
    ...before,
    state: job.gate === undefined ? 'queued' : 'waiting',
    round,
    at: now,
    gatedAt: job.gate === undefined ? undefined : now,
    queuedAt: job.gate === undefined ? now : undefined,
    ends,
    output: undefined,
    reason: undefined,
    taken: undefined,
    losses: undefined,
    asked: undefined,
    events: undefined,
    by: undefined,
    acts: by === undefined ? before.acts : withAct(before.acts, { act: 'retry', by, at: now }),
    handled: undefined
  }
  draft.put(jobDoc(job.id), rev, document)
  countUp(draft, facts, before.state)
  draft.enter(sets.open(job.process), job.id, event.at)
  draft.leave(sets.failed, job.id)
  draft.leave(sets.failedOf(job.process), job.id)
  draft.leave(sets.handled, job.id)
  draft.leave(sets.ended, event.root)
  if (before.by !== undefined) draft.leave(sets.absorbed(before.by), absorbedMember(job.id, event.event.type))
  for (const gate of job.holds ?? []) hold(draft, gate, job.id, now)
  if (job.gate === undefined) {
    draft.enqueue(toRun({ key, job, round, document: event }, lookups.processes.get(job.process)))
  } else {
    draft.enter(sets.again(job.gate), job.id, now)
    draft.wake(job.gate, `in~${roundId(job.id, round)}`, now)
  }
}

function countUp (draft: Draft, { key, event }: JobFacts, state: JobState): void {
  const { at, root, rootAt = at } = event
  draft.count(eventDoc(key), 'open', 1)
  draft.count(eventDoc(root), 'tree_open', 1)
  draft.enter(sets.eventsIn('incomplete'), key, at)
  draft.enter(sets.eventsIn('incomplete'), root, rootAt)
  const counter = COUNTERS[state]
  if (counter === undefined) return
  const gone = (member: string): AtZero => ({ entries: [{ set: sets.eventsIn(counter), member, remove: true }] })
  draft.count(eventDoc(key), counter, -1, key === root ? undefined : gone(key))
  draft.count(eventDoc(root), `tree_${counter}`, -1, gone(root))
}
