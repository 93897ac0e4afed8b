import { ending, type End } from '../dispatch/ending.ts'
import { drop, keptOf, type Look } from './look-draft.ts'
import { isHere } from './look-facts.ts'

/** The process is gone from the lookups: nobody waits for it in vain. */
export function endAll (look: Look): void {
  const { facts: { processName, now, notices, areMore }, draft } = look
  const end: End = { state: 'failed', reason: `process ${processName} is no longer in process_lookup.json` }
  endWaiting(look, end)
  for (const list of ['again', 'arrivals'] as const) {
    for (const comer of look[list]) {
      drop(look, list, comer)
      if (isHere(comer, list)) ending(draft, comer, end, now, notices)
    }
    look[list] = []
  }
  look.lookAgain = areMore
  look.value = { ...look.value, inLine: undefined }
}

/** Who waits ends at the gate, and keeps what it stood for: a retry does it then. */
export function endWaiting (look: Look, end: End): void {
  const { facts: { now, notices }, draft, comer, value: { waiting } } = look
  if (comer !== undefined && waiting !== undefined) ending(draft, comer, { ...end, ...keptOf(waiting) }, now, notices)
  look.value = { ...look.value, waiting: undefined }
  look.comer = undefined
}
