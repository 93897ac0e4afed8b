import type { DispatchEvent } from '../../base/event.ts'
import type { Ledger } from '../../ledger/contract.ts'
import type { Core } from '../dispatch/core.ts'
import { documentOf } from '../dispatch/ending.ts'
import { readEvents, readJob, type Found } from '../dispatch/facts.ts'
import type { RunData } from '../dispatch/run.ts'
import { isOpenIn, settleJob } from '../dispatch/settle-job.ts'
import { CANCELLED } from '../record.ts'

/** A round of a job that is to be worked on. */
export type Work = Found & {
  round: number
  taken: number
  /** The event with which it runs: that of a gate is the latest that came. */
  with: DispatchEvent
  /** How many other triggers it answers. */
  absorbed: number
  /** Of a join: the last event of each leg. */
  joined: Record<string, DispatchEvent>
  /** Traces of other events whose work it does. */
  traces: string[]
}

/**
 * What a worker asks first; undefined where there is nothing to do for it: the round has ended, or
 * another one has begun. `readAt`: milliseconds.
 */
export async function begin (core: Core, run: RunData): Promise<Work & { readAt: number } | undefined> {
  const facts = await readJob(core.ledger, run.job)
  if (facts === undefined || !isOpenIn(facts, run)) return undefined
  const document = documentOf(facts)
  if (document.stop === true) {
    await settleJob(core, run, { state: 'cancelled', reason: CANCELLED })
    return undefined
  }
  return { ...await toWork(core.ledger, facts, run.round), readAt: core.now() }
}

/** A round of a job with the events that it answers. */
export async function toWork (ledger: Pick<Ledger, 'get'>, facts: Found, round: number): Promise<Work> {
  const document = documentOf(facts)
  const isAlone = document.latest === undefined && document.last === undefined
  const { latest, joined, traces } = isAlone ? ALONE : await readRunEvents(ledger, facts)
  return {
    ...facts,
    traces: traces.filter((trace) => trace !== facts.event.trace),
    round,
    taken: document.taken ?? 0,
    with: latest ?? facts.event.event,
    absorbed: document.absorbed,
    joined: joined ?? {}
  }
}

type RunEvents = {
  latest: DispatchEvent | undefined
  joined: Record<string, DispatchEvent> | undefined
  traces: string[]
}

/** Most jobs run with their own event. */
const ALONE: RunEvents = { latest: undefined, joined: undefined, traces: [] }

/** The event with which a job runs, where that is not its own, and of a join the last event of each leg. */
export async function readRunEvents (
  ledger: Pick<Ledger, 'get'>,
  { document }: Pick<Found, 'document'>
): Promise<RunEvents> {
  const legs = Object.entries(document?.last ?? {})
  const own = document?.latest
  const keys = [...own === undefined ? [] : [own], ...legs.map(([, key]) => key)]
  const found = await readEvents(ledger, keys)
  const byKey = new Map(keys.map((key, i) => [key, found[i]?.value.event]))
  const joined = legs.flatMap(([leg, key]) => {
    const event = byKey.get(key)
    return event === undefined ? [] : [[leg, event] as const]
  })
  return {
    traces: found.flatMap((event) => event?.value.trace ?? []),
    latest: own === undefined ? undefined : byKey.get(own),
    joined: document?.last === undefined ? undefined : Object.fromEntries(joined)
  }
}
