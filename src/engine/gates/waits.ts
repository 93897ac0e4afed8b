import type { Waiting } from '../documents/gate.ts'
import type { Rules } from '../lookups/gate-rules.ts'
import { missingOf } from './legs.ts'

/**
 * What the trigger that waits at a gate waits for by the clock and by what has come; `until` where that ends by itself.
 */
export type Wait =
  | { kind: 'legs', missing: string[], until: number | undefined }
  | { kind: 'quiet', until: number }
  | { kind: 'throttle', until: number }

export function waitOf (
  waiting: Waiting,
  passedAt: number | undefined,
  { quietMs, maxDelayMs, throttleMs, edge, waitFor }: Rules,
  now: number
): Wait | undefined {
  const missing = missingOf(waiting, waitFor)
  if (missing.length > 0 && !isOver(waiting, waitFor?.withinMs, now)) {
    return { kind: 'legs', missing, until: endOf(waiting, waitFor?.withinMs) }
  }
  const isFirst = waiting.count === 0 && (passedAt === undefined || waiting.firstAt - passedAt >= quietMs)
  const runsAtOnce = edge === 'leading' || (edge === 'both' && isFirst)
  const quietAt = runsAtOnce ? 0 : Math.min(waiting.latestAt + quietMs, waiting.firstAt + maxDelayMs)
  if (now < quietAt) return { kind: 'quiet', until: quietAt }
  const throttledUntil = (passedAt ?? -Infinity) + throttleMs
  if (now < throttledUntil) return { kind: 'throttle', until: throttledUntil }
  return undefined
}

export const isOver = ({ firstAt }: Pick<Waiting, 'firstAt'>, withinMs: number | undefined, now: number): boolean =>
  withinMs !== undefined && now - firstAt >= withinMs
export const endOf = ({ firstAt }: Pick<Waiting, 'firstAt'>, withinMs: number | undefined): number | undefined =>
  withinMs === undefined ? undefined : firstAt + withinMs

/** When what waits expires: so long after the last that came for it. */
export const expiryOf = (
  { firstAt, latestAt }: Pick<Waiting, 'firstAt' | 'latestAt'>,
  expiresMs: number | undefined
): number | undefined => expiresMs === undefined ? undefined : Math.max(firstAt, latestAt) + expiresMs

/** A process that jobs at a gate wait for, and when its last job failed. */
export type FailedUpstream = { process: string, at: number }

/** Those that have failed since the trigger waits: what failed before it came is not its business. */
export const failedSince = ({ firstAt }: Pick<Waiting, 'firstAt'>, failed: readonly FailedUpstream[]): string[] =>
  failed.filter(({ at }) => at >= firstAt).map((one) => one.process)
