import { Type } from 'typebox'
import { notificationSchemas } from '../../schemas/notifications.ts'
import { closed } from '../../schemas/parts.ts'
import type { Route } from '../dependencies.ts'
import { IdParams } from '../query.ts'
import { responses } from '../responses.ts'

const LIST = {
  operationId: 'listNotifications',
  tags: ['notifications'],
  summary: 'How many notices wait, and which were given up, the last first',
  querystring: Type.Object({ limit: Type.Integer({ minimum: 1, maximum: 1000, default: 50 }) }, closed),
  response: responses({ 200: Type.Ref('NotificationList') }, 400)
}

const RETRY = {
  operationId: 'retryNotification',
  tags: ['notifications'],
  summary: 'Send a notice that was given up, with all its tries anew',
  params: IdParams,
  response: responses({ 202: Type.Ref('Notification') }, 400, 404, 409)
}

export const notificationRoutes: Route = {
  tag: { name: 'notifications', description: 'Who was told of an end, and who could not be' },
  schemas: notificationSchemas,
  routes: async (app, { engine: { notifications } }) => {
    app.get('/notifications', { schema: LIST }, async ({ query: { limit = 50 } }) => await notifications.list(limit))

    app.post('/notifications/:id/retry', { schema: RETRY }, async ({ params }, reply) =>
      await reply.code(202).send(await notifications.retry(params.id)))
  }
}
