import type { Rules } from '../lookups/gate-rules.ts'

/** An event that asks for a run. `event` is its key; the job is named after it. */
export type Trigger = {
  event: string
  type: string
  /** When it was accepted. */
  at: number
}

/** The trigger whose job waits, and those that it has absorbed. */
export type Waiting = { first: Trigger, latest: Trigger, absorbed: Trigger[] }

/** One that was let through; `round` counts its retries. */
export type Passed = { event: string, queue: string, round: number, latest: string, absorbed: Trigger[] }

/** One that waits for room, at most so many: the others come later. */
export type InLine = { event: string, at: number }

/** What is known at the gate of one process and one key. Kept as a note, changed by compare-and-set. */
export type Gate = {
  waiting?: Waiting
  /** Let through, and not known to have ended. */
  running: Passed[]
  line: InLine[]
  /** When a run was last let through, and its event. */
  passedAt?: number
  passed?: string
  /** When the last trigger came. */
  triggeredAt?: number
}

/** Triggers that one job absorbs at most; the next waits, and asks for a run of its own. */
export const MAX_ABSORBED = 5000
const MAX_LINE = 100

/** What a trigger that waits is told: nothing to wait for, or what, and until when at most. */
export type Wait = { for: string, until?: number } | undefined

export const emptyGate = (): Gate => ({ running: [], line: [] })

/**
 * A trigger comes to a gate that merges: it is the one that waits, or is absorbed by another. Answers the gate as it then
 * is and, where it was absorbed, by the job of which event.
 */
export function arrive (gate: Gate, trigger: Trigger, { edge, quietMs }: Rules): { gate: Gate, absorbedBy?: string } | undefined {
  const { waiting, triggeredAt, passed } = gate
  if (waiting?.first.event === trigger.event) return { gate }
  const noted: Gate = { ...gate, triggeredAt: Math.max(triggeredAt ?? 0, trigger.at) }
  if (waiting !== undefined) {
    if (waiting.absorbed.length >= MAX_ABSORBED) return undefined
    const latest = isLater(trigger, waiting.latest) ? trigger : waiting.latest
    return { gate: { ...noted, waiting: { ...waiting, latest, absorbed: [...waiting.absorbed, trigger] } }, absorbedBy: waiting.first.event }
  }
  // The quiet time after the leading edge: whoever comes within it runs nothing.
  if (edge === 'leading' && passed !== undefined && triggeredAt !== undefined && trigger.at - triggeredAt < quietMs) return { gate: noted, absorbedBy: passed }
  return { gate: { ...noted, waiting: { first: trigger, latest: trigger, absorbed: [] } } }
}

const isLater = (a: Trigger, b: Trigger): boolean => a.at > b.at || (a.at === b.at && a.event > b.event)

/** What the waiting trigger of a gate waits for by the clock and by what has come; undefined where by nothing. */
export function waitOf (gate: Gate, { quietMs, maxDelayMs, throttleMs, edge, waitFor }: Rules, now: number): Wait {
  const { waiting, passedAt } = gate
  if (waiting === undefined) return undefined
  const missing = missingOf(waiting, waitFor?.all ?? [])
  if (missing.length > 0 && !isOver(waiting, waitFor?.withinMs, now)) return { for: `an event of ${missing.join(' and of ')}`, ...untilOver(waiting, waitFor?.withinMs) }
  const isFirst = waiting.absorbed.length === 0 && (passedAt === undefined || waiting.first.at - passedAt >= quietMs)
  const quietAt = edge === 'leading' || (edge === 'both' && isFirst) ? 0 : Math.min(waiting.latest.at + quietMs, waiting.first.at + maxDelayMs)
  if (now < quietAt) return { for: `quiet until ${new Date(quietAt).toISOString()}`, until: quietAt }
  const throttledUntil = (passedAt ?? -Infinity) + throttleMs
  if (now < throttledUntil) return { for: `its turn at ${new Date(throttledUntil).toISOString()}: it ran less than its throttle ago`, until: throttledUntil }
  return undefined
}

/** The event types of a join that have not come yet. */
export function missingOf ({ first, absorbed }: Waiting, all: string[]): string[] {
  const come = new Set([first, ...absorbed].map(({ type }) => type))
  return all.filter((type) => !come.has(type))
}

export const isOver = ({ first }: Waiting, withinMs: number | undefined, now: number): boolean => withinMs !== undefined && now - first.at >= withinMs
export const untilOver = ({ first }: Waiting, withinMs: number | undefined): { until?: number } => withinMs === undefined ? {} : { until: first.at + withinMs }

/** The waiting trigger goes through: its job runs with the latest event and the list of all that it absorbed. */
export function pass (gate: Gate, { first, latest, absorbed }: Waiting, queue: string, now: number): Gate {
  const { waiting: _waiting, ...rest } = gate
  return { ...rest, running: [...gate.running, { event: first.event, queue, round: 0, latest: latest.event, absorbed }], passedAt: now, passed: first.event }
}

/**
 * A place in a line for so many at once: the oldest first. Answers the gate as it then is and, where there is no room,
 * how many are ahead.
 */
export function enter (gate: Gate, one: Passed & { at: number }, room: number): { gate: Gate, ahead: number } {
  const { at, ...passed } = one
  if (gate.running.some(({ event, round }) => event === one.event && round === one.round)) return { gate, ahead: 0 }
  const others = gate.line.filter(({ event }) => event !== one.event)
  const before = others.filter((other) => other.at < at || (other.at === at && other.event < one.event))
  const free = room - gate.running.length
  if (before.length < free) return { gate: { ...gate, line: others, running: [...gate.running, passed] }, ahead: 0 }
  const line = [...others, { event: one.event, at }].sort((a, b) => a.at - b.at || (a.event < b.event ? -1 : 1)).slice(0, MAX_LINE)
  return { gate: { ...gate, line }, ahead: gate.running.length + before.length - room + 1 }
}

/** Whether nothing needs to be remembered of it. */
export const isIdle = ({ waiting, running, line }: Gate): boolean => waiting === undefined && running.length === 0 && line.length === 0
