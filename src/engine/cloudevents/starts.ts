import type { DispatchEvent } from '../../base/event.ts'
import type { EventsConfig } from './events-config.ts'

/**
 * The processes that a CloudEvent starts by the mapping: those whose source and type both are exactly the event's. An
 * event without `specversion` is no CloudEvent and starts none.
 */
export function startsOf (event: DispatchEvent, config: EventsConfig): Array<{ process: string, reason: string }> {
  if (event['specversion'] === undefined) return []
  return config.filter(({ source, type }) => source === event.source && type === event.type).map(({ process }) => ({
    process,
    reason: `SIGNALBOX_EVENTS_CONFIG starts ${process} for ${event.type} of ${event.source}`
  }))
}
