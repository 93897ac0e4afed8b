import { Type, type Static } from 'typebox'
import type { EventStatus } from './events.ts'
import { actsField, closed, instant, nullable, onePage, refTo } from './parts.ts'

const text = (description: string) => nullable(Type.String({ description }))

export const ScheduleSchema = Type.Object(
  {
    schedule: Type.String({ description: 'Its name: a key of schedule_lookup.json' }),
    type: Type.String({ description: 'The event type of its events' }),
    cron: text('The cron expression, where there is one'),
    every: text('The length of time between two ticks, where there is one'),
    timezone: Type.String(),
    subject: text('What its events are about'),
    source: Type.String({ description: 'Of its events: `GET /events?source=` is its history' }),
    paused: Type.Boolean({ description: 'A paused schedule makes no events' }),
    next: nullable(instant('The tick that comes, or that is late; null where it is paused')),
    next_ticks: Type.Array(instant('A tick that comes'), {
      maxItems: 5,
      description: 'The next five; none where it is paused'
    }),
    last: nullable(instant('The tick that made the latest event')),
    event: text('That event, for GET /events/{id}'),
    event_status: nullable(refTo<EventStatus>('EventStatus')),
    problem: text('Why the latest tick made none'),
    acts: actsField,
    description: text('For people')
  },
  { $id: 'Schedule', ...closed }
)
export type ScheduleView = Static<typeof ScheduleSchema>

export const ScheduleListSchema = Type.Object({
  items: Type.Array(refTo<ScheduleView>('Schedule')),
  next: onePage
}, { $id: 'ScheduleList', ...closed })

export const scheduleSchemas = [ScheduleSchema, ScheduleListSchema]
