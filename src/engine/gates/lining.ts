import { formatDuration } from '../../base/duration.ts'
import { isWide } from '../documents/names.ts'
import { documentOf, ending, type End } from '../dispatch/ending.ts'
import type { Definition } from '../lookups/lookups.ts'
import { cancelledBecause } from '../record.ts'
import { endWaiting } from './closing.ts'
import { drop, keptOf, type Look } from './look-draft.ts'
import { leaveLine, roomInAll } from './limit.ts'
import { isHere, type Comer } from './look-facts.ts'
import { letThrough } from './passing.ts'
import { expiryOf } from './waits.ts'

/**
 * At a gate that merges nothing: first come, first through, as far as there is room. Who has waited for a merged run by
 * other rules is first, then who was retried.
 */
export function letLineThrough (look: Look, definition: Definition): void {
  const { facts } = look
  dropGone(look)
  expire(look, definition)
  if (facts.isPaused) return leaveLine(look)
  for (let first = firstAt(look); first !== undefined; first = firstAt(look)) {
    if (roomAtGate(look, definition) <= 0) {
      leaveLine(look)
      return collide(look, definition)
    }
    if (roomInAll(look, first) <= 0) return
    letNextThrough(look, definition)
  }
  look.lookAgain = facts.areMore
  // Who has taken room has had his turn; who found no use for it makes way.
  if (look.hasPassed) look.value = { ...look.value, inLine: undefined }
  else leaveLine(look)
}

function dropGone (look: Look): void {
  const stay = (list: 'again' | 'arrivals') => (comer: Comer): boolean => {
    if (!isHere(comer, list)) drop(look, list, comer)
    return isHere(comer, list)
  }
  look.again = look.again.filter(stay('again'))
  look.arrivals = look.arrivals.filter(stay('arrivals'))
}

/** The head of the line has waited longest: what expires is found there. */
function expire (look: Look, { expiresMs }: Definition): void {
  const { facts: { now, notices }, draft, value: { waiting } } = look
  if (expiresMs === undefined) return
  const end: End = {
    state: 'cancelled',
    reason: cancelledBecause(`it waited longer than ${formatDuration(expiresMs)}`)
  }
  const expiry = waiting === undefined ? undefined : expiryOf(waiting, expiresMs)
  if (expiry !== undefined && expiry <= now) endWaiting(look, end)
  else if (expiry !== undefined) look.times.push(expiry)
  for (let [first] = look.arrivals; first !== undefined && first.at + expiresMs <= now; [first] = look.arrivals) {
    look.arrivals.shift()
    drop(look, 'arrivals', first)
    ending(draft, first, end, now, notices)
  }
  const [next] = look.arrivals
  if (next !== undefined) look.times.push(next.at + expiresMs)
}

/** Since when the first in the line waits. */
const firstAt = ({ value: { waiting }, again: [retried], arrivals: [arrival] }: Look): number | undefined =>
  waiting?.firstAt ?? retried?.at ?? arrival?.at

function roomAtGate ({ facts: { gate }, running }: Look, { rules }: Definition): number {
  const most = isWide(gate.name) ? rules?.concurrency : rules?.perKey
  return (most ?? Infinity) - running
}

function letNextThrough (look: Look, definition: Definition): void {
  const { value: { waiting }, comer } = look
  if (waiting !== undefined && comer !== undefined) {
    letThrough(look, comer, definition, keptOf(waiting))
    look.value = { ...look.value, waiting: undefined }
    look.comer = undefined
    return
  }
  const list = look.again.length > 0 ? 'again' : 'arrivals'
  const next = look[list].shift()
  if (next === undefined) return
  const { latest, latestAt, absorbed, last, lastAt } = documentOf(next)
  drop(look, list, next)
  letThrough(look, next, definition, { latest, latestAt, absorbed, last, lastAt })
}

/** What becomes of those that find no room at their gate. */
function collide (look: Look, { rules }: Definition): void {
  const { facts: { gate, running, processName, now, notices, areMore }, draft, value: { passed } } = look
  if (rules?.onCollision === 'cancel_running') look.stop.push(...running.slice(0, 1))
  if (rules?.onCollision !== 'cancel_new') return
  const why = isWide(gate.name)
    ? `${look.running} jobs of ${processName} run already`
    : `job ${running[0] ?? passed ?? ''} runs already`
  for (const list of ['again', 'arrivals'] as const) {
    for (const comer of look[list]) {
      drop(look, list, comer)
      ending(draft, comer, { state: 'cancelled', reason: cancelledBecause(why) }, now, notices)
    }
    look[list] = []
  }
  look.lookAgain = areMore
}
