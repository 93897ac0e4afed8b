import type { ProcessContext, ProcessOutcome } from '../processes/definition.ts'

/**
 * Executes one job of a process. `context.signal` is aborted on timeout, cancel and shutdown; a runner then asks the work
 * to end, gives it `graceMs`, and ends it. The promise settles only when the work has stopped. It rejects with the
 * reason of the failure as its message; with `errors.final` where another attempt is of no use.
 */
export interface Runner {
  run: (context: ProcessContext) => Promise<ProcessOutcome>
  close: () => Promise<void>
}
