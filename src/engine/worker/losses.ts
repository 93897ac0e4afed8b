import type { Ledger } from '../../ledger/contract.ts'
import type { WorkerJob } from '../../queues/work.ts'
import { jobDoc } from '../documents/names.ts'
import { countOf } from '../documents/read.ts'
import type { Definition } from '../lookups/lookups.ts'

/** A job that has taken so many workers with it is given up. */
const MAX_DEATHS = 3
/** Counter of the document of a job: how often a worker that lives has lost it. */
const SLOW = 'slow'

/** A worker that was too slow to keep a job says so: what the queue counts beside that are deaths. */
export async function noteSlowness (ledger: Pick<Ledger, 'commit'>, job: string): Promise<void> {
  await ledger.commit({ expect: [], increments: [{ doc: jobDoc(job), field: SLOW, by: 1 }] })
}

/** Why a job is not begun any more that has taken workers with it. What only follows other work is never given up. */
export async function tooManyDeaths (
  ledger: Pick<Ledger, 'get'>,
  { stalled }: Pick<WorkerJob, 'stalled'>,
  job: string,
  { run }: Definition
): Promise<string | undefined> {
  if (stalled < MAX_DEATHS || 'hive' in run || 'http' in run) return undefined
  const [found] = await ledger.get([jobDoc(job)])
  const deaths = stalled - countOf(found, SLOW)
  return deaths < MAX_DEATHS ? undefined : `${deaths} workers died while they ran it`
}
