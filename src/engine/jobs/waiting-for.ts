import type { Ledger } from '../../ledger/contract.ts'
import type { StoredJob, Work } from '../../queues/work.ts'
import type { Found } from '../dispatch/facts.ts'
import { readJob } from '../dispatch/facts.ts'
import { byWords, processThing, queueThing, readActs } from '../documents/acts.ts'
import { roundId } from '../documents/names.ts'
import { readPaused } from '../gates/paused.ts'
import { readWords } from '../gates/read-words.ts'
import type { Lookups } from '../lookups/lookups.ts'
import { isAtGate } from './cancelling.ts'
import { instant } from './job-view.ts'

export type WaitingReads = {
  ledger: Pick<Ledger, 'get' | 'list'>
  work: Pick<Work, 'get' | 'counts'>
  lookups: () => Lookups
  now: () => number
}

/** What a job that has not begun waits for; null where it runs. */
export async function waitingFor (
  reads: WaitingReads,
  facts: Found,
  stored: StoredJob | undefined
): Promise<string | null> {
  const { ledger, lookups, now } = reads
  if (!isAtGate(facts)) return await waitingAtQueue(reads, facts, stored)
  return (await readWords(ledger, lookups(), now, facts.job.id, (job) => stateOf(reads, job))) ?? 'a look at its gate'
}

/** What the queue says of a job that stands before another. */
async function stateOf ({ ledger, work }: WaitingReads, id: string): Promise<string | undefined> {
  const facts = await readJob(ledger, id)
  if (facts === undefined) return undefined
  if (isAtGate(facts)) return 'deferred'
  const [stored] = await work.get([{ queue: facts.job.queue, id: roundId(id, facts.document?.round ?? 0) }])
  return stored?.state
}

async function waitingAtQueue (
  { ledger, work }: WaitingReads,
  { job: { process: name, queue } }: Found,
  stored: StoredJob | undefined
): Promise<string | null> {
  if (stored?.state === 'active' || stored?.state === 'blocked') return null
  const [{ isPaused }, [counts]] = await Promise.all([readPaused(ledger, name), work.counts([queue])])
  if (isPaused) return `process ${name} is paused${byWords(await readActs(ledger, processThing(name)), 'pause')}`
  const { paused, workers, waiting } = counts ?? { paused: false, workers: 0, waiting: 0 }
  if (paused) return `queue ${queue} is paused${byWords(await readActs(ledger, queueThing(queue)), 'pause')}`
  if (workers === 0) return `a worker: none is connected to queue ${queue}`
  if (stored?.state === 'delayed') {
    const { attemptsMade, maxAttempts, readyAt } = stored
    if (attemptsMade === 0) return 'room: its process runs as many jobs as it may'
    return `its next attempt at ${instant(readyAt)}: ${attemptsMade} of ${maxAttempts} have failed`
  }
  return `a free worker of queue ${queue}, where ${waiting} ${waiting === 1 ? 'job waits' : 'jobs wait'}`
}
