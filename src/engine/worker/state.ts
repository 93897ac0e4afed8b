import type { Logger } from 'pino'
import type { Tracer } from '../../base/trace.ts'
import type { Ledger } from '../../ledger/contract.ts'
import type { Runner } from '../../runners/runner.ts'
import type { Kinds, LoadBlock } from '../../sdk/blocks/kind.ts'
import type { Inputs } from '../../sdk/inputs/inputs.ts'
import type { Definition, Lookups } from '../lookups/lookups.ts'
import type { JobMetrics } from '../metrics.ts'
import type { Verbs } from '../verbs.ts'
import type { Pauses } from './pauses.ts'
import type { Stopping } from './stop.ts'
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
}

/** A job that this worker works on. */
export type Running = Stopping & { job: string, round: number, process: string, trace?: RunTrace }

export type State = Dependencies & { running: Set<Running>, handingBack: boolean }
