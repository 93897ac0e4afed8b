import { commit, type Core } from '../dispatch/core.ts'
import { readJob } from '../dispatch/facts.ts'
import { createDraft } from '../documents/draft.ts'
import type { Handled } from '../documents/job.ts'
import { jobDoc, sets } from '../documents/names.ts'

/** `refused`: it has not failed. */
export type Handling = 'handled' | 'refused' | 'missing'

/**
 * Takes a failure off the list of those that somebody has to look at; the job stays as it is. Harmless when repeated.
 */
export async function handleFailure (
  core: Pick<Core, 'ledger' | 'now' | 'woken'>,
  id: string,
  handled: Omit<Handled, 'at'>
): Promise<Handling> {
  for (;;) {
    const facts = await readJob(core.ledger, id)
    if (facts === undefined || facts.document?.removed === true) return 'missing'
    const { job, rev, document } = facts
    if (document?.state !== 'failed') return 'refused'
    const draft = createDraft()
    draft.put(jobDoc(id), rev, { ...document, handled: { ...handled, at: core.now() } })
    draft.leave(sets.failed, id)
    draft.leave(sets.failedOf(job.process), id)
    draft.enter(sets.handled, id, document.at)
    if (await commit(core, draft)) return 'handled'
  }
}
