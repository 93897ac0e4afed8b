import { readIngestionEvent, type Problem } from '../read-event.ts'
import { readRange } from './range.ts'

/** A special event brings its meeting along; anything else asks for a range. */
export const isSpecial = (params: Record<string, unknown>): boolean => 'body' in params || 'sessions' in params

/** What an event lacks that gather needs, beyond what a JSON Schema can say. */
export function checkGather (event: unknown): Problem[] {
  const { data } = event as { data?: unknown }
  if (data !== undefined && data !== null && (typeof data !== 'object' || Array.isArray(data))) return [{ field: 'data', message: 'must be object' }]
  const params = (data ?? {}) as Record<string, unknown>
  const { problems = [] } = isSpecial(params) ? readIngestionEvent(params, zoneOf(params)) : readRange(params, Date.now())
  return problems.map(({ field, message }) => ({ field: `data/${field}`, message }))
}

export const zoneOf = ({ timezone }: Record<string, unknown>): string => typeof timezone === 'string' ? timezone : 'UTC'
