import { Type, type Static } from 'typebox'

const nullable = (description: string, options = {}) => Type.Union([Type.String({ description, ...options }), Type.Null()])
const instant = { format: 'date-time' }
const closed = { additionalProperties: false }
const datetime = (description: string) => Type.String({ minLength: 4, maxLength: 64, description })

export const BackfillRequestSchema = Type.Object({
  type: Type.String({ minLength: 1, maxLength: 256, description: 'The event type: a key of event_lookup.json' }),
  begin: datetime('Where the range begins: an ISO 8601 date or time; UTC where it has no offset'),
  end: datetime('Where it ends; itself not within'),
  every: Type.String({ pattern: '^[1-9][0-9]{0,8}(s|m|h|d|w)$', description: 'Length of a window: a whole number and s, m, h, d (24 hours) or w (7 days)' }),
  subject: Type.Optional(Type.String({ minLength: 1, maxLength: 256, description: 'What the events are about' })),
  source: Type.Optional(Type.String({ minLength: 1, maxLength: 256, description: 'Source of the events; /backfills/{id} by default' })),
  data: Type.Optional(Type.Object({}, { additionalProperties: true, description: 'Data of the events, which also get `begin` and `end` of their window' })),
  concurrency: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 4, description: 'Windows that run at once' })),
  id: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$', description: 'Of your choosing, so that the same body again is known as such' }))
}, { $id: 'BackfillRequest', additionalProperties: false, description: 'A range of time, and the events for its windows' })
export type BackfillRequest = Static<typeof BackfillRequestSchema>

export const BACKFILL_STATUSES = ['running', 'complete', 'failed', 'cancelled'] as const
export type BackfillStatus = typeof BACKFILL_STATUSES[number]

export const BackfillSchema = Type.Object({
  id: Type.String(),
  type: Type.String(),
  subject: nullable('What the events are about'),
  begin: Type.String(instant),
  end: Type.String({ ...instant, description: 'Itself not within' }),
  every: Type.String(),
  concurrency: Type.Integer(),
  status: Type.Union(BACKFILL_STATUSES.map((word) => Type.Literal(word)), { description: '`failed` when all windows have ended and one of them failed' }),
  windows: Type.Object({ total: Type.Integer(), complete: Type.Integer(), failed: Type.Integer(), running: Type.Integer(), waiting: Type.Integer() }, closed),
  failed: Type.Optional(Type.Array(Type.Object({
    begin: Type.String(instant),
    end: Type.String(instant),
    event: Type.String({ description: 'For GET /events/{id}' }),
    reason: Type.String()
  }, closed), { description: 'The windows that failed, at most 1000' })),
  created: Type.String(instant),
  ended: nullable('When its last window ended', instant),
  tries: Type.Integer({ minimum: 1, description: 'One more than it was retried' })
}, { $id: 'Backfill', additionalProperties: false })
export type BackfillView = Omit<Static<typeof BackfillSchema>, 'status'> & { status: BackfillStatus }

export const BackfillListSchema = Type.Object({
  items: Type.Array(Type.Ref('Backfill')),
  next: Type.Union([Type.String({ description: 'The cursor of the next page' }), Type.Null()])
}, { $id: 'BackfillList', additionalProperties: false })
