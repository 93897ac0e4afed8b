import type { Place } from './cursor.ts'

/** ZREVRANGEBYSCORE … WITHSCORES answers member, score, member, score, … */
export function toPlaces (found: string[]): Place[] {
  const places: Place[] = []
  for (let i = 0; i < found.length; i += 2) places.push({ id: found[i] as string, at: Number(found[i + 1]) })
  return places
}

/** The highest score that is asked for: that of the cursor, or the last millisecond before `until`. */
export function highest (from: Place | undefined, until: number | undefined): number | '+inf' {
  const bounds = [...(from === undefined ? [] : [from.at]), ...(until === undefined ? [] : [until - 1])]
  return bounds.length === 0 ? '+inf' : Math.min(...bounds)
}
