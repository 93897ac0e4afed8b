import { commit, type Core } from '../dispatch/core.ts'
import type { JobFacts } from '../dispatch/ending.ts'
import { readJob } from '../dispatch/facts.ts'
import { withAct, type StoredAct } from '../documents/acts.ts'
import { createDraft } from '../documents/draft.ts'
import { hasSettled } from '../documents/job.ts'
import { roundId } from '../documents/names.ts'
import { CANCELLED } from '../record.ts'
import { cancelling, isAtGate, stopping } from './cancelling.ts'

export type Cancelling = Core & {
  /** Takes a job from its queue for good, unless somebody works on it. */
  take: (queue: string, id: string) => Promise<'taken' | 'active' | 'absent'>
  /** Tells whoever works on a job that it is to stop. */
  tellToStop: (job: string) => Promise<void>
}

/** `asked`: it runs; whoever works on it has been asked to stop. */
export type Cancelled = 'cancelled' | 'asked' | 'ended' | 'missing'

/**
 * One that may run is asked to stop first, which nobody begins any more; then it is taken from its
 * queue. So nothing runs beside what is let through in its place. `by`: who asks for it.
 */
export async function cancelJob (core: Cancelling, id: string, by?: string): Promise<Cancelled> {
  let isNoted = by === undefined
  for (;;) {
    const facts = await readJob(core.ledger, id)
    if (facts === undefined) return 'missing'
    if (hasSettled(facts.document)) return 'ended'
    const before = facts.document?.acts
    const acts = isNoted ? before : withAct(before, { act: 'cancel', by: by ?? '', at: core.now() })
    if (!isAtGate(facts)) {
      if (facts.document?.stop !== true) {
        if (await writeStop(core, facts, acts)) isNoted = true
        continue
      }
      if (await core.take(facts.job.queue, roundId(id, facts.document.round)) === 'active') {
        await core.tellToStop(id)
        return 'asked'
      }
    }
    const draft = createDraft()
    cancelling(draft, facts, { reason: CANCELLED, acts }, core.now(), core.notices)
    if (await commit(core, draft)) return 'cancelled'
  }
}

/** Asks a job to stop that has been let through; whoever works on it settles it. */
export async function askToStop (
  core: Pick<Cancelling, 'ledger' | 'now' | 'woken' | 'tellToStop'>,
  id: string
): Promise<void> {
  for (;;) {
    const facts = await readJob(core.ledger, id)
    if (facts === undefined || hasSettled(facts.document) || isAtGate(facts)) return
    if (facts.document?.stop === true || (await writeStop(core, facts))) break
  }
  await core.tellToStop(id)
}

async function writeStop (
  core: Pick<Core, 'ledger' | 'now' | 'woken'>,
  facts: JobFacts,
  acts?: StoredAct[]
): Promise<boolean> {
  const draft = createDraft()
  stopping(draft, facts, acts)
  return await commit(core, draft)
}
