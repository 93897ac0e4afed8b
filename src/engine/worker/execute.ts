import type { WorkerJob } from '../../queues/work.ts'
import { hiding, type Redactor } from '../../sdk/blocks/redactor.ts'
import type { Progress } from '../../sdk/process.ts'
import type { WrittenFile } from '../../sdk/store/recorded.ts'
import type { Outcome } from '../dispatch/settling.ts'
import type { Work } from '../jobs/begin.ts'
import type { Definition } from '../lookups/lookups.ts'
import { firstAbsorbed } from './absorbed.ts'
import { toContext } from './context.ts'
import type { Journal } from './journal.ts'
import type { Running, State } from './state.ts'
import type { StepRecord } from './step-record.ts'
import { toFailure, type WorkFailure } from './stop.ts'
import type { RunTrace } from './traces.ts'

type Execution = {
  work: Work
  definition: Definition
  redactor: Redactor
  journal: Journal
  steps: Pick<StepRecord, 'reports'>
  files: Map<string, WrittenFile>
  trace: RunTrace
}

/** Runs the process. Never rejects: what is thrown is a failure of the work. */
export async function execute (
  state: State,
  queued: WorkerJob,
  { signal, stopped }: Running,
  { work, definition, redactor, journal, steps, files, trace }: Execution
): Promise<Outcome | WorkFailure> {
  const { ledger, inputs, block, kinds, runnerOf } = state
  try {
    const wrote = (file: WrittenFile): void => { files.set(file.name, file) }
    const context = toContext(queued, work, definition, { ledger, inputs, journal, signal })
    const absorbed = work.absorbed === 0 ? [] : await firstAbsorbed(context.allAbsorbed())
    const progress = (told: Progress): void => {
      journal.progress(told)
      trace.step(redactor.value(told))
    }
    const { traceparent, call } = trace
    const { output, events = [] } = redactor.value(
      await runnerOf(definition).run({
        ...context,
        absorbed,
        progress,
        steps: steps.reports,
        traceparent,
        span: call,
        wrote,
        block: hiding(block, redactor, kinds)
      })
    )
    return { state: 'complete', output: output ?? null, events }
  } catch (error) {
    return toFailure(error, stopped(), definition.timeoutMs ?? 0, redactor)
  }
}
