import type { Entered } from '../../ledger/contract.ts'
import { commit, type Core } from '../dispatch/core.ts'
import { documentOf } from '../dispatch/ending.ts'
import { readEvents, readJobs, type Found } from '../dispatch/facts.ts'
import { toRun } from '../dispatch/run.ts'
import { createDraft } from '../documents/draft.ts'
import { hasSettled } from '../documents/job.ts'
import { jobDoc, roundId, sets } from '../documents/names.ts'
import { CANCELLED } from '../record.ts'
import { cancelling, isAtGate } from '../jobs/cancelling.ts'

export type Reconciling = Core & {
  /** Which of the jobs their queue does not know. */
  unknown: (jobs: Array<{ queue: string, id: string }>) => Promise<Set<string>>
}

const PAGE = 200

/**
 * Enqueues again what is open in the ledger and what its queue has lost: emptied by hand, or restored
 * from an older copy. Looks at one page of the open jobs of a process; answers where to go on.
 */
export async function reconcile (
  core: Reconciling,
  processName: string,
  olderThanMs: number,
  after?: Entered
): Promise<Entered | undefined> {
  const page = await core.ledger.list(sets.open(processName), { after, limit: PAGE, max: core.now() - olderThanMs })
  const found = (
    await readJobs(
      core.ledger,
      page.map(([, id]) => id)
    )
  ).filter((one) => one !== undefined)
  const queued = found.filter(
    (facts) => !hasSettled(facts.document) && !isAtGate(facts) && isOldEnough(facts, core.now() - olderThanMs)
  )
  const unknown = await core.unknown(
    queued.map(({ job, ...facts }) => ({ queue: job.queue, id: roundId(job.id, documentOf({ ...facts }).round) }))
  )
  for (const facts of queued) {
    if (unknown.has(roundId(facts.job.id, documentOf(facts).round))) {
      await enqueueAgain(core, facts)
    }
  }
  return page.length < PAGE ? undefined : page.at(-1)
}

const isOldEnough = (facts: Found, before: number): boolean => (documentOf(facts).queuedAt ?? facts.event.at) <= before

/**
 * Under the name of its round: what lies on the queue after all is not there twice. One that was asked to stop is over.
 */
async function enqueueAgain (core: Reconciling, facts: Found): Promise<void> {
  const draft = createDraft()
  const document = documentOf(facts)
  if (document.stop === true) cancelling(draft, facts, { reason: CANCELLED }, core.now(), core.notices)
  else {
    const [latest] = document.latest === undefined ? [] : await readEvents(core.ledger, [document.latest])
    draft.expect(jobDoc(facts.job.id), facts.rev)
    draft.enqueue(
      toRun(
        {
          key: facts.key,
          job: facts.job,
          round: document.round,
          document: facts.event,
          latest: latest?.value.event,
          absorbed: document.absorbed
        },
        core.lookups().processes.get(facts.job.process)
      )
    )
  }
  await commit(core, draft)
}
