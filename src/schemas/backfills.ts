import { Type, type Static } from 'typebox'
import { actsField, closed, listOf, nameText, nullable, oneOf } from './parts.ts'

const instant = { format: 'date-time' }
const edge = (description: string) => Type.String({ minLength: 4, maxLength: 64, description })

export const BackfillRequestSchema = Type.Object({
  type: nameText('The event type: a key of event_lookup.json'),
  begin: edge('Where the range begins: an ISO 8601 date or time; UTC where it has no offset'),
  end: edge('Where it ends; itself not within'),
  every: Type.String({
    pattern: '^[1-9][0-9]{0,8}(s|m|h|d|w)$',
    description: 'Length of a window: a whole number and s, m, h, d (24 hours) or w (7 days)'
  }),
  subject: Type.Optional(nameText('What the events are about')),
  source: Type.Optional(nameText('Source of the events; /backfills/{id} by default')),
  data: Type.Optional(Type.Object({}, {
    additionalProperties: true,
    description: 'Data of the events, which also get `begin` and `end` of their window'
  })),
  concurrency: Type.Optional(Type.Integer({
    minimum: 1,
    maximum: 1000,
    default: 4,
    description: 'Windows that run at once'
  })),
  id: Type.Optional(Type.String({
    pattern: '^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$',
    description: 'Of your choosing, so that the same body again is known as such'
  }))
}, { $id: 'BackfillRequest', ...closed, description: 'A range of time, and the events for its windows' })
export type BackfillRequest = Static<typeof BackfillRequestSchema>

export const BACKFILL_STATUSES = ['running', 'paused', 'complete', 'failed', 'cancelled'] as const
export type BackfillStatus = typeof BACKFILL_STATUSES[number]

const WindowsSchema = Type.Object({
  total: Type.Integer(),
  complete: Type.Integer(),
  failed: Type.Integer(),
  running: Type.Integer(),
  waiting: Type.Integer()
}, closed)

const WindowSchema = Type.Object({ begin: Type.String(instant), end: Type.String(instant) }, closed)

const FailedWindowSchema = Type.Object({
  begin: Type.String(instant),
  end: Type.String(instant),
  event: Type.String({ description: 'For GET /events/{id}' }),
  reason: Type.String()
}, closed)

export const BackfillSchema = Type.Object({
  id: Type.String(),
  type: Type.String(),
  subject: nullable(Type.String({ description: 'What the events are about' })),
  begin: Type.String(instant),
  end: Type.String({ ...instant, description: 'Itself not within' }),
  every: Type.String(),
  concurrency: Type.Integer(),
  status: oneOf(BACKFILL_STATUSES, { description: '`failed` when all windows have ended and one of them failed' }),
  windows: WindowsSchema,
  marks: Type.Optional(Type.String({
    description:
      'All windows in their order: w waiting, r running, c complete, f failed, each after the number of those ' +
      'alike: `12c1f3r`'
  })),
  failed: Type.Optional(Type.Array(FailedWindowSchema, { description: 'The windows that failed, at most 1000' })),
  created: Type.String(instant),
  ended: nullable(Type.String({ ...instant, description: 'When its last window ended' })),
  tries: Type.Integer({ minimum: 1, description: 'One more than it was retried' }),
  acts: actsField
}, { $id: 'Backfill', ...closed })
export type BackfillView = Static<typeof BackfillSchema>

export const WINDOW_STATUSES = ['waiting', 'running', 'complete', 'failed'] as const
export type WindowStatus = typeof WINDOW_STATUSES[number]

export const BackfillWindowSchema = Type.Object({
  index: Type.Integer({ minimum: 0 }),
  begin: Type.String(instant),
  end: Type.String({ ...instant, description: 'Itself not within' }),
  status: oneOf(WINDOW_STATUSES),
  event: nullable(Type.String({ description: 'Of its latest try, for GET /events/{id}' })),
  tries: Type.Integer({ minimum: 0, description: 'How often it was submitted' }),
  reason: nullable(Type.String({ description: 'Why it failed' }))
}, { $id: 'BackfillWindow', ...closed })
export type BackfillWindow = Static<typeof BackfillWindowSchema>

export const BackfillWindowListSchema = listOf<BackfillWindow>('BackfillWindow', 'BackfillWindowList')

export const BackfillPlanSchema = Type.Object({
  dry_run: Type.Literal(true),
  type: Type.String(),
  windows: Type.Integer({ description: 'How many events it would submit' }),
  first: WindowSchema,
  last: WindowSchema,
  concurrency: Type.Integer(),
  known: Type.Boolean({ description: 'Whether a backfill with this id is there already' }),
  processes: Type.Array(Type.String(), { description: 'What each event would start' })
}, { $id: 'BackfillPlan', ...closed, description: 'What a backfill would do' })
export type BackfillPlan = Static<typeof BackfillPlanSchema>

export const BackfillRoomSchema = Type.Object({
  concurrency: Type.Integer({ minimum: 1, maximum: 1000, description: 'Windows that run at once' })
}, { $id: 'BackfillRoom', ...closed })
export type BackfillRoom = Static<typeof BackfillRoomSchema>

export const BackfillListSchema = listOf<BackfillView>('Backfill', 'BackfillList')

export const backfillSchemas = [
  BackfillRequestSchema, BackfillSchema, BackfillListSchema, BackfillWindowSchema, BackfillWindowListSchema,
  BackfillPlanSchema, BackfillRoomSchema
]
