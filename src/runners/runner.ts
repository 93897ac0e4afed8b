import type { Span } from '../base/trace.ts'
import type { ProcessContext, ProcessOutcome } from '../sdk/process.ts'
import type { StepReports } from '../sdk/steps/reports.ts'
import type { WrittenFile } from '../sdk/store/recorded.ts'

/**
 * What a runner is given of a job: what a process is, but for the store, which the one opens that needs it, and
 * what it makes for itself of the rest.
 */
export interface JobContext extends Omit<ProcessContext, 'store' | 'call' | 'step' | 'artefact'> {
  /** Where steps and artefacts are told. */
  readonly steps: StepReports
  /** Told of every file that the work has put into the store. */
  readonly wrote: (file: WrittenFile) => void
  /** Begins the span of a call to another service, where anything is traced; its traceparent goes with the call. */
  readonly span?: ((name: string) => Span) | undefined
}

/**
 * Executes one job of a process. `context.signal` is aborted on timeout, cancel and shutdown; a runner then asks the
 * work to end, gives it `graceMs`, and ends it. The promise settles only when the work has stopped. It rejects with the
 * reason of the failure as its message; with `errors.final` where another attempt is of no use.
 */
export interface Runner {
  run: (context: JobContext) => Promise<ProcessOutcome>
  close: () => Promise<void>
}
