import { isForeign } from '../dispatch/run.ts'
import type { Core } from '../dispatch/core.ts'
import { readEvents, readJobs } from '../dispatch/facts.ts'
import type { EventDocument } from '../documents/event.ts'
import { readGateDocument } from '../documents/gate.ts'
import { isWide, processOfGate, readRoundId, sets, wideGateDoc } from '../documents/names.ts'
import { countOf, revOf } from '../documents/read.ts'
import type { Definition } from '../lookups/lookups.ts'
import { isOver, type FailedUpstream } from './waits.ts'
import type { Comer, GateState, LookFacts } from './look-facts.ts'
import { readPaused } from './paused.ts'

/** Arrivals that one look folds or ends, and those that it looks through where it lets single ones through. */
const MANY = 200
const FEW = 50
const RETRIED = 5

/** The gates in the order asked for. */
export async function readGates (ledger: Pick<Core['ledger'], 'get'>, names: string[]): Promise<GateState[]> {
  const found = await ledger.get(names)
  return names.map((name, i) => {
    const one = found[i]
    return {
      name,
      rev: revOf(one),
      value: readGateDocument(one)?.value,
      running: countOf(one, 'running'),
      upstream: countOf(one, 'upstream'),
      isKnown: one !== undefined && (one.value !== undefined || Object.keys(one.counts).length > 0)
    }
  })
}

/** What a look needs. The gate is read first: what its counters have let go of is in the lists by then. */
export async function readLook (core: Core, name: string, nonce: string): Promise<LookFacts> {
  const { ledger, notices } = core
  const processName = processOfGate(name)
  const lookups = core.lookups()
  const definition = lookups.processes.get(processName)
  const most = definition?.rules?.concurrency
  const wideName = wideGateDoc(processName)
  const [gates, { isPaused, rev: pausedRev }] = await Promise.all([
    readGates(ledger, most === undefined || isWide(name) ? [name] : [name, wideName]),
    readPaused(ledger, processName)
  ])
  const [gate, wide] = gates
  if (gate === undefined) throw new Error(`gate ${name} was not read`)
  const now = core.now()
  const [arrived, retried, line, running, upstream, failedUpstream] = await Promise.all([
    ledger.list(sets.arrivals(name), { limit: MANY + 1 }),
    ledger.list(sets.again(name), { limit: RETRIED }),
    readLine(core, name, most, wide ?? gate),
    isRunningAsked(definition, gate) ? ledger.list(sets.running(name), { limit: 1 }) : [],
    isUpstreamAsked(definition, gate, now) ? ledger.list(sets.upstream(name), { limit: 1 }) : [],
    readFailedUpstream(ledger, name, definition)
  ])
  const read = arrived.slice(0, howMany(definition, gate, wide, arrived, isPaused, now))
  const waiting = gate.value?.waiting
  const ids = [
    ...(waiting === undefined ? [] : [waiting.job]),
    ...retried.map(([, id]) => id),
    ...read.map(([, id]) => id)
  ]
  const jobs = new Map(
    (await readJobs(ledger, ids)).flatMap((found) => found === undefined ? [] : [[found.job.id, found]])
  )
  const comersOf = (entered: Array<[number, string]>): Comer[] => entered.flatMap(([at, id]) => {
    const found = jobs.get(id)
    return found === undefined ? [] : [{ ...found, at }]
  })
  const lostOf = (list: 'again' | 'arrivals', entered: Array<[number, string]>): LookFacts['lost'] =>
    entered.flatMap(([, job]) => jobs.has(job) ? [] : [{ list, job }])
  const [comer] = waiting === undefined ? [] : comersOf([[waiting.firstAt, waiting.job]])
  const facts: LookFacts = {
    gate,
    processName,
    lookups,
    notices,
    now,
    isPaused,
    pausedRev,
    waiting: comer,
    again: comersOf(retried),
    arrivals: comersOf(read),
    areMore: arrived.length > read.length,
    lost: [...lostOf('again', retried), ...lostOf('arrivals', read)],
    wide,
    line,
    running: running.map(([, id]) => readRoundId(id).job),
    upstream: upstream[0]?.[1],
    failedUpstream,
    events: new Map(),
    nonce
  }
  return isForeign(definition) ? { ...facts, events: await eventsOf(core, facts) } : facts
}

const isRunningAsked = (definition: Definition | undefined, { running }: GateState): boolean =>
  running > 0 && definition?.rules !== undefined && definition.rules.onCollision !== 'enqueue'

function isUpstreamAsked (definition: Definition | undefined, { upstream, value }: GateState, now: number): boolean {
  const defer = definition?.rules?.defer
  return (
    upstream > 0 && defer !== undefined && value?.waiting !== undefined && isOver(value.waiting, defer.withinMs, now)
  )
}

/** Read where the rules ask for it. What has let go of the gate by its counters has left its mark here. */
export async function readFailedUpstream (
  ledger: Pick<Core['ledger'], 'list'>,
  gate: string,
  definition: Pick<Definition, 'rules'> | undefined
): Promise<FailedUpstream[]> {
  if ((definition?.rules?.defer?.onUpstreamFailure ?? 'run') === 'run') return []
  const found = await ledger.list(sets.failedUpstream(gate), { limit: MANY })
  return found.map(([at, name]) => ({ process: name, at }))
}

async function readLine (
  { ledger }: Core,
  name: string,
  most: number | undefined,
  { running }: GateState
): Promise<string[]> {
  const processName = processOfGate(name)
  if (most === undefined) {
    return isWide(name) ? (await ledger.list(sets.line(processName), { limit: MANY })).map(([, gate]) => gate) : []
  }
  const room = most - running
  return room <= 0 ? [] : (await ledger.list(sets.line(processName), { limit: room })).map(([, gate]) => gate)
}

/**
 * All that one look may fold or end; of a line that goes one by one those that there is room for,
 * and those that have expired.
 */
function howMany (
  definition: Definition | undefined,
  gate: GateState,
  wide: GateState | undefined,
  arrived: Array<[number, string]>,
  isPaused: boolean,
  now: number
): number {
  if (definition === undefined) return MANY
  const { rules, expiresMs } = definition
  if (rules?.merges === true && !isWide(gate.name)) return MANY
  const expired = expiresMs === undefined ? 0 : arrived.filter(([at]) => at + expiresMs <= now).length
  const most = isWide(gate.name) ? rules?.concurrency : rules?.perKey
  const room = isPaused
    ? 0
    : Math.min(
      (most ?? Infinity) - gate.running,
      wide === undefined ? Infinity : (rules?.concurrency ?? Infinity) - wide.running
    )
  const cancelled = rules?.onCollision === 'cancel_new' && !isPaused ? FEW : 0
  // One more: whether anybody is left waiting tells what happens to the place in the line.
  return Math.min(Math.max(expired + Math.max(room, 0) + 1, cancelled), FEW)
}

/** The events with which those may run that wait. */
async function eventsOf (
  { ledger }: Core,
  { gate: { value }, again, arrivals, waiting }: LookFacts
): Promise<Map<string, EventDocument>> {
  const given = [value?.waiting, ...[...again, ...arrivals, waiting].map((comer) => comer?.document)]
  const own = [...again, ...arrivals].map(({ key }) => key)
  const keys = [
    ...new Set([
      ...own,
      ...given.flatMap((one) => one === undefined ? [] : [one.latest ?? '', ...Object.values(one.last ?? {})])
    ])
  ].filter((key) => key !== '')
  const found = await readEvents(ledger, keys)
  return new Map(
    keys.flatMap((key, i) => {
      const event = found[i]?.value
      return event === undefined ? [] : [[key, event]]
    })
  )
}
