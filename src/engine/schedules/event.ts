import { readEvent, type KeyedEvent } from '../../base/event.ts'
import type { ScheduleEntry } from '../lookups/schedule-entry.ts'

/** All that an event needs travels with the tick: it may be taken by a process that has other lookups. */
export type TickData = Pick<ScheduleEntry, 'type' | 'subject' | 'source' | 'data' | 'paused'>

/**
 * The same tick is always the same event. A source of the entry's own may be shared, so that the id names the schedule.
 * `id`: of an event that no tick has made.
 */
export function toEvent (
  schedule: string,
  { type, subject, source, data = {} }: Omit<TickData, 'paused'>,
  time: string,
  id = time
): KeyedEvent {
  return readEvent({
    type,
    source: source ?? `/schedules/${schedule}`,
    id: source === undefined ? id : `${schedule}/${id}`,
    time,
    subject,
    data: { ...data, tick: time }
  })
}
