import type { Ledger } from '../../ledger/contract.ts'
import { readJob } from '../dispatch/facts.ts'
import { isWide, readRoundId, sets, wideGateDoc } from '../documents/names.ts'
import { hasSettled } from '../documents/job.ts'
import type { Lookups } from '../lookups/lookups.ts'
import { readPaused } from './paused.ts'
import { readFailedUpstream, readGates } from './read-look.ts'
import { waitingWords, type Upstream } from './words.ts'

/** Of those that stand before a job so many are counted. */
const MOST_COUNTED = 100

/** What a job at its gate waits for; undefined where it is not at a gate. */
export async function readWords (
  ledger: Pick<Ledger, 'get' | 'list'>,
  lookups: Lookups,
  now: () => number,
  id: string,
  stateOf: (job: string) => Promise<string | undefined> = async () => undefined
): Promise<string | undefined> {
  const facts = await readJob(ledger, id)
  const gateName = facts?.job.gate
  if (
    facts === undefined ||
    gateName === undefined ||
    hasSettled(facts.document) ||
    facts.document?.state === 'queued'
  ) {
    return undefined
  }
  const { process: processName } = facts.job
  const definition = lookups.processes.get(processName)
  const names = isWide(gateName) ? [gateName] : [gateName, wideGateDoc(processName)]
  const [[gate, wide], { isPaused }, running, upstream, failedUpstream, before] = await Promise.all([
    readGates(ledger, names),
    readPaused(ledger, processName),
    ledger.list(sets.running(gateName), { limit: 1 }),
    ledger.list(sets.upstream(gateName), { limit: 1 }),
    readFailedUpstream(ledger, gateName, definition),
    ledger.list(sets.arrivals(gateName), { max: facts.event.at, limit: MOST_COUNTED + 1 })
  ])
  const others = before.filter(([, job]) => job !== id).length
  return waitingWords({
    job: id,
    processName,
    rules: definition?.rules,
    isPaused,
    now: now(),
    gate,
    wide,
    running: running[0] === undefined ? undefined : readRoundId(running[0][1]).job,
    upstream: await toUpstream(upstream[0]?.[1], stateOf),
    failedUpstream,
    before: Math.min(others, MOST_COUNTED),
    areMore: others > MOST_COUNTED
  })
}

async function toUpstream (
  job: string | undefined,
  stateOf: (job: string) => Promise<string | undefined>
): Promise<Upstream | undefined> {
  return job === undefined ? undefined : { job, state: await stateOf(job) }
}
