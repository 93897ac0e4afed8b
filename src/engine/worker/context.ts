import type { Ledger } from '../../ledger/contract.ts'
import type { WorkerJob } from '../../queues/work.ts'
import type { JobContext } from '../../runners/runner.ts'
import type { Inputs } from '../../sdk/inputs/inputs.ts'
import { withDefaults } from '../dispatch/plan.ts'
import { eventOfJob, readAbsorbedMember, sets } from '../documents/names.ts'
import type { Work } from '../jobs/begin.ts'
import type { Definition } from '../lookups/lookups.ts'
import type { Journal } from './journal.ts'

/** Triggers that a run is told one by one. */
const MAX_ABSORBED = 1000

type Given = { ledger: Pick<Ledger, 'list'>, inputs: Inputs, journal: Journal, signal: AbortSignal }

/** What a process is given of a job. */
export async function toContext (
  { attempt }: Pick<WorkerJob, 'attempt'>,
  work: Work,
  definition: Definition,
  { ledger, inputs, journal, signal }: Given
): Promise<Omit<JobContext, 'block' | 'wrote'>> {
  const { job, with: given, joined } = work
  const event = withDefaults(given, definition)
  const own = isRecord(event.data) ? event.data : { ...definition.defaults, ...definition.fixed }
  const params = job.withEvent === true ? { ...own, id: job.id, event: JSON.stringify(given) } : own
  const absorbed = work.absorbed === 0 ? [] : await readAbsorbed(ledger, job.id)
  return {
    event,
    params,
    processName: definition.name,
    jobId: job.id,
    attempt,
    absorbed,
    joined,
    signal,
    log: journal.line,
    progress: journal.progress,
    inputs
  }
}

async function readAbsorbed (ledger: Pick<Ledger, 'list'>, job: string): Promise<JobContext['absorbed']> {
  const page = await ledger.list(sets.absorbed(job), { limit: MAX_ABSORBED })
  return page.map(([, member]) => {
    const absorbed = readAbsorbedMember(member)
    return { event: eventOfJob(absorbed.job), type: absorbed.type, job: absorbed.job }
  })
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
