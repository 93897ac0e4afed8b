import type { Draft } from '../documents/draft.ts'
import { createDraft } from '../documents/draft.ts'
import { AT, dueMember, isWide, jobDoc, sets } from '../documents/names.ts'
import { endAll } from './closing.ts'
import { fold } from './folding.ts'
import { letFrontThrough } from './front.ts'
import { letLineThrough } from './lining.ts'
import { keptOf, type Look } from './look-draft.ts'
import type { LookFacts } from './look-facts.ts'
import { PAUSED } from './paused.ts'

/** What a look comes to. `stop`: jobs that are to be asked to stop. `again`: there is more to look at. */
export type Decision = { draft: Draft, stop: string[], again: boolean }

/** What a look at a gate does, by the rules of now. Pure. */
export function decide (facts: LookFacts): Decision {
  const look = begin(facts)
  const { gate } = facts
  // Also where nothing is to be done: what was read may be of two moments.
  look.draft.expect(gate.name, gate.rev)
  for (const { list, job } of facts.lost) look.draft.leave(sets[list](gate.name), job)
  // Who resumes looks for gates with somebody waiting: one that is about to become one must see that.
  if (facts.isPaused) look.draft.expect(PAUSED, facts.pausedRev)
  keepWhoWaits(look)
  if (look.definition === undefined) endAll(look)
  else if (look.definition.rules?.merges === true && !isWide(gate.name)) {
    fold(look, look.definition.rules)
    letFrontThrough(look, look.definition, look.definition.rules)
  } else letLineThrough(look, look.definition)
  if (isWide(gate.name)) wakeLine(look)
  finish(look)
  return { draft: look.draft, stop: look.stop, again: look.lookAgain }
}

function begin (facts: LookFacts): Look {
  const { gate, wide } = facts
  return {
    facts,
    definition: facts.lookups.processes.get(facts.processName),
    draft: createDraft(),
    value: gate.value ?? { v: 1 },
    comer: undefined,
    again: [...facts.again],
    arrivals: [...facts.arrivals],
    running: gate.running,
    wideRunning: wide?.running ?? 0,
    stop: [],
    times: [],
    hasPassed: false,
    lookAgain: false
  }
}

/** The job that waits may have been cancelled, or retried since: then what it stood for is kept with it. */
function keepWhoWaits (look: Look): void {
  const { value: { waiting }, facts: { waiting: comer }, draft } = look
  if (waiting === undefined) return
  const document = comer?.document
  if (comer !== undefined && document?.state === 'waiting' && document.round === waiting.round) {
    look.comer = comer
    return
  }
  look.value = { ...look.value, waiting: undefined }
  if (comer === undefined || document === undefined || document.removed === true) return
  const kept = { ...document, ...keptOf(waiting) }
  draft.put(jobDoc(comer.job.id), comer.rev, kept)
  look.again = look.again.map((one) => one.job.id === comer.job.id ? { ...one, document: kept } : one)
}

/** Room that its own jobs leave is for the first gates in the line: each is looked at, and takes it or makes way. */
function wakeLine ({ facts, draft, running, definition }: Look): void {
  const room = (definition?.rules?.concurrency ?? Infinity) - running
  for (const gate of facts.line.slice(0, Math.max(room, 0))) draft.wake(gate, `line~${facts.nonce}`, facts.now)
}

/** How long a gate where nobody waits remembers when it let one through, beyond what its rules ask for. */
const REMEMBER_MS = 60_000

/** When nothing needs to be remembered any more; undefined where that is so now. */
function rememberUntil ({ value: { passedAt, triggeredAt }, definition, facts: { now } }: Look): number | undefined {
  const rules = definition?.rules
  const longest = Math.max(rules?.quietMs ?? 0, rules?.throttleMs ?? 0)
  if (passedAt === undefined || longest === 0) return undefined
  const until = Math.max(passedAt, triggeredAt ?? 0) + longest + REMEMBER_MS
  return until > now ? until : undefined
}

function finish (look: Look): void {
  const { facts: { gate, processName, areMore, now }, draft } = look
  const someWait = look.value.waiting !== undefined || look.again.length > 0 || look.arrivals.length > 0 || areMore
  const forgetAt = rememberUntil(look)
  if (!someWait && forgetAt !== undefined) look.times.push(forgetAt)
  const isIdle = !someWait && forgetAt === undefined && look.value.inLine !== true
  const isAtRest = look.running === 0 && gate.upstream === 0 && !look.hasPassed
  const earliest = Math.min(...look.times)
  look.value = {
    ...look.value,
    at: earliest === Infinity ? undefined : Math.max(earliest, now + 1),
    listed: someWait ? true : undefined
  }
  if (isIdle && isAtRest && !isWide(gate.name)) return forget(look)
  if (!isWorthWriting(look)) return
  draft.put(gate.name, gate.rev, look.value)
  if (look.value.at !== gate.value?.at) {
    if (look.value.at === undefined) draft.leave(sets.due, dueMember(gate.name, AT))
    else draft.wake(gate.name, AT, look.value.at)
  }
  if (look.value.listed !== gate.value?.listed) {
    if (someWait) draft.enter(sets.gates, gate.name, 0)
    else draft.leave(sets.gates, gate.name)
  }
  if (look.value.inLine !== gate.value?.inLine && look.value.inLine === undefined) {
    draft.leave(sets.line(processName), gate.name)
  }
}

/** Whoever writes the document is judged by its revision: what stands in it is changed with it only. */
function isWorthWriting ({ value, hasPassed, facts: { gate: { value: before } } }: Look): boolean {
  if (hasPassed || value.waiting !== before?.waiting || value.triggeredAt !== before?.triggeredAt) return true
  return value.at !== before?.at || value.listed !== before?.listed || value.inLine !== before?.inLine
}

/** The gate is empty: nothing is kept of it. */
function forget ({ facts: { gate, processName }, draft }: Look): void {
  if (!gate.isKnown) return
  draft.remove(gate.name, gate.rev)
  draft.expectZero(gate.name, 'running')
  draft.expectZero(gate.name, 'upstream')
  if (gate.value?.at !== undefined) draft.leave(sets.due, dueMember(gate.name, AT))
  if (gate.value?.listed !== undefined) draft.leave(sets.gates, gate.name)
  if (gate.value?.inLine !== undefined) draft.leave(sets.line(processName), gate.name)
}
