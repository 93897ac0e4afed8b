import type { FastifyPluginAsync } from 'fastify'
import { Type } from 'typebox'
import { errors } from '../errors.ts'
import { maskSecrets } from '../mask.ts'
import { EVENTS_QUEUE } from '../queues/contract.ts'
import { IdSchema } from '../schemas.ts'
import type { ApiDependencies, App } from './app.ts'
import { responses } from './responses.ts'

export const lookupRoutes: FastifyPluginAsync<ApiDependencies> = async (instance, { lookupFiles, queues }) => {
  const app = instance as App
  const QueueParams = Type.Object({ name: IdSchema }, { additionalProperties: false })

  app.get('/event_types', {
    schema: { operationId: 'listEventTypes', tags: ['lookups'], summary: 'event_lookup.json: which processes an event starts', response: responses({ 200: Type.Ref('EventTypes') }) }
  }, async () => {
    const { hash, eventTypes } = lookupFiles.current()
    return { lookups: hash, items: [...eventTypes.values()].map(({ type, processes, description, example }) => ({ type, processes, description: description ?? null, example: example ?? null })) }
  })

  app.get('/processes', {
    schema: { operationId: 'listProcesses', tags: ['lookups'], summary: 'process_lookup.json: how and where processes run', response: responses({ 200: Type.Ref('Processes') }) }
  }, async () => {
    const { hash, processes } = lookupFiles.current()
    const items = [...processes.values()].map((one) => ({
      process: one.name,
      queue: one.queue,
      run: maskSecrets(one.run) as Record<string, unknown>,
      params: maskSecrets({ default: one.defaults, ...(one.schema === undefined ? {} : { schema: one.schema }) }) as Record<string, unknown>,
      attempts: one.attempts,
      timeout_ms: one.timeoutMs ?? null,
      priority: one.priority,
      concurrency: one.concurrency ?? null,
      emits: one.emits === undefined ? null : [...one.emits],
      description: one.description ?? null
    }))
    return { lookups: hash, items }
  })

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
        params: QueueParams,
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
