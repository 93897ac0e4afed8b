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
  return await change(core, id, () => ({ ...handled, at: core.now() }))
}

/** Puts a failure that was dismissed back on the list. Harmless when repeated. */
export async function restoreFailure (core: Pick<Core, 'ledger' | 'now' | 'woken'>, id: string): Promise<Handling> {
  return await change(core, id, (before) => before?.how === 'dismissed' ? undefined : before)
}

type Change = (before: Handled | undefined) => Handled | undefined

async function change (core: Pick<Core, 'ledger' | 'now' | 'woken'>, id: string, next: Change): Promise<Handling> {
  for (;;) {
    const facts = await readJob(core.ledger, id)
    if (facts === undefined || facts.document?.removed === true) return 'missing'
    const { job, rev, document } = facts
    if (document?.state !== 'failed') return 'refused'
    const handled = next(document.handled)
    const draft = createDraft()
    draft.put(jobDoc(id), rev, { ...document, handled })
    const [open, closed] = [[sets.failed, sets.failedOf(job.process)], [sets.handled]]
    for (const set of handled === undefined ? closed : open) draft.leave(set, id)
    for (const set of handled === undefined ? open : closed) draft.enter(set, id, document.at)
    if (await commit(core, draft)) return 'handled'
  }
}
