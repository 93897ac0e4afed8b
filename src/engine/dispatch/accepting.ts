import type { DispatchEvent } from '../../base/event.ts'
import type { Draft } from '../documents/draft.ts'
import { piecesFor, pieceOf, type EventCause, type EventDocument, type EventJob } from '../documents/event.ts'
import type { JobDocument } from '../documents/job.ts'
import { eventDoc, jobDoc, pieceDoc, replayMember, senderIdMember, sets } from '../documents/names.ts'
import type { Lookups } from '../lookups/lookups.ts'
import type { Notices } from './core.ts'
import { markUpstream } from './ending.ts'
import { gateFor, holdsFor } from './keys.ts'
import type { Plan } from './plan.ts'
import { toRun } from './run.ts'

/** An event that is to be accepted, and what it starts. */
export type Acceptance = {
  key: string
  event: DispatchEvent
  at: number
  plan: Pick<Plan, 'jobs' | 'entries' | 'keep'>
  root: string
  /** When its root was accepted, where that is another event. */
  rootAt?: number | undefined
  depth: number
  above: EventDocument['above']
  cause?: EventCause | undefined
  replays?: string | undefined
  parent?: string | undefined
  by?: string | undefined
  refused?: string | undefined
  trace?: string | undefined
}

/**
 * The record of an event with its jobs, its places in the lists, and its share of its tree and of
 * the gates it holds. Pure.
 */
export function accepting (draft: Draft, acceptance: Acceptance, lookups: Lookups, notices: Notices): EventDocument {
  const { key, root, at } = acceptance
  const document = toDocument(acceptance, lookups)
  const { jobs } = document
  const failed = jobs.filter(({ refused }) => refused !== undefined).length
  putEvent(draft, key, document, failed)
  if (root !== key) {
    const atRoot = eventDoc(root)
    draft.count(atRoot, 'tree_events', 1)
    draft.count(atRoot, 'tree_open', jobs.length - failed)
    draft.count(atRoot, 'tree_failed', failed)
  } else if (jobs.length === failed) draft.enter(sets.ended, key, at)
  if (jobs.length === failed) for (const job of notices.event(key, document, key)) draft.enqueue(job)
  draft.tell({ kind: 'event', entry: document.entries[0] ?? '' })
  enterLists(draft, key, document)
  enterStates(draft, key, document, { open: jobs.length - failed, failed })
  for (const job of jobs) {
    if (job.refused === undefined) start(draft, key, document, job, lookups)
    else refuse(draft, key, document, job, job.refused, notices)
  }
  return document
}

function toDocument (
  { key, event, at, plan, root, rootAt, depth, above, cause, replays, parent, by, refused, trace }: Acceptance,
  lookups: Lookups
): EventDocument {
  const about = { event, above }
  const jobs = plan.jobs.map((planned): EventJob => {
    const { process: name, jobId: id, queue, withEvent, legs, problems } = planned
    const definition = lookups.processes.get(name)
    const refusal =
      problems.length === 0 ? undefined : problems.map(({ field, message }) => `${field} ${message}`).join('; ')
    const holds = holdsFor(name, about, lookups)
    return {
      process: name,
      id,
      queue,
      // One that cannot run has nothing to wait for.
      gate: definition === undefined || refusal !== undefined ? undefined : gateFor(definition, about, key),
      holds: holds.length === 0 ? undefined : holds,
      legs: legs.length === 0 ? undefined : legs,
      withEvent,
      refused: refusal
    }
  })
  return {
    v: 1,
    event,
    at,
    root,
    rootAt,
    depth,
    above,
    jobs,
    lookups: lookups.hash,
    entries: plan.entries,
    cause,
    replays,
    parent,
    by,
    refused,
    keep: plan.keep ? true : undefined,
    trace
  }
}

/** The jobs of an event that has very many stand in pieces beside it. */
function putEvent (draft: Draft, key: string, document: EventDocument, failed: number): void {
  const { jobs, root } = document
  const open = jobs.length - failed
  const pieces = piecesFor(jobs.length)
  const counts: Record<string, number> =
    root === key ? { open, failed, tree_open: open, tree_failed: failed } : { open, failed }
  draft.put(eventDoc(key), 0, pieces === undefined ? document : { ...document, jobs: [], pieces }, counts)
  if (pieces === undefined) return
  const listed = Array.from({ length: pieces }, (): Array<{ place: number, job: EventJob }> => [])
  for (const [place, job] of jobs.entries()) listed[pieceOf(job.process, pieces)]?.push({ place, job })
  for (const [piece, part] of listed.entries()) draft.put(pieceDoc(key, piece), 0, { v: 1, jobs: part })
}

function enterLists (draft: Draft, key: string, { event, at, root, jobs, parent, replays }: EventDocument): void {
  const { id, type, subject, source } = event
  for (const set of listsOf({ type, subject, source, root, parent, key })) draft.enter(set, key, at)
  if (replays !== undefined) {
    draft.enter(sets.replays(replays), key, at)
    draft.enter(sets.allReplays, replayMember(replays, key), at)
  }
  if (root === key && id !== key) draft.enter(sets.ids, senderIdMember(id, key), 0)
  for (const { process: name, id, refused } of jobs) {
    draft.enter(refused === undefined ? sets.open(name) : sets.endedJobs(name), id, at)
  }
}

/** The lists of what events came to, in which those below stand too, and the root with its whole tree. */
function enterStates (
  draft: Draft,
  key: string,
  { at, root, rootAt = at }: EventDocument,
  { open, failed }: { open: number, failed: number }
): void {
  if (open > 0) draft.enter(sets.eventsIn('incomplete'), key, at)
  if (failed === 0) return
  draft.enter(sets.eventsIn('failed'), key, at)
  draft.enter(sets.eventsIn('failed'), root, rootAt)
}

/** The lists in which an event stands. */
export function listsOf ({
  key, type, subject, source, root, parent
}: {
  key: string
  type: string
  subject: string | undefined
  source: string
  root: string
  parent: string | undefined
}): string[] {
  const lists = [sets.events, sets.type(type), sets.source(source), root === key ? sets.roots : sets.tree(root)]
  if (subject !== undefined) lists.push(sets.subject(subject))
  if (parent !== undefined) lists.push(sets.children(parent))
  return lists
}

function start (draft: Draft, key: string, document: EventDocument, job: EventJob, lookups: Lookups): void {
  for (const gate of job.holds ?? []) hold(draft, gate, job.id, document.at)
  if (job.gate === undefined) draft.enqueue(toRun({ key, job, round: 0, document }, lookups.processes.get(job.process)))
  else {
    draft.enter(sets.arrivals(job.gate), job.id, document.at)
    draft.wake(job.gate, `in~${job.id}`, document.at)
  }
}

export function hold (draft: Draft, gate: string, job: string, at: number): void {
  draft.count(gate, 'upstream', 1)
  draft.enter(sets.upstream(gate), job, at)
}

/** It fails at once, and can be retried when the lookups ask for less. */
function refuse (
  draft: Draft,
  key: string,
  event: EventDocument,
  job: EventJob,
  reason: string,
  notices: Notices
): void {
  const document: JobDocument = { v: 1, state: 'failed', round: 0, at: event.at, attempts: [], absorbed: 0, reason }
  draft.put(jobDoc(job.id), 0, document)
  draft.enter(sets.failed, job.id, event.at)
  draft.enter(sets.failedOf(job.process), job.id, event.at)
  for (const gate of job.holds ?? []) markUpstream(draft, gate, job.process, 'failed', event.at)
  for (const notice of notices.job({ key, event, job, document })) draft.enqueue(notice)
}
