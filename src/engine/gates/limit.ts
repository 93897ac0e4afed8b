import { sets } from '../documents/names.ts'
import type { Look } from './look-draft.ts'

/**
 * How many the limit over all keys of the process lets through here. The gates in its line go
 * first; where nothing is left, this one stands in it. `at`: since when its first job waits.
 */
export function roomInAll (look: Look, at: number): number {
  const { definition, facts: { wide, gate, processName, line, nonce, now }, draft } = look
  const most = definition?.rules?.concurrency
  if (most === undefined || wide === undefined) return Infinity
  const free = most - look.wideRunning
  const ahead = line.includes(gate.name) ? line.indexOf(gate.name) : line.length
  if (free > ahead) return free - ahead
  // Who is ahead may have no use for the room by now, and what was taken may be free before this stands in the line.
  if (free > 0 || look.value.inLine === undefined) draft.wake(wide.name, `line~${nonce}`, now)
  if (look.value.inLine === undefined) draft.enter(sets.line(processName), gate.name, at)
  look.value = { ...look.value, inLine: true }
  return 0
}

/** It has no use for room now: the next in the line is looked at. */
export function leaveLine (look: Look): void {
  const { facts: { wide, nonce, now }, draft, value: { inLine } } = look
  if (inLine === undefined) return
  look.value = { ...look.value, inLine: undefined }
  if (wide !== undefined) draft.wake(wide.name, `line~${nonce}`, now)
}
