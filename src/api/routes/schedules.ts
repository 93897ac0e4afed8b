import type { FastifyPluginAsync } from 'fastify'
import { Type } from 'typebox'
import { IdSchema } from '../../schemas/schemas.ts'
import type { ApiDependencies, App } from '../app.ts'
import { responses } from '../responses.ts'

export const scheduleRoutes: FastifyPluginAsync<ApiDependencies> = async (instance, { schedules }) => {
  const app = instance as App
  const ScheduleParams = Type.Object({ name: IdSchema }, { additionalProperties: false })

  app.get('/schedules', {
    schema: { operationId: 'listSchedules', tags: ['schedules'], summary: 'schedule_lookup.json: when events are made, and when the next one is', response: responses({ 200: Type.Ref('ScheduleList') }) }
  }, async () => await schedules.list())

  for (const action of ['pause', 'resume'] as const) {
    app.post(`/schedules/:name/${action}`, {
      schema: {
        operationId: `${action}Schedule`,
        tags: ['schedules'],
        summary: action === 'pause' ? 'Let a schedule make no events' : 'Let a schedule make events again, from its next tick on',
        description: 'For all processes and until the other is asked for, whatever starts again; it stands over `paused` of the lookup.',
        params: ScheduleParams,
        response: responses({ 200: Type.Ref('Schedule') }, 400, 404)
      }
    }, async (request) => await schedules[action](request.params.name))
  }
}
