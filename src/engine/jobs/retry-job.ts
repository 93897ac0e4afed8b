import { commit, type Core } from '../dispatch/core.ts'
import { readJob, type Found } from '../dispatch/facts.ts'
import { createDraft } from '../documents/draft.ts'
import { readJobDocument, type JobState } from '../documents/job.ts'
import { jobDoc } from '../documents/names.ts'
import { revOf } from '../documents/read.ts'
import { retrying } from './retrying.ts'

/** `refused`: it has not failed and was not cancelled; `state` says what it is instead. */
export type Retried = { kind: 'retried', round: number } | { kind: 'refused', state: JobState } | { kind: 'missing' }

/**
 * Runs a job again that is failed or cancelled at this moment, or whose work nobody does, because the job that
 * had absorbed it failed or was cancelled. Of two who ask at once one begins the round, and both hear of it.
 * `by`: who asks for it.
 */
export async function retryJob (core: Core, id: string, by?: string): Promise<Retried> {
  let first: number | undefined
  for (;;) {
    const facts = await readJob(core.ledger, id)
    if (facts === undefined || facts.document?.removed === true) return { kind: 'missing' }
    const { state, round } = facts.document ?? { state: 'queued', round: 0 }
    if (first !== undefined && round > first) return { kind: 'retried', round }
    first = round
    const draft = createDraft()
    if (!await mayRun(core, facts, draft)) return { kind: 'refused', state }
    retrying(draft, facts, { now: core.now(), by }, core.lookups())
    if (await commit(core, draft)) return { kind: 'retried', round: round + 1 }
  }
}

async function mayRun ({ ledger }: Core, { document }: Found, draft: ReturnType<typeof createDraft>): Promise<boolean> {
  if (document?.state === 'failed' || document?.state === 'cancelled') return true
  if (document?.state !== 'absorbed' || document.by === undefined) return false
  const [found] = await ledger.get([jobDoc(document.by)])
  const absorber = readJobDocument(found)?.value.state
  draft.expect(jobDoc(document.by), revOf(found))
  return absorber === 'failed' || absorber === 'cancelled'
}
