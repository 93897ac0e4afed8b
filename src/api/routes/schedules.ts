import { Type } from 'typebox'
import { NoteBody } from '../../schemas/parts.ts'
import { scheduleSchemas } from '../../schemas/schedules.ts'
import type { Route } from '../dependencies.ts'
import { NameParams, readNote } from '../query.ts'
import { responses } from '../responses.ts'

const LIST = {
  operationId: 'listSchedules',
  tags: ['schedules'],
  summary: 'schedule_lookup.json: when events are made, and when the next one is',
  response: responses({ 200: Type.Ref('ScheduleList') })
}

const steer = (operationId: string, summary: string) => ({
  operationId,
  tags: ['schedules'],
  summary,
  description:
    'For all processes and until the other is asked for, whatever starts again; it stands over `paused` of the lookup.',
  params: NameParams,
  response: responses({ 200: Type.Ref('Schedule') }, 400, 404)
})

const RUN = {
  operationId: 'runSchedule',
  tags: ['schedules'],
  summary: 'Make an event of a schedule now, as if it had ticked',
  description: 'Also where it is paused; its ticks stay as they are. The event is told in `location`.',
  params: NameParams,
  response: responses({ 202: Type.Ref('Submission') }, 400, 404)
}

export const scheduleRoutes: Route = {
  tag: { name: 'schedules', description: 'Events that the clock makes' },
  schemas: scheduleSchemas,
  routes: async (app, { engine: { schedules } }) => {
    app.get('/schedules', { schema: LIST }, async () => await schedules.list())

    app.post('/schedules/:name/pause', {
      schema: { ...steer('pauseSchedule', 'Let a schedule make no events'), body: Type.Optional(NoteBody) }
    }, async ({ params, body, caller }) => await schedules.pause(params.name, caller.name, readNote(body)))

    app.post('/schedules/:name/run', { schema: RUN }, async ({ params, caller }, reply) => {
      const { key, jobs } = await schedules.run(params.name, caller.submitter)
      return await reply.code(202).header('location', `/events/${key}`).send(jobs)
    })

    app.post('/schedules/:name/resume', {
      schema: steer('resumeSchedule', 'Let a schedule make events again, from its next tick on')
    }, async ({ params, caller }) => await schedules.resume(params.name, caller.name))
  }
}
