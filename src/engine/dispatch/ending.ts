import type { Entry } from '../../ledger/contract.ts'
import type { Draft } from '../documents/draft.ts'
import type { EventCounter, EventDocument, EventJob } from '../documents/event.ts'
import { hasSettled, type JobDocument, type JobState } from '../documents/job.ts'
import { dueMember, eventDoc, jobDoc, roundId, sets } from '../documents/names.ts'
import type { Notices } from './core.ts'

/** A job as it was read, and the revision to expect; `document` is undefined where it has none yet. */
export type JobFacts = {
  key: string
  event: EventDocument
  job: EventJob
  rev: number
  document: JobDocument | undefined
}

export type End = Pick<JobDocument, 'state'> & Partial<JobDocument>

const COUNTERS: Partial<Record<JobState, Exclude<EventCounter, 'open'>>> = {
  failed: 'failed',
  cancelled: 'cancelled',
  absorbed: 'absorbed'
}

/** The document of a job as it stands, or as it would. */
export function documentOf ({ event, document }: Pick<JobFacts, 'event' | 'document'>): JobDocument {
  return document ?? { v: 1, state: 'queued', round: 0, at: event.at, attempts: [], absorbed: 0 }
}

/**
 * A job comes to its end: its document, the counters of its event and tree, the gates that it held,
 * and those that counted it as running, whatever the lookups say by now. Pure.
 */
export function ending (draft: Draft, facts: JobFacts, end: End, now: number, notices: Notices): void {
  const { key, event, job, rev } = facts
  const before = documentOf(facts)
  if (hasSettled(facts.document)) throw new Error(`job ${job.id} has ended already`)
  const document: JobDocument = { ...before, ...end, at: now, runs: undefined, stop: undefined }
  const cause = roundId(job.id, before.round)
  draft.put(jobDoc(job.id), rev, document)
  draft.tell({ kind: 'job', process: job.process, state: end.state, ...timesOf(document, event) })
  countDown(draft, facts, end.state, cause, now, notices)
  draft.leave(sets.open(job.process), job.id)
  draft.enter(sets.endedJobs(job.process), job.id, event.at)
  if (end.state === 'failed') {
    draft.enter(sets.failed, job.id, now)
    draft.enter(sets.failedOf(job.process), job.id, now)
  }
  for (const gate of job.holds ?? []) {
    release(draft, gate, job.id, cause, now)
    markUpstream(draft, gate, job.process, end.state, Math.max(now, event.at))
  }
  for (const gate of before.runs ?? []) {
    draft.count(gate, 'running', -1)
    draft.leave(sets.running(gate), cause)
    draft.wake(gate, `out~${cause}`, now)
  }
  for (const notice of notices.job({ key, event, job, document })) draft.enqueue(notice)
}

/** How long its last attempt ran, and how long it lay on its queue before the first one of this round. */
function timesOf (
  { attempts, round, queuedAt }: JobDocument,
  { at }: EventDocument
): { runMs: number | undefined, waitMs: number | undefined } {
  const own = attempts.filter((attempt) => attempt.round === round)
  const [first, last] = [own[0], own.at(-1)]
  if (first === undefined || last === undefined) return { runMs: undefined, waitMs: undefined }
  return { runMs: last.ended - last.started, waitMs: first.started - (queuedAt ?? at) }
}

function countDown (
  draft: Draft,
  { key, event }: JobFacts,
  state: JobState,
  cause: string,
  now: number,
  notices: Notices
): void {
  const told = notices.event(key, event, cause)
  const { at, root, rootAt = at } = event
  const done = (member: string): Entry[] => [{ set: sets.eventsIn('incomplete'), member, remove: true }]
  // A root stands among those that are open until its whole tree has ended.
  const own = key === root ? [] : done(key)
  draft.count(eventDoc(key), 'open', -1, told.length + own.length === 0 ? undefined : { enqueue: told, entries: own })
  const ended = { set: sets.ended, member: root, score: now }
  draft.count(eventDoc(root), 'tree_open', -1, { entries: [ended, ...done(root)] })
  const counter = COUNTERS[state]
  if (counter === undefined) return
  draft.count(eventDoc(key), counter, 1)
  draft.count(eventDoc(root), `tree_${counter}`, 1)
  draft.enter(sets.eventsIn(counter), key, at)
  draft.enter(sets.eventsIn(counter), root, rootAt)
}

/** The unit that brings the counter to zero has the gate looked at. */
function release (draft: Draft, gate: string, job: string, cause: string, now: number): void {
  draft.count(gate, 'upstream', -1, {
    entries: [{ set: sets.due, member: dueMember(gate, `up~${cause}`), score: now }]
  })
  draft.leave(sets.upstream(gate), job)
}

/** Whether the last job of a process at a gate that waits for it has failed: a deferred process may want to know. */
export function markUpstream (draft: Draft, gate: string, processName: string, state: JobState, at: number): void {
  if (state === 'failed') draft.enter(sets.failedUpstream(gate), processName, at)
  else if (state === 'complete') draft.leave(sets.failedUpstream(gate), processName)
}
