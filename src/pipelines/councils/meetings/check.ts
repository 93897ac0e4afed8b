import { isZone } from '../../../base/zone.ts'
import { readIngestionEvent, type Problem } from '../model/read-event.ts'
import { readRange } from './range.ts'

/** A special event brings its meeting along; anything else asks for a range. */
export const isSpecial = (params: Record<string, unknown>): boolean => 'body' in params || 'sessions' in params

/** What an event lacks that gather needs, beyond what a JSON Schema can say. */
export function checkGather (event: unknown): Problem[] {
  const { data } = event as { data?: unknown }
  if (data !== undefined && data !== null && (typeof data !== 'object' || Array.isArray(data))) {
    return [{ field: 'data', message: 'must be object' }]
  }
  const params = (data ?? {}) as Record<string, unknown>
  const zone = zoneOf(params)
  if (!isZone(zone)) return [{ field: 'data/timezone', message: 'must be a zone such as America/Los_Angeles' }]
  const { problems = [] } = isSpecial(params) ? readIngestionEvent(params, zone) : readRange(params, Date.now())
  return problems.map(({ field, message }) => ({ field: `data/${field}`, message }))
}

export const zoneOf = ({ timezone = 'UTC' }: Record<string, unknown>): string => String(timezone)
