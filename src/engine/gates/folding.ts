import { absorbedMember, jobDoc, sets } from '../documents/names.ts'
import type { Waiting } from '../documents/gate.ts'
import { documentOf, ending } from '../dispatch/ending.ts'
import type { Rules } from '../lookups/gate-rules.ts'
import { cancelledBecause } from '../record.ts'
import { drop, type Look } from './look-draft.ts'
import { comeWith, legsOf, type Come } from './legs.ts'
import { isHere, type Comer } from './look-facts.ts'

/** At a gate that merges: the first that comes waits, all others are absorbed by it. */
export function fold (look: Look, rules: Rules): void {
  if (look.value.waiting === undefined) takeRetried(look, rules)
  for (const comer of look.arrivals) arrive(look, comer, rules)
  look.arrivals = []
}

/** Who was retried is next, with all that it stood for. */
export function takeRetried (look: Look, rules: Rules | undefined): void {
  const comer = look.again.shift()
  if (comer === undefined) return
  drop(look, 'again', comer)
  if (!isHere(comer, 'again')) return takeRetried(look, rules)
  const { round, latest, latestAt, absorbed, last, lastAt } = documentOf(comer)
  const come = last === undefined ? comeAt(look, comer, rules, {}) : { last, lastAt }
  const waiting: Waiting = {
    job: comer.job.id,
    round,
    firstAt: comer.at,
    latest: latest ?? comer.key,
    latestAt: latestAt ?? comer.event.at,
    count: absorbed,
    ...come
  }
  look.value = { ...look.value, waiting }
  look.comer = comer
}

function arrive (look: Look, comer: Comer, rules: Rules): void {
  const { facts: { now, notices, running }, draft, value: { waiting, passed, triggeredAt } } = look
  drop(look, 'arrivals', comer)
  if (!isHere(comer, 'arrivals')) return
  if (waiting === undefined && rules.onCollision === 'cancel_new' && look.running > 0) {
    return ending(
      draft,
      comer,
      { state: 'cancelled', reason: cancelledBecause(`job ${running[0] ?? ''} runs already`) },
      now,
      notices
    )
  }
  // The quiet time after the leading edge: whoever comes within it runs nothing.
  const isWithinQuiet = triggeredAt !== undefined && comer.at - triggeredAt < rules.quietMs
  if (rules.edge === 'leading') look.value = { ...look.value, triggeredAt: Math.max(triggeredAt ?? 0, comer.at) }
  if (waiting !== undefined) return absorb(look, comer, waiting, rules)
  if (rules.edge === 'leading' && passed !== undefined && isWithinQuiet) return endAbsorbed(look, comer, passed)
  const first: Waiting = {
    job: comer.job.id,
    round: 0,
    firstAt: comer.at,
    latest: comer.key,
    latestAt: comer.at,
    count: 0,
    ...comeAt(look, comer, rules, {})
  }
  const document = { ...documentOf(comer), state: 'waiting' as const, at: now }
  draft.put(jobDoc(comer.job.id), comer.rev, document)
  look.value = { ...look.value, waiting: first }
  look.comer = { ...comer, document }
}

function absorb (look: Look, comer: Comer, waiting: Waiting, rules: Rules): void {
  // It must still wait when this is written.
  if (look.comer !== undefined) look.draft.expect(jobDoc(waiting.job), look.comer.rev)
  const isLater = comer.at > waiting.latestAt || (comer.at === waiting.latestAt && comer.key > waiting.latest)
  const latest = isLater ? { latest: comer.key, latestAt: comer.at } : {}
  look.value = {
    ...look.value,
    waiting: { ...waiting, ...latest, count: waiting.count + 1, ...comeAt(look, comer, rules, waiting) }
  }
  endAbsorbed(look, comer, waiting.job)
}

function endAbsorbed ({ facts: { now, notices }, draft }: Look, comer: Comer, by: string): void {
  ending(draft, comer, { state: 'absorbed', by }, now, notices)
  draft.enter(sets.absorbed(by), absorbedMember(comer.job.id, comer.event.event.type), comer.at)
}

/** What has come, this one with it. */
function comeAt (
  { facts: { lookups } }: Look,
  { key, event, job }: Comer,
  rules: Rules | undefined,
  { last, lastAt }: Come
): Come {
  if (rules?.waitFor === undefined) return { last, lastAt }
  return comeWith({ last, lastAt }, legsOf(event, job, rules.waitFor.legs, lookups), key, event.at)
}
