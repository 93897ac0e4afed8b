import type { StepState } from '../../base/step-state.ts'
import type { Redactor } from '../masking/redactor.ts'
import { MAX_NAME, fitText, keepArtefact, type GivenArtefact, type KeptArtefact } from './artefact.ts'
import type { Progress } from './progress.ts'

/** All that is known of a step at a moment; `place` is its place among the steps of its run. */
export type StepReport = {
  place: number
  name: string
  state: StepState
  /** How often its work was begun. */
  tries: number
  counts?: Readonly<Record<string, number>> | undefined
  progress?: Progress | undefined
  reason?: string | undefined
  /** With the end of a step whose result is kept. */
  remember?: { key: string, value: unknown } | undefined
}

/** Where the steps and artefacts of a job are told. Nothing of it can fail the job. */
export interface StepReports<A = KeptArtefact> {
  /** A place for a step of this run, which no other one has. */
  open: () => number
  /** Settles when it is written, or cannot be; nobody needs to wait where nothing is to be remembered. */
  step: (report: StepReport) => Promise<void>
  artefact: (artefact: A) => void
  /** What a step of this job has left under a key. */
  recall: (key: string) => Promise<{ value: unknown } | undefined>
}

const MAX_REASON = 1000
const MAX_COUNTS = 20

/** Takes secrets out of what is told, then bounds it. A result that holds a secret is not remembered. */
export function maskedReports (
  reports: StepReports,
  { value: mask, finds }: Pick<Redactor, 'value' | 'finds'>
): StepReports<GivenArtefact> {
  return {
    open: reports.open,
    step: async ({ remember, ...told }) => {
      const isSecret = remember !== undefined && finds(JSON.stringify(remember.value))
      await reports.step({ ...fit(mask(told)), remember: isSecret ? undefined : remember })
    },
    artefact: (artefact) => { reports.artefact(keepArtefact(artefact, mask)) },
    recall: reports.recall
  }
}

function fit ({ name, counts, progress, reason, ...report }: StepReport): StepReport {
  const numbers = Object.entries(counts ?? {}).filter(([, number]) => Number.isFinite(number)).slice(0, MAX_COUNTS)
  return {
    ...report,
    name: fitText(name, MAX_NAME),
    counts: numbers.length === 0
      ? undefined
      : Object.fromEntries(numbers.map(([one, number]) => [fitText(one, MAX_NAME), number])),
    progress: progress === undefined ? undefined : fitProgress(progress),
    reason: reason === undefined ? undefined : fitText(reason, MAX_REASON)
  }
}

function fitProgress ({ complete, total, message, waiting_for: waits }: Progress): Progress {
  return {
    complete: Number.isFinite(complete) ? complete : 0,
    total: Number.isFinite(total) ? total : undefined,
    message: message === undefined ? undefined : fitText(message, MAX_REASON),
    waiting_for: waits === undefined ? undefined : fitText(waits, MAX_REASON)
  }
}
