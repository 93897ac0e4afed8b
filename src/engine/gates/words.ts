import { processOfJob } from '../documents/names.ts'
import type { Waiting } from '../documents/gate.ts'
import type { Rules } from '../lookups/gate-rules.ts'
import type { GateState } from './look-facts.ts'
import { failedSince, waitOf, type FailedUpstream } from './waits.ts'

/** A job that may still cause a trigger; `state`: what its queue says, where it was asked. */
export type Upstream = { job: string, state: string | undefined }

export function upstreamWords ({ job, state = 'queued' }: Upstream): string {
  return `job ${job} of ${processOfJob(job)}, which is ${state} and may cause another trigger`
}

export const failureWords = (failures: string[]): string =>
  `${failures.join(' and ')} to complete, which failed for the same key`

/** What the words for one job at a gate rest on. */
export type WaitingFacts = {
  job: string
  processName: string
  /** Undefined where the process is gone, or has no rules any more. */
  rules: Rules | undefined
  isPaused: boolean
  now: number
  /** Undefined where nobody has looked at the gate yet. */
  gate: GateState | undefined
  wide: GateState | undefined
  /** The round that has run longest. */
  running: string | undefined
  upstream: Upstream | undefined
  failedUpstream: FailedUpstream[]
  /** How many stand before it in the line of its gate, or in that for the limit of its process; `areMore`: at least. */
  before: number
  areMore: boolean
}

export const LOOK = 'a look at its gate'

/** What a job at its gate waits for, and until when where that is known. Pure. */
export function waitingWords (facts: WaitingFacts): string {
  const { job, processName, rules, isPaused, gate } = facts
  const waiting = gate?.value?.waiting
  if (gate === undefined) return LOOK
  if (isPaused) return `process ${processName}, which is paused`
  if (waiting !== undefined && waiting.job !== job) return `job ${waiting.job} of the same key, which is before it`
  if (waiting !== undefined && rules?.merges === true) {
    return frontWords(waiting, gate, rules, facts) ?? limitWords(facts) ?? LOOK
  }
  return roomWords(facts) ?? limitWords(facts) ?? LOOK
}

function frontWords (
  waiting: Waiting,
  { running, upstream, value }: GateState,
  rules: Rules,
  facts: WaitingFacts
): string | undefined {
  const wait = waitOf(waiting, value?.passedAt, rules, facts.now)
  if (wait?.kind === 'legs') return legWords(wait.missing)
  if (wait?.kind === 'quiet') return `quiet until ${new Date(wait.until).toISOString()}`
  if (wait?.kind === 'throttle') {
    return `its turn at ${new Date(wait.until).toISOString()}: it ran less than its throttle ago`
  }
  if (running > 0) return `job ${facts.running ?? ''} of the same key to end`
  if (rules.defer === undefined) return undefined
  if (upstream > 0 && facts.upstream !== undefined) return upstreamWords(facts.upstream)
  const failures = failedSince(waiting, facts.failedUpstream)
  return rules.defer.onUpstreamFailure === 'hold' && failures.length > 0 ? failureWords(failures) : undefined
}

export const legWords = (missing: string[]): string => `an event of ${missing.join(' and of ')}`

function roomWords ({ rules, gate, processName, wide, before, areMore }: WaitingFacts): string | undefined {
  const many = `${areMore ? 'more than ' : ''}${before}`
  if (gate === undefined) return undefined
  if (
    wide === undefined &&
    rules?.perKey === undefined &&
    rules?.concurrency !== undefined &&
    gate.running >= rules.concurrency
  ) {
    return `room: ${gate.running} jobs of ${processName} run, ${many} are before it`
  }
  if (rules?.perKey !== undefined && gate.running >= rules.perKey) {
    return `room: ${gate.running} of its key run, ${many} are before it`
  }
  return undefined
}

function limitWords ({ rules, wide, processName, before, areMore }: WaitingFacts): string | undefined {
  if (wide === undefined || rules?.concurrency === undefined || wide.running < rules.concurrency) return undefined
  return `room: ${wide.running} jobs of ${processName} run, ${areMore ? 'more than ' : ''}${before} are before it`
}
