import { Type, type Static } from 'typebox'

const nullable = (description: string, options = {}) => Type.Union([Type.String({ description, ...options }), Type.Null()])
const instant = { format: 'date-time' }

export const ScheduleSchema = Type.Object({
  schedule: Type.String({ description: 'Its name: a key of schedule_lookup.json' }),
  type: Type.String({ description: 'The event type of its events' }),
  cron: nullable('The cron expression, where there is one'),
  every: nullable('The length of time between two ticks, where there is one'),
  timezone: Type.String(),
  subject: nullable('What its events are about'),
  paused: Type.Boolean({ description: 'A paused schedule makes no events' }),
  next: nullable('The tick that comes, or that is late; null where it is paused', instant),
  last: nullable('The tick that made the latest event', instant),
  event: nullable('That event, for GET /events/{id}'),
  problem: nullable('Why the latest tick made none'),
  description: nullable('For people')
}, { $id: 'Schedule', additionalProperties: false })
export type ScheduleView = Static<typeof ScheduleSchema>

export const ScheduleListSchema = Type.Object({
  items: Type.Array(Type.Ref('Schedule')),
  next: Type.Null({ description: 'There is one page' })
}, { $id: 'ScheduleList', additionalProperties: false })
