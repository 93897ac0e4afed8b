import { Type } from 'typebox'

const UNITS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000]
])

// Marked so that bundles of the client, which need no schema, go without typebox.
export const DurationSchema = /* @__PURE__ */ Type.String({
  pattern: '^[0-9]{1,9}(ms|s|m|h|d)$',
  description: 'A length of time: a whole number and ms, s, m, h or d, such as 90s or 6h'
})

/** Milliseconds of a duration that matches DurationSchema. */
export function toMilliseconds (duration: string): number {
  const [, amount = '', unit = ''] = /^(\d+)([a-z]+)$/.exec(duration) ?? []
  return Number(amount) * (UNITS.get(unit) ?? Number.NaN)
}

/** A length of time for people: the largest unit that gives a number of at least 1. */
export function formatDuration (ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`
  const minutes = Math.floor(ms / 60_000)
  return minutes < 60
    ? `${minutes} m ${Math.round(ms / 1000) % 60} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} m`
}
