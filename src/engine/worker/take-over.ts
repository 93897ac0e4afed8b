import type { Ledger } from '../../ledger/contract.ts'
import { documentOf } from '../dispatch/ending.ts'
import { readJob } from '../dispatch/facts.ts'
import { isOpenIn } from '../dispatch/settle-job.ts'
import type { RunData } from '../dispatch/run.ts'
import { createDraft } from '../documents/draft.ts'
import { jobDoc, roundId, sets } from '../documents/names.ts'
import { readAll } from '../documents/paging.ts'

/** The topic on which workers are asked whether they work on a job. */
export const HOLDERS_TOPIC = 'holders'
/** A worker whose connection broke is connected again by then. */
const RECONNECTED_MS = 2000
/** Whoever is connected and answers nothing for so long is as good as dead. */
const SILENT_MS = 60_000
const MOST_WORKERS = 10_000

export type TakingOver = {
  ledger: Pick<Ledger, 'get' | 'list' | 'commit'>
  now: () => number
  /** The workers that are connected to a queue, by name; undefined where there are none but in this process. */
  workers: (queue: string) => Promise<string[] | undefined>
  /** Asks all workers; each that does not work on it says so with `sayFree`. */
  ask: (run: RunData) => Promise<void>
  /** The name of this worker, which no other one has. */
  instance: string
}

/**
 * Whether a job may be begun of which its queue says that its worker was not heard of any more: only where that worker
 * is dead, or has let go of it. A heartbeat that comes late on a busy machine is no death. What the earlier worker
 * reports after that is not taken.
 */
export async function mayTakeOver (state: TakingOver, run: RunData, queue: string, stalled: number): Promise<boolean> {
  const { ledger, now } = state
  for (;;) {
    const facts = await readJob(ledger, run.job)
    // Whoever begins it drops it.
    if (facts === undefined || !isOpenIn(facts, run)) return true
    const document = documentOf(facts)
    const { taken = 0, losses = 0, asked } = document
    if (taken >= stalled) return true
    const workers = await state.workers(queue)
    const draft = createDraft()
    if (workers !== undefined && asked?.times !== stalled) {
      draft.put(jobDoc(run.job), facts.rev, { ...document, asked: { times: stalled, at: now() } })
      if (!(await ledger.commit(draft.unit())).ok) continue
      await state.ask(run)
      return false
    }
    const free = await readAll(ledger, sets.free(roundId(run.job, run.round)), MOST_WORKERS)
    if (workers !== undefined && asked !== undefined && !areFree(state, workers, free, now() - asked.at)) {
      await state.ask(run)
      return false
    }
    // Whoever was handed it and had not begun is counted by the queue, and not here.
    draft.put(jobDoc(run.job), facts.rev, { ...document, taken: stalled, losses: losses + 1, asked: undefined })
    for (const one of free) draft.leave(sets.free(roundId(run.job, run.round)), one)
    if ((await ledger.commit(draft.unit())).ok) return true
  }
}

function areFree ({ instance }: TakingOver, workers: string[], free: string[], askedMs: number): boolean {
  if (askedMs >= SILENT_MS) return true
  return askedMs >= RECONNECTED_MS && workers.every((one) => one === instance || free.includes(one))
}

/** This worker does not work on it. */
export async function sayFree (
  { ledger, now, instance }: Pick<TakingOver, 'ledger' | 'now' | 'instance'>,
  run: RunData
): Promise<void> {
  await ledger.commit({
    expect: [],
    entries: [{ set: sets.free(roundId(run.job, run.round)), member: instance, score: now() }]
  })
}
