import { commit, type Core } from '../dispatch/core.ts'
import { readJob } from '../dispatch/facts.ts'
import { createDraft } from '../documents/draft.ts'
import { hasSettled } from '../documents/job.ts'
import { absorbedMember, jobDoc, sets } from '../documents/names.ts'

/** Takes a job that has ended out of all lists; its end stays known to its event. */
export async function removeJob (core: Pick<Core, 'ledger' | 'now' | 'woken'>, id: string): Promise<boolean> {
  for (;;) {
    const facts = await readJob(core.ledger, id)
    if (facts === undefined || !hasSettled(facts.document) || facts.document === undefined) return false
    if (facts.document.removed === true) return true
    const { job, rev, document, event } = facts
    const draft = createDraft()
    draft.put(jobDoc(id), rev, { ...document, removed: true, output: undefined, progress: undefined })
    draft.leave(sets.endedJobs(job.process), id)
    draft.leave(sets.failed, id)
    draft.leave(sets.handled, id)
    draft.leave(sets.failedOf(job.process), id)
    if (document.by !== undefined) draft.leave(sets.absorbed(document.by), absorbedMember(id, event.event.type))
    if (await commit(core, draft)) return true
  }
}
