import { noTracer, type Tracer } from '../../base/trace.ts'
import type { Ledger } from '../../ledger/contract.ts'
import { readJob } from '../dispatch/facts.ts'
import type { RunData } from '../dispatch/run.ts'
import { isOpenIn } from '../dispatch/settle-job.ts'
import type { Report } from '../dispatch/settling.ts'
import { toWork } from '../jobs/begin.ts'
import { traceRun, type RunTrace } from '../worker/traces.ts'

type Given = { tracer?: Tracer | undefined, ledger: Pick<Ledger, 'get' | 'list'> }

/**
 * The spans of a run that is over, where who ran it makes none of ours: a foreign worker, or one that died. Nothing
 * for a round that has been settled already.
 */
export async function traceEnded (
  { tracer = noTracer, ledger }: Given,
  run: RunData,
  attempt: Report['attempt']
): Promise<RunTrace | undefined> {
  if (!tracer.isOn || attempt === undefined) return undefined
  const facts = await readJob(ledger, run.job)
  if (facts === undefined || !isOpenIn(facts, run)) return undefined
  return await traceRun({ tracer, ledger }, attempt, await toWork(ledger, facts, run.round), attempt.started)
}
