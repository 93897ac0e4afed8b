import { Type, type Static } from 'typebox'
import { closed, instant, nullable, onePage, oneOf, refTo } from './parts.ts'

const KINDS = ['mail', 'slack', 'webhook', 'database'] as const

/** Whether somebody was told of an end. */
export const NoticeStateSchema = Type.Object({
  id: Type.String(),
  kind: oneOf(KINDS, { description: 'How it is sent' }),
  block: Type.String({ description: 'The block that says where to' }),
  status: oneOf(['waiting', 'sent', 'failed'], { description: '`failed`: it was given up' }),
  attempts: Type.Integer({ description: 'Tries that were made' }),
  at: nullable(instant('When it was sent or given up')),
  reason: nullable(Type.String({ description: 'Why the last try failed' }))
}, { $id: 'NoticeState', ...closed })
export type NoticeState = Static<typeof NoticeStateSchema>

/** A notice that was given up. */
export const NotificationSchema = Type.Object({
  id: Type.String({ description: 'Also the `webhook-id` and the Message-ID under which it is sent' }),
  kind: oneOf(KINDS, { description: 'How it is sent' }),
  block: Type.String({ description: 'The block that says where to' }),
  about: oneOf(['job', 'event'], { description: 'What has ended' }),
  of: Type.String({ description: 'The id of the job or event' }),
  event: Type.String({ description: 'For GET /events/{id}' }),
  status: oneOf(['complete', 'failed', 'cancelled'], { description: 'How it ended' }),
  attempts: Type.Integer({ description: 'Tries that have failed' }),
  reason: Type.String({ description: 'Why the last one did' }),
  created: instant('When it was to be sent'),
  given_up: instant('When its last try failed')
}, { $id: 'Notification', ...closed })
export type NotificationView = Static<typeof NotificationSchema>

export const NotificationListSchema = Type.Object({
  waiting: Type.Integer({ description: 'To be sent now' }),
  delayed: Type.Integer({ description: 'To be tried again later' }),
  sent: Type.Integer({ description: 'Since the datastore is in use' }),
  failed: Type.Integer({ description: 'Given up within the retention' }),
  items: Type.Array(refTo<NotificationView>('Notification')),
  next: onePage
}, { $id: 'NotificationList', ...closed })
export type NotificationList = Static<typeof NotificationListSchema>

export const notificationSchemas = [NoticeStateSchema, NotificationSchema, NotificationListSchema]
