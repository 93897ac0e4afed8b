import type { Ledger } from '../../ledger/contract.ts'
import type { DispatchEvent } from '../../base/event.ts'
import { gateFor } from '../dispatch/keys.ts'
import { isWide, wideGateDoc } from '../documents/names.ts'
import type { Definition, Lookups } from '../lookups/lookups.ts'
import type { PlannedJob } from '../dispatch/plan.ts'
import { comeWith, legsOf } from './legs.ts'
import type { GateState } from './look-facts.ts'
import { readPaused } from './paused.ts'
import { readGates } from './read-look.ts'
import { LOOK, waitingWords } from './words.ts'

type About = { event: DispatchEvent, key: string }
type Reads = { ledger: Pick<Ledger, 'get' | 'list'>, lookups: () => Lookups, now: () => number }

/** What the gate of a job would do with it, were it accepted now; undefined where its process has none. */
export async function foretell (
  { ledger, lookups, now }: Reads,
  { event, key }: About,
  planned: PlannedJob
): Promise<string | undefined> {
  const all = lookups()
  const definition = all.processes.get(planned.process)
  const name = definition === undefined ? undefined : gateFor(definition, { event, above: [] }, key)
  if (definition === undefined || name === undefined) return undefined
  const names = isWide(name) ? [name] : [name, wideGateDoc(planned.process)]
  const [[gate, wide], { isPaused }] = await Promise.all([
    readGates(ledger, names),
    readPaused(ledger, planned.process)
  ])
  if (gate === undefined) return undefined
  const absorber = absorberOf(gate, definition, now())
  if (absorber !== undefined) return `it would be absorbed by job ${absorber}`
  const words = waitingWords({
    job: planned.jobId,
    processName: planned.process,
    rules: definition.rules,
    isPaused,
    now: now(),
    gate: withWaiting(gate, planned, { event, key }, all, now()),
    wide,
    running: undefined,
    upstream: undefined,
    failedUpstream: [],
    before: 0,
    areMore: false
  })
  return words === LOOK ? 'it would be let through at once' : `it would wait for ${words}`
}

function absorberOf ({ value }: GateState, { rules }: Definition, now: number): string | undefined {
  if (rules?.merges !== true || value === undefined) return undefined
  if (value.waiting !== undefined) return value.waiting.job
  const isQuiet = value.triggeredAt !== undefined && now - value.triggeredAt < rules.quietMs
  return rules.edge === 'leading' && isQuiet ? value.passed : undefined
}

/** The gate as it would be with this trigger waiting there. */
function withWaiting (
  gate: GateState,
  { jobId, process: processName, legs }: PlannedJob,
  { event, key }: About,
  lookups: Lookups,
  now: number
): GateState {
  const all = lookups.processes.get(processName)?.rules?.waitFor?.legs
  const come = all === undefined ? {} : comeWith({}, legsOf({ event }, { legs }, all, lookups), key, now)
  const waiting = { job: jobId, round: 0, firstAt: now, latest: key, latestAt: now, count: 0, ...come }
  return { ...gate, value: { v: 1, ...gate.value, waiting } }
}
