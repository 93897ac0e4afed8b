import type { Logger } from 'pino'
import type { Tracer } from '../../base/trace.ts'
import type { Ledger } from '../../ledger/contract.ts'
import type { WorkerJob } from '../../queues/work.ts'
import type { Runner } from '../../runners/runner.ts'
import type { Kinds, LoadBlock } from '../../sdk/blocks/kind.ts'
import type { Inputs } from '../../sdk/inputs/inputs.ts'
import type { HeldRun } from '../dispatch/run.ts'
import type { Begun } from '../dispatch/settle-job.ts'
import type { Definition, Lookups } from '../lookups/lookups.ts'
import type { JobMetrics } from '../metrics.ts'
import type { Verbs } from '../verbs.ts'
import type { Pauses } from './pauses.ts'
import type { Stopping } from './stop.ts'
import type { TakingOver } from './take-over.ts'
import type { RunTrace } from './traces.ts'

export type Dependencies = {
  verbs: Pick<Verbs, 'begin' | 'settle' | 'noteFailedAttempt'>
  ledger: Pick<Ledger, 'get' | 'list' | 'commit'>
  now: () => number
  lookups: () => Lookups
  runnerOf: (definition: Definition) => Runner
  pauses: Pick<Pauses, 'has'>
  inputs: Inputs
  block: LoadBlock
  kinds: Kinds
  metrics: JobMetrics
  tracer: Tracer
  log: Logger
  defaultConcurrency: number
  /** Of this worker, as it is remembered with the attempts. */
  name: string
  /** Its name that no other one has, who else there is, and how to ask them. */
  others: Pick<TakingOver, 'workers' | 'ask' | 'instance'>
}

/**
 * A job that this worker works on. `begun`: as it was when its run began. `stalled`: how often a worker was not heard
 * of any more that had it.
 */
export type Running = Stopping & HeldRun & {
  process: string
  since: number
  stalled: number
  trace?: RunTrace
  begun?: Begun | undefined
}

/** `taking`: jobs of which it is asked whether somebody else has them; if not, they run. */
export type State = Dependencies & {
  running: Set<Running>
  taking: Set<Pick<WorkerJob, 'stalled'>>
  handingBack: boolean
}
