import type { Entered } from '../../ledger/contract.ts'
import { commit, type Core } from '../dispatch/core.ts'
import { documentOf, ending } from '../dispatch/ending.ts'
import { readJobs, type Found } from '../dispatch/facts.ts'
import { toRun } from '../dispatch/run.ts'
import { createDraft } from '../documents/draft.ts'
import { hasSettled } from '../documents/job.ts'
import { jobDoc, roundId, sets } from '../documents/names.ts'
import { readRunEvents } from '../jobs/begin.ts'
import { CANCELLED } from '../record.ts'
import type { Cancelling } from '../jobs/cancel-job.ts'
import { cancelling, isAtGate } from '../jobs/cancelling.ts'

export type Reconciling = Core & Pick<Cancelling, 'take'> & {
  /** Which of the jobs their queue does not know. */
  unknown: (jobs: Array<{ queue: string, id: string }>) => Promise<Set<string>>
}

/** `isGone`: no lookups name the process any more, and have not for a while. */
export type Reconciled = { process: string, isGone: boolean, after?: Entered | undefined }

const PAGE = 200

/**
 * Enqueues again what is open in the ledger and what its queue has lost: emptied by hand, or restored from an older
 * copy. What waits for a process that is gone ends. Looks at one page of the open jobs of a process; answers where to
 * go on.
 */
export async function reconcile (
  core: Reconciling,
  { process: name, isGone, after }: Reconciled,
  olderThanMs: number
): Promise<Entered | undefined> {
  const before = core.now() - olderThanMs
  const page = await core.ledger.list(sets.open(name), { after, limit: PAGE, max: before })
  const found = await readJobs(core.ledger, page.map(([, id]) => id))
  const open = found
    .filter((one) => one !== undefined)
    .filter((facts) => !hasSettled(facts.document) && isOldEnough(facts, before))
  if (isGone) for (const facts of open) await endGone(core, facts)
  else await enqueueLost(core, open.filter((facts) => !isAtGate(facts)))
  return page.length < PAGE ? undefined : page.at(-1)
}

const isOldEnough = (facts: Found, before: number): boolean => (documentOf(facts).queuedAt ?? facts.event.at) <= before

const idOf = (facts: Found): string => roundId(facts.job.id, documentOf(facts).round)

async function enqueueLost (core: Reconciling, queued: Found[]): Promise<void> {
  const unknown = await core.unknown(queued.map((facts) => ({ queue: facts.job.queue, id: idOf(facts) })))
  for (const facts of queued) if (unknown.has(idOf(facts))) await enqueueAgain(core, facts)
}

/**
 * Under the name of its round: what lies on the queue after all is not there twice. One that was asked to stop is over.
 */
async function enqueueAgain (core: Reconciling, facts: Found): Promise<void> {
  const draft = createDraft()
  const document = documentOf(facts)
  const definition = core.lookups().processes.get(facts.job.process)
  if (document.stop === true) cancelling(draft, facts, { reason: CANCELLED }, core.now(), core.notices)
  else if (definition !== undefined) {
    const { key, job, event } = facts
    const { latest, joined } = await readRunEvents(core.ledger, facts)
    const { round, absorbed } = document
    draft.expect(jobDoc(job.id), facts.rev)
    draft.enqueue(toRun({ key, job, round, document: event, latest, absorbed, joined }, definition))
  }
  await commit(core, draft)
}

/** A look ends who waits at a gate; from a queue it is taken first, so that nobody begins it. */
async function endGone (core: Reconciling, facts: Found): Promise<void> {
  const draft = createDraft()
  const { job } = facts
  if (job.gate !== undefined && isAtGate(facts)) draft.wake(job.gate, `gone~${idOf(facts)}`, core.now())
  else if (await core.take(job.queue, idOf(facts)) === 'active') return
  else {
    const reason = `process ${job.process} is no longer in process_lookup.json`
    ending(draft, facts, { state: 'failed', reason }, core.now(), core.notices)
  }
  await commit(core, draft)
}
