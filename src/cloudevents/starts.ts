import type { DispatchEvent } from '../event.ts'
import type { EventsConfig } from './events-config.ts'

/**
 * The processes that a CloudEvent starts by the mapping: those whose source and type both are exactly the event's. Each job
 * is given its own id and the event as one JSON string. An event without `specversion` is no CloudEvent and starts none.
 */
export function startsOf (event: DispatchEvent, config: EventsConfig): Array<{ process: string, reason: string, params: (jobId: string) => { id: string, event: string } }> {
  if (event['specversion'] === undefined) return []
  return config.filter(({ source, type }) => source === event.source && type === event.type).map(({ process }) => ({
    process,
    reason: `SIGNALBOX_EVENTS_CONFIG starts ${process} for ${event.type} of ${event.source}`,
    params: (jobId) => ({ id: jobId, event: JSON.stringify(event) })
  }))
}
