import { SignalboxError } from '../base/errors.ts'
import type { Kinds } from '../sdk/blocks/kind.ts'
import { hiding } from '../sdk/blocks/redactor.ts'
import { createRedactor, type Redactor } from '../sdk/masking/redactor.ts'
import type { ProcessOutcome } from '../sdk/process.ts'
import type { GivenArtefact } from '../sdk/steps/artefact.ts'
import { maskedReports, type StepReports } from '../sdk/steps/reports.ts'
import { StillRuns } from './failure.ts'
import { createJobLog } from './job-log.ts'
import type { JobContext, Runner } from './runner.ts'

/** A job whose log, progress, steps and blocks go through `redactor`; whoever reads another secret tells it. */
export type MaskedContext = JobContext & {
  readonly redactor: Redactor
  /** For artefacts that are not within their bounds yet. */
  readonly reports: StepReports<GivenArtefact>
}

/** Runs jobs so that no secret stands in what they say: log, progress, outcome and reason. */
export function masked (run: (context: MaskedContext) => Promise<ProcessOutcome>, kinds: Kinds): Runner['run'] {
  return async (context) => {
    const redactor = createRedactor()
    // Masked before it is cut: of a secret across the cut the first half would be left.
    const jobLog = createJobLog(context.log)
    const reports = maskedReports(context.steps, redactor)
    const given: MaskedContext = {
      ...context,
      redactor,
      log: (line) => { jobLog(redactor.text(line)) },
      progress: (progress) => { context.progress(redactor.value(progress)) },
      reports,
      steps: { ...reports, artefact: (artefact) => { context.steps.artefact(redactor.value(artefact)) } },
      block: hiding(context.block, redactor, kinds)
    }
    try {
      return redactor.value(await run(given))
    } catch (thrown) {
      throw maskError(thrown, redactor)
    }
  }
}

/**
 * The error itself where nothing in it is secret; else one of its kind without cause and stack, which may quote it too.
 */
export function maskError (thrown: unknown, { text, finds }: Pick<Redactor, 'text' | 'finds'>): unknown {
  const { message, stack = '' } = thrown instanceof Error ? thrown : new Error(String(thrown))
  if (!finds(message) && !finds(stack)) return thrown
  if (thrown instanceof StillRuns) return new StillRuns(text(message))
  if (!(thrown instanceof SignalboxError)) return new Error(text(message))
  return new SignalboxError(thrown.code, thrown.statusCode, text(message), { field: thrown.field })
}
