import type { Lookups } from '../lookups/lookups.ts'
import { GATES_QUEUE, type Queues, type StoredJob } from '../../queues/contract.ts'
import { jobIdOf } from '../../base/event.ts'
import type { JobData } from '../record.ts'
import type { Gate } from './gate.ts'
import { gateIdOf, gateName, keyAt, limitName } from '../dispatch/gate-key.ts'

/**
 * Has those look at once who wait at a gate for a job that has ended. They would look by themselves later, so nothing
 * depends on it.
 */
export async function wakeNext (queues: Pick<Queues, 'readNotes' | 'promote'>, lookups: Lookups, job: Pick<StoredJob, 'name' | 'data'>): Promise<void> {
  const rules = lookups.processes.get(job.name)?.rules
  if (rules === undefined) return
  const { event, lineage, key } = job.data as JobData
  const names = [gateName(job.name, keyAt(rules.by, event, lineage), key), ...rules.concurrency === undefined ? [] : [limitName(job.name)]]
  const gates = await queues.readNotes<Gate>(names)
  const next = new Set(gates.flatMap((note) => [note?.value.waiting?.first.event, note?.value.line[0]?.event]))
  for (const one of next) if (one !== undefined) await queues.promote(GATES_QUEUE, gateIdOf(jobIdOf(one, job.name)))
}
