import { formatDuration } from '../../base/duration.ts'
import type { Waiting } from '../documents/gate.ts'
import type { End } from '../dispatch/ending.ts'
import type { Rules } from '../lookups/gate-rules.ts'
import type { Definition } from '../lookups/lookups.ts'
import { cancelledBecause } from '../record.ts'
import { endWaiting } from './closing.ts'
import { keptOf, type Look } from './look-draft.ts'
import { takeRetried } from './folding.ts'
import { missingOf } from './legs.ts'
import { leaveLine, roomInAll } from './limit.ts'
import { letThrough } from './passing.ts'
import { endOf, expiryOf, failedSince, isOver, waitOf } from './waits.ts'
import { failureWords, upstreamWords } from './words.ts'

type Verdict = { kind: 'end', end: End } | { kind: 'wait' } | { kind: 'ready', awaitsUpstream: boolean }

/** At a gate that merges one waits at most: it goes through, waits on, or ends here. */
export function letFrontThrough (look: Look, definition: Definition, rules: Rules): void {
  for (let { waiting } = look.value; waiting !== undefined; { waiting } = look.value) {
    const verdict = judge(look, waiting, definition, rules)
    if (verdict.kind === 'end') {
      endWaiting(look, verdict.end)
      takeRetried(look, rules)
    } else {
      if (verdict.kind === 'wait') leaveLine(look)
      else if (roomInAll(look, waiting.firstAt) > 0) goThrough(look, waiting, definition, verdict.awaitsUpstream)
      return
    }
  }
  leaveLine(look)
}

function judge (look: Look, waiting: Waiting, definition: Definition, rules: Rules): Verdict {
  const { facts: { now, isPaused, running }, value: { passedAt } } = look
  const expiry = expiryOf(waiting, definition.expiresMs)
  if (expiry !== undefined && expiry <= now) {
    return cancelled(`it waited longer than ${formatDuration(definition.expiresMs ?? 0)}`)
  }
  addTime(look, expiry)
  if (isPaused) return { kind: 'wait' }
  const { waitFor } = rules
  const missing = missingOf(waiting, waitFor)
  if (missing.length > 0 && waitFor?.onTimeout === 'fail' && isOver(waiting, waitFor.withinMs, now)) {
    return failed(waiting, now, `an event of ${missing.join(' and of ')}`)
  }
  const wait = waitOf(waiting, passedAt, rules, now)
  if (wait !== undefined) {
    addTime(look, wait.until)
    return { kind: 'wait' }
  }
  if (look.running > 0) {
    if (rules.onCollision === 'cancel_running') look.stop.push(...running.slice(0, 1))
    return { kind: 'wait' }
  }
  return judgeUpstream(look, waiting, rules)
}

function judgeUpstream (look: Look, waiting: Waiting, { defer }: Rules): Verdict {
  const { gate, now, upstream, failedUpstream } = look.facts
  if (defer === undefined) return { kind: 'ready', awaitsUpstream: false }
  const isWaitOver = isOver(waiting, defer.withinMs, now)
  const failures = defer.onUpstreamFailure === 'run' ? [] : failedSince(waiting, failedUpstream)
  if (gate.upstream === 0 && failures.length === 0) return { kind: 'ready', awaitsUpstream: true }
  const isKnown = gate.upstream === 0 || isWaitOver
  if (isKnown && failures.length > 0 && defer.onUpstreamFailure === 'fail') return upstreamFailed(failures)
  if (!isWaitOver) {
    addTime(look, endOf(waiting, defer.withinMs))
    return { kind: 'wait' }
  }
  if (defer.onTimeout === 'run') return { kind: 'ready', awaitsUpstream: false }
  const words = gate.upstream > 0 ? upstreamWords({ job: upstream ?? '', state: undefined }) : failureWords(failures)
  return failed(waiting, now, words)
}

const cancelled = (why: string): Verdict => ({
  kind: 'end',
  end: { state: 'cancelled', reason: cancelledBecause(why) }
})

const upstreamFailed = (failures: string[]): Verdict => ({
  kind: 'end',
  end: { state: 'failed', reason: `${failures.join(' and ')} failed for the same key` }
})

function failed ({ firstAt }: Waiting, now: number, what: string): Verdict {
  return { kind: 'end', end: { state: 'failed', reason: `waited ${formatDuration(now - firstAt)} for ${what}` } }
}

function addTime (look: Look, at: number | undefined): void {
  if (at !== undefined) look.times.push(at)
}

/** One run at a time, with the latest event: those that come from now on ask for the next. */
function goThrough (look: Look, waiting: Waiting, definition: Definition, awaitsUpstream: boolean): void {
  const { facts: { gate }, draft, comer } = look
  if (comer === undefined) return
  draft.expectZero(gate.name, 'running')
  if (awaitsUpstream) draft.expectZero(gate.name, 'upstream')
  letThrough(look, comer, definition, keptOf(waiting))
  look.value = { ...look.value, waiting: undefined, inLine: undefined }
  look.comer = undefined
  look.times = []
}
