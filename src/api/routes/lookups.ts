import { Type } from 'typebox'
import type { Lookups } from '../../engine/lookups/lookups.ts'
import { listEntries } from '../../engine/lookups/matching.ts'
import { lookupSchemas, type EventTypes } from '../../schemas/lookups.ts'
import { NoteBody } from '../../schemas/parts.ts'
import type { Route } from '../dependencies.ts'
import { NameParams, readNote } from '../query.ts'
import { responses } from '../responses.ts'

const tags = ['lookups']

const EVENT_TYPES = {
  operationId: 'listEventTypes',
  tags,
  summary: 'event_lookup.json: which processes an event starts',
  response: responses({ 200: Type.Ref('EventTypes') })
}

const PROCESSES = {
  operationId: 'listProcesses',
  tags,
  summary: 'process_lookup.json: how and where processes run',
  response: responses({ 200: Type.Ref('Processes') })
}

const QUEUES = {
  operationId: 'listQueues',
  tags,
  summary: 'How many jobs each queue holds',
  response: responses({ 200: Type.Ref('Queues') })
}

const PAUSE_PROCESS = 'Begin no job of a process, whatever queue it shares; running ones go on'
const PAUSE_QUEUE = 'Let no worker take jobs from a queue; running ones go on'

/** Pausing and resuming answer with what was paused. */
const steer = (operationId: string, summary: string, answer: string) =>
  ({ operationId, tags, summary, params: NameParams, response: responses({ 200: Type.Ref(answer) }, 400, 404) })

/** A pause may say why. */
const pause = (operationId: string, summary: string, answer: string) =>
  ({ ...steer(operationId, summary, answer), body: Type.Optional(NoteBody) })

export const lookupRoutes: Route = {
  tag: { name: 'lookups', description: 'The event types, processes and queues of this service' },
  schemas: lookupSchemas,
  routes: async (app, { engine: { processes, queues, lookups } }) => {
    app.get('/event_types', { schema: EVENT_TYPES }, async () => eventTypesOf(lookups()))

    app.get('/processes', { schema: PROCESSES }, async () => await processes.list())

    app.post(
      '/processes/:name/pause',
      { schema: pause('pauseProcess', PAUSE_PROCESS, 'Process') },
      async ({ params, body, caller }) => await processes.pause(params.name, caller.name, readNote(body))
    )

    app.post('/processes/:name/resume', {
      schema: steer('resumeProcess', 'Begin jobs of a process again', 'Process')
    }, async ({ params, caller }) => await processes.resume(params.name, caller.name))

    app.get('/queues', { schema: QUEUES }, async () => ({ items: await queues.list() }))

    app.post(
      '/queues/:name/pause',
      { schema: pause('pauseQueue', PAUSE_QUEUE, 'Queue') },
      async ({ params, body, caller }) => await queues.pause(params.name, caller.name, readNote(body))
    )

    app.post('/queues/:name/resume', {
      schema: steer('resumeQueue', 'Let workers take jobs from a queue again', 'Queue')
    }, async ({ params, caller }) => await queues.resume(params.name, caller.name))
  }
}

function eventTypesOf (lookups: Lookups): EventTypes {
  const items = listEntries(lookups).map((entry) => ({
    type: entry.type,
    match: 'match' in entry ? entry.match : null,
    processes: entry.processes,
    notify: entry.notifyEntry ?? [],
    description: entry.description ?? null,
    example: entry.example ?? null
  }))
  return { lookups: lookups.hash, items }
}
