import { accept } from './dispatch/accept.ts'
import type { Core } from './dispatch/core.ts'
import { noteFailedAttempt, settleJob } from './dispatch/settle-job.ts'
import { takeDue, wakeGates } from './gates/due.ts'
import type { Looking } from './gates/look.ts'
import { createLooks } from './gates/looks.ts'
import { begin } from './jobs/begin.ts'
import { askToStop, cancelJob, type Cancelling } from './jobs/cancel-job.ts'
import { handleFailure, restoreFailure } from './jobs/handling.ts'
import { removeJob } from './jobs/removing.ts'
import { retryJob } from './jobs/retry-job.ts'
import { collect, type Collecting } from './results/collect.ts'
import { prune, type Pruning } from './results/prune.ts'
import { reconcile, type Reconciling } from './results/reconcile.ts'

/** What the verbs need of the queues, of outcomes, and of those who are told. */
export type VerbSettings = Omit<Core, 'woken'> &
  Pick<Cancelling, 'take' | 'tellToStop'> &
  Pick<Collecting, 'ended' | 'remove' | 'readOutcome' | 'tracer'> &
  Pick<Reconciling, 'unknown'> &
  Pick<Pruning, 'forgetJob'> &
  Pick<Looking, 'nonce'> &
  { onError: (error: Error) => void }

type Bound<F> = F extends (core: never, ...args: infer A) => infer R ? (...args: A) => R : never

/** All that changes events, jobs and gates. Each verb reads, decides and commits one unit, again on a conflict. */
export interface Verbs {
  accept: Bound<typeof accept>
  begin: Bound<typeof begin>
  settle: Bound<typeof settleJob>
  noteFailedAttempt: Bound<typeof noteFailedAttempt>
  cancel: Bound<typeof cancelJob>
  retry: Bound<typeof retryJob>
  /** Takes a failure off the list of those that somebody has to look at. */
  handle: Bound<typeof handleFailure>
  /** Puts one that was dismissed back on it. */
  restore: Bound<typeof restoreFailure>
  /** Takes a job that has ended out of all lists. */
  remove: (job: string) => Promise<boolean>
  takeDue: Bound<typeof takeDue>
  /** Rules have changed, or a process goes on. */
  wakeGates: (processName?: string) => Promise<void>
  collect: Bound<typeof collect>
  reconcile: Bound<typeof reconcile>
  prune: Bound<typeof prune>
  /** Lets looks that are under way end. */
  close: () => Promise<void>
}

export function createVerbs (settings: VerbSettings): Verbs {
  const { onError, nonce } = settings
  const core = {
    ...settings,
    woken: (gate: string, causes: string[]): void => { looks.woken(gate, causes) },
    stop: (job: string): Promise<void> => askToStop(core, job)
  }
  const looks = createLooks(core, onError)
  return {
    accept: accept.bind(null, core),
    begin: begin.bind(null, core),
    settle: settleJob.bind(null, core),
    noteFailedAttempt: noteFailedAttempt.bind(null, core),
    cancel: cancelJob.bind(null, core),
    retry: retryJob.bind(null, core),
    handle: handleFailure.bind(null, core),
    restore: restoreFailure.bind(null, core),
    remove: async (job) => {
      await settings.forgetJob(job)
      return await removeJob(core, job)
    },
    takeDue: takeDue.bind(null, core),
    wakeGates: (processName) => wakeGates(core, nonce(), processName),
    collect: collect.bind(null, core),
    reconcile: reconcile.bind(null, core),
    prune: prune.bind(null, core),
    close: looks.close
  }
}
