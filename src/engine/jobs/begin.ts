import type { DispatchEvent } from '../../base/event.ts'
import type { Core } from '../dispatch/core.ts'
import { documentOf } from '../dispatch/ending.ts'
import { readEvents, readJob, type Found } from '../dispatch/facts.ts'
import type { RunData } from '../dispatch/run.ts'
import { isOpenIn, settleJob } from '../dispatch/settle-job.ts'
import { CANCELLED } from '../record.ts'

/** A round of a job that is to be worked on. */
export type Work = Found & {
  round: number
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
 * another one has begun.
 */
export async function begin (core: Core, run: RunData): Promise<Work | undefined> {
  const facts = await readJob(core.ledger, run.job)
  if (facts === undefined || !isOpenIn(facts, run.round)) return undefined
  const document = documentOf(facts)
  if (document.stop === true) {
    await settleJob(core, run, { state: 'cancelled', reason: CANCELLED })
    return undefined
  }
  const legs = Object.entries(document.last ?? {})
  const [latest, ...others] = await readEvents(core.ledger, [
    document.latest ?? facts.key,
    ...legs.map(([, key]) => key)
  ])
  const joined = legs.flatMap(([leg], i) => {
    const event = others[i]?.value.event
    return event === undefined ? [] : [[leg, event] as const]
  })
  const traces = [latest, ...others].flatMap((event) => event?.value.trace ?? [])
  return {
    ...facts,
    traces: traces.filter((trace) => trace !== facts.event.trace),
    round: run.round,
    with: latest?.value.event ?? facts.event.event,
    absorbed: document.absorbed,
    joined: Object.fromEntries(joined)
  }
}
