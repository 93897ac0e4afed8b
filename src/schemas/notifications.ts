import { Type, type Static } from 'typebox'

const instant = (description: string) => Type.String({ format: 'date-time', description })
const oneOf = <const W extends string[]>(words: W, description: string) => Type.Unsafe<W[number]>({ ...Type.Union(words.map((word) => Type.Literal(word))), description })
const closed = { additionalProperties: false }

/** A notice that was given up. */
export const NotificationSchema = Type.Object({
  id: Type.String({ description: 'Also the `webhook-id` and the Message-ID under which it is sent' }),
  kind: oneOf(['mail', 'slack', 'webhook'], 'How it is sent'),
  block: Type.String({ description: 'The block that says where to' }),
  about: oneOf(['job', 'event'], 'What has ended'),
  of: Type.String({ description: 'The id of the job or event' }),
  event: Type.String({ description: 'For GET /events/{id}' }),
  status: oneOf(['complete', 'failed', 'cancelled'], 'How it ended'),
  attempts: Type.Integer({ description: 'Tries that have failed' }),
  reason: Type.String({ description: 'Why the last one did' }),
  created: instant('When it was to be sent'),
  given_up: instant('When its last try failed')
}, { $id: 'Notification', ...closed })
export type NotificationView = Static<typeof NotificationSchema>

export const NotificationListSchema = Type.Object({
  waiting: Type.Integer({ description: 'To be sent now' }),
  delayed: Type.Integer({ description: 'To be tried again later' }),
  sent: Type.Integer({ description: 'Within the retention' }),
  failed: Type.Integer({ description: 'Given up within the retention' }),
  items: Type.Array(Type.Ref('Notification')),
  next: Type.Null({ description: 'There is one page' })
}, { $id: 'NotificationList', ...closed })
export type NotificationList = Omit<Static<typeof NotificationListSchema>, 'items'> & { items: NotificationView[] }
