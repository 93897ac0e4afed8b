import { listsOf } from '../dispatch/accepting.ts'
import type { Draft } from '../documents/draft.ts'
import type { EventDocument, EventJob } from '../documents/event.ts'
import type { JobDocument } from '../documents/job.ts'
import { absorbedMember, eventDoc, jobDoc, pieceDoc, replayMember, senderIdMember, sets } from '../documents/names.ts'

/** An event with its jobs as they were read; `rev` 0 where there is no document. */
export type PrunedEvent = {
  key: string
  rev: number
  event: EventDocument
  jobs: PrunedJob[]
  pieces: Array<{ piece: number, rev: number }>
}
/** `marks`: gates at which it is the last job of its process, and has failed. */
export type PrunedJob = { job: EventJob, rev: number, document: JobDocument | undefined, marks: string[] }

/** An event goes with all that is kept of it; gates that hold somebody for a failure of it are looked at. Pure. */
export function pruning (draft: Draft, { key, rev, event, jobs, pieces }: PrunedEvent, now: number): void {
  const { type, subject, source } = event.event
  draft.remove(eventDoc(key), rev)
  for (const { piece, rev } of pieces) draft.remove(pieceDoc(key, piece), rev)
  for (const set of listsOf({ key, type, subject, source, root: event.root, parent: event.parent })) {
    draft.leave(set, key)
  }
  draft.leave(sets.ended, key)
  for (const state of ['incomplete', 'failed', 'cancelled', 'absorbed'] as const) draft.leave(sets.eventsIn(state), key)
  draft.leave(sets.ids, senderIdMember(event.event.id, key))
  if (event.replays !== undefined) {
    draft.leave(sets.replays(event.replays), key)
    draft.leave(sets.allReplays, replayMember(event.replays, key))
  }
  for (const { job, rev, document, marks } of jobs) {
    if (rev > 0) draft.remove(jobDoc(job.id), rev)
    draft.leave(sets.endedJobs(job.process), job.id)
    draft.leave(sets.failed, job.id)
    draft.leave(sets.handled, job.id)
    draft.leave(sets.failedOf(job.process), job.id)
    for (const gate of marks) {
      draft.leave(sets.failedUpstream(gate), job.process)
      draft.wake(gate, `gone~${job.id}`, now)
    }
    if (document?.by !== undefined) draft.leave(sets.absorbed(document.by), absorbedMember(job.id, type))
  }
}
