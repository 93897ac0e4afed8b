import type { DispatchEvent } from '../../base/event.ts'

export type Json = null | boolean | number | string | Json[] | Map<string, Json>

/** An event as clauses look at it. What costs is made once, when the first clause asks. */
export interface Facts {
  event: DispatchEvent
  /** Objects as maps, so that no name in them means anything to a library; and how many values there are in all. */
  json: () => { event: Map<string, Json>, values: number }
}

export function createFacts (event: DispatchEvent): Facts {
  let made: ReturnType<Facts['json']> | undefined | undefined
  return { event, json: () => (made ??= convert(event)) }
}

function convert (event: DispatchEvent): ReturnType<Facts['json']> {
  let values = 0
  const toJson = (value: unknown): Json => {
    values++
    if (Array.isArray(value)) return value.map(toJson)
    if (typeof value === 'object' && value !== null) return toMap(value)
    return value as Json
  }
  const toMap = (value: object): Map<string, Json> =>
    new Map(Object.entries(value).map(([field, child]) => [field, toJson(child)]))
  const map = toMap(event)
  return { event: map, values }
}
