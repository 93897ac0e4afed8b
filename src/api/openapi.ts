import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger'
import type { Lookups } from '../engine/lookups/lookups.ts'
import { listEntries } from '../engine/lookups/matching.ts'

const TAGS = [
  { name: 'jobs', description: 'Submit events, follow and steer the jobs that they start' },
  { name: 'events', description: 'What happened, and what came of it' },
  { name: 'cloudevents', description: 'Receive CloudEvents 1.0.2 over HTTP, as a webhook' },
  { name: 'lookups', description: 'The event types, processes and queues of this service' },
  { name: 'schedules', description: 'Events that the clock makes' },
  { name: 'backfills', description: 'Events for a range of time, window by window' },
  { name: 'notifications', description: 'Who was told of an end, and who could not be' },
  { name: 'blocks', description: 'Named, typed configuration with secrets' }
]
const HEALTH = { name: 'health', description: 'For orchestrators and monitoring' }

/** Settings of the OpenAPI document. The examples of `POST /jobs` are those of the lookups. */
export function openapi (version: string, lookups: Lookups, ofQueries: ReadonlyArray<{ name: string, description: string }>): FastifyDynamicSwaggerOptions {
  const examples = Object.fromEntries(listEntries(lookups).flatMap((entry) => entry.example === undefined
    ? []
    : [[entry.type, { summary: entry.description ?? entry.type, value: 'match' in entry ? entry.example : { type: entry.type, ...entry.example } }]]))
  return {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Signalbox',
        version,
        description: 'Takes events, starts the processes that `event_lookup.json` names on the queues that `process_lookup.json` names, and tells what came of them.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' }
      },
      servers: [{ url: '/' }],
      tags: [...TAGS, ...ofQueries, HEALTH],
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'Where SIGNALBOX_TOKEN is set' } } },
      security: [{}, { token: [] }]
    },
    refResolver: { buildLocalReference: (json, _baseUri, _fragment, i) => typeof json['$id'] === 'string' ? json['$id'] : `def-${i}` },
    transformObject: (document) => {
      if (!('openapiObject' in document)) return document.swaggerObject
      const body = document.openapiObject.paths?.['/jobs']?.post?.requestBody as { content?: Record<string, { examples?: object }> } | undefined
      const json = body?.content?.['application/json']
      if (json !== undefined && Object.keys(examples).length > 0) json.examples = examples
      return document.openapiObject
    }
  }
}
