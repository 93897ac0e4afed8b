import type { GateDocument } from '../documents/gate.ts'
import type { JobFacts } from '../dispatch/ending.ts'
import type { Notices } from '../dispatch/core.ts'
import type { EventDocument } from '../documents/event.ts'
import type { Lookups } from '../lookups/lookups.ts'
import type { FailedUpstream } from './waits.ts'

/** A job that has come to a gate, by when it was accepted or retried. */
export type Comer = JobFacts & { at: number }

/**
 * The lists are read one after the other, and the jobs after them: one may have been let through,
 * cancelled or retried in between. Who has just arrived has no document; who was retried waits by his.
 */
export function isHere ({ document }: Comer, list: 'again' | 'arrivals'): boolean {
  return list === 'arrivals' ? document === undefined : document?.state === 'waiting'
}

/** A gate as it was read. `value` is undefined where nothing was ever written down of it. */
export type GateState = {
  name: string
  rev: number
  value: GateDocument | undefined
  running: number
  upstream: number
  isKnown: boolean
}

/** What a look at a gate knows: all that its decision rests on. */
export type LookFacts = {
  gate: GateState
  processName: string
  lookups: Lookups
  notices: Notices
  now: number
  isPaused: boolean
  /** The revision of the list of paused processes. */
  pausedRev: number
  /** The job that waits by the document of the gate; undefined where it is gone. */
  waiting: Comer | undefined
  /** The first of those that were retried and wait for their turn. */
  again: Comer[]
  /** The first arrivals; `areMore`: there are others behind them that were not read. */
  arrivals: Comer[]
  areMore: boolean
  /** Jobs in the two lists that have no event any more. */
  lost: Array<{ list: 'again' | 'arrivals', job: string }>
  /** The limit over all keys of the process, where it has one and this is another gate. */
  wide: GateState | undefined
  /** The first gates that wait for that limit, as many as it may let through. */
  line: string[]
  /** The jobs that run, the oldest first; read where a collision has one cancelled. */
  running: string[]
  /** A job that may still cause a trigger here; read where the wait for it is over. */
  upstream: string | undefined
  /** Of the processes that jobs here wait for, those whose last job has failed; read where the rules ask for it. */
  failedUpstream: FailedUpstream[]
  /** Events by key with which jobs are to run, where a foreign worker needs them. */
  events: ReadonlyMap<string, EventDocument>
  /** Unlike that of any other look. */
  nonce: string
}
