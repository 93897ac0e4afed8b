import type { FastifyPluginAsync } from 'fastify'
import { Type } from 'typebox'
import { errors } from '../../base/errors.ts'
import { pausedProcesses, setPaused } from '../../engine/gates/pauses.ts'
import type { Definition } from '../../engine/lookups/lookups.ts'
import { maskSecrets } from '../../base/mask.ts'
import { listEntries } from '../../engine/lookups/matching.ts'
import { EVENTS_QUEUE } from '../../queues/contract.ts'
import { IdSchema } from '../../schemas/schemas.ts'
import type { ApiDependencies, App } from '../app.ts'
import { responses } from '../responses.ts'

export const lookupRoutes: FastifyPluginAsync<ApiDependencies> = async (instance, { lookupFiles, queues }) => {
  const app = instance as App
  const NameParams = Type.Object({ name: IdSchema }, { additionalProperties: false })

  app.get('/event_types', {
    schema: { operationId: 'listEventTypes', tags: ['lookups'], summary: 'event_lookup.json: which processes an event starts', response: responses({ 200: Type.Ref('EventTypes') }) }
  }, async () => {
    const lookups = lookupFiles.current()
    const items = listEntries(lookups).map((entry) => ({ type: entry.type, match: 'match' in entry ? entry.match : null, processes: entry.processes, notify: entry.notifyEntry ?? [], description: entry.description ?? null, example: entry.example ?? null }))
    return { lookups: lookups.hash, items }
  })

  app.get('/processes', {
    schema: { operationId: 'listProcesses', tags: ['lookups'], summary: 'process_lookup.json: how and where processes run', response: responses({ 200: Type.Ref('Processes') }) }
  }, async () => {
    const { hash, processes } = lookupFiles.current()
    const paused = new Set(await pausedProcesses(queues))
    return { lookups: hash, items: [...processes.values()].map((one) => toView(one, paused.has(one.name))) }
  })

  for (const action of ['pause', 'resume'] as const) {
    app.post(`/processes/:name/${action}`, {
      schema: {
        operationId: `${action}Process`,
        tags: ['lookups'],
        summary: action === 'pause' ? 'Begin no job of a process, whatever queue it shares; running ones go on' : 'Begin jobs of a process again',
        params: NameParams,
        response: responses({ 200: Type.Ref('Process') }, 400, 404)
      }
    }, async (request) => {
      const { processes } = lookupFiles.current()
      const definition = processes.get(request.params.name)
      if (definition === undefined) throw errors.unknownProcess(request.params.name)
      await setPaused(queues, definition.name, action === 'pause')
      // Where the queue is its own, its jobs need not even be taken to be put back.
      if ([...processes.values()].every(({ name, queue }) => queue !== definition.queue || name === definition.name)) await queues[action](definition.queue)
      return toView(definition, action === 'pause')
    })
  }

  /** The queues of the lookups and that of the event records, with the processes that use each. */
  function users (): Map<string, string[]> {
    const found = new Map<string, string[]>([[EVENTS_QUEUE, []]])
    for (const { name, queue } of lookupFiles.current().processes.values()) found.set(queue, [...found.get(queue) ?? [], name])
    return found
  }

  const describe = async (name: string, processes: string[]) => ({ queue: name, processes, ...await queues.counts(name) })

  app.get('/queues', {
    schema: { operationId: 'listQueues', tags: ['lookups'], summary: 'How many jobs each queue holds', response: responses({ 200: Type.Ref('Queues') }) }
  }, async () => ({ items: await Promise.all([...users()].map(([name, processes]) => describe(name, processes))) }))

  for (const action of ['pause', 'resume'] as const) {
    app.post(`/queues/:name/${action}`, {
      schema: {
        operationId: `${action}Queue`,
        tags: ['lookups'],
        summary: action === 'pause' ? 'Let no worker take jobs from a queue; running ones go on' : 'Let workers take jobs from a queue again',
        params: NameParams,
        response: responses({ 200: Type.Ref('Queue') }, 400, 404)
      }
    }, async (request) => {
      const { name } = request.params
      const processes = users().get(name)
      if (processes === undefined) throw errors.unknownQueue(name)
      await queues[action](name)
      return await describe(name, processes)
    })
  }
}

function toView (one: Definition, paused: boolean) {
  return {
    process: one.name,
    queue: one.queue,
    run: maskSecrets(one.run) as Record<string, unknown>,
    params: maskSecrets({ default: one.defaults, fixed: one.fixed, ...(one.schema === undefined ? {} : { schema: one.schema }) }) as Record<string, unknown>,
    attempts: one.attempts,
    timeout_ms: one.timeoutMs ?? null,
    priority: one.priority,
    concurrency: one.concurrency ?? null,
    emits: one.emits === undefined ? null : [...one.emits],
    gate: one.gate,
    notify: one.notifyEntry,
    paused,
    description: one.description ?? null
  }
}
