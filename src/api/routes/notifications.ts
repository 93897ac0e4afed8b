import type { FastifyPluginAsync } from 'fastify'
import { Type } from 'typebox'
import { IdSchema } from '../../schemas/schemas.ts'
import type { ApiDependencies, App } from '../app.ts'
import { responses } from '../responses.ts'

const closed = { additionalProperties: false }

export const notificationRoutes: FastifyPluginAsync<ApiDependencies> = async (instance, { notifications }) => {
  const app = instance as App

  app.get('/notifications', {
    schema: {
      operationId: 'listNotifications',
      tags: ['notifications'],
      summary: 'How many notices wait, and which were given up, the last first',
      querystring: Type.Object({ limit: Type.Integer({ minimum: 1, maximum: 1000, default: 50 }) }, closed),
      response: responses({ 200: Type.Ref('NotificationList') }, 400)
    }
  }, async (request) => await notifications.list(request.query.limit ?? 50))

  app.post('/notifications/:id/retry', {
    schema: {
      operationId: 'retryNotification',
      tags: ['notifications'],
      summary: 'Send a notice that was given up, with all its tries anew',
      params: Type.Object({ id: IdSchema }, closed),
      response: responses({ 202: Type.Ref('Notification') }, 400, 404, 409)
    }
  }, async (request, reply) => await reply.code(202).send(await notifications.retry(request.params.id)))
}
