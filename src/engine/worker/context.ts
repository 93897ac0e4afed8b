import type { Ledger } from '../../ledger/contract.ts'
import type { WorkerJob } from '../../queues/work.ts'
import type { JobContext } from '../../runners/runner.ts'
import type { Inputs } from '../../sdk/inputs/inputs.ts'
import { withDefaults } from '../dispatch/plan.ts'
import type { Work } from '../jobs/begin.ts'
import type { Definition } from '../lookups/lookups.ts'
import { readAbsorbed } from './absorbed.ts'
import type { Journal } from './journal.ts'

type Given = { ledger: Pick<Ledger, 'get' | 'list'>, inputs: Inputs, journal: Journal, signal: AbortSignal }

/** What a process is given of a job, but for the first of the triggers that it absorbed. */
export function toContext (
  { attempt }: Pick<WorkerJob, 'attempt'>,
  work: Work,
  definition: Definition,
  { ledger, inputs, journal, signal }: Given
): Omit<JobContext, 'block' | 'wrote' | 'steps'> {
  const { job, with: given, joined } = work
  const event = withDefaults(given, definition)
  const own = isRecord(event.data) ? event.data : { ...definition.defaults, ...definition.fixed }
  const params = job.withEvent === true ? { ...own, id: job.id, event: JSON.stringify(given) } : own
  return {
    event,
    params,
    processName: definition.name,
    jobId: job.id,
    attempt,
    absorbed: [],
    absorbedCount: work.absorbed,
    allAbsorbed: () => readAbsorbed(ledger, job.id, journal.line),
    joined,
    signal,
    log: journal.line,
    progress: journal.progress,
    inputs
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
