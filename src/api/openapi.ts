import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger'
import type { Lookups } from '../engine/lookups/lookups.ts'
import { listEntries } from '../engine/lookups/matching.ts'

type Described = { version: string, tags: Array<{ name: string, description: string }>, lookups: Lookups }
type Body = { content?: Record<string, { examples?: object }> }

const INFO = {
  title: 'Signalbox',
  description:
    'Takes events, starts the processes that `event_lookup.json` names on the queues that `process_lookup.json` ' +
    'names, and tells what came of them.',
  license: { name: 'Apache-2.0', identifier: 'Apache-2.0' }
}
const TOKEN = { type: 'http', scheme: 'bearer', description: 'Where SIGNALBOX_TOKEN is set' } as const

/** Settings of the OpenAPI document. The examples of `POST /jobs` are those of the lookups. */
export function openapi ({ version, tags, lookups }: Described): FastifyDynamicSwaggerOptions {
  const examples = examplesOf(lookups)
  return {
    openapi: {
      openapi: '3.1.0',
      info: { ...INFO, version },
      servers: [{ url: '/' }],
      tags,
      components: { securitySchemes: { token: TOKEN } },
      security: [{}, { token: [] }]
    },
    refResolver: {
      buildLocalReference: (json, _base, _fragment, i) => typeof json['$id'] === 'string' ? json['$id'] : `def-${i}`
    },
    transformObject: (document) => {
      if (!('openapiObject' in document)) return document.swaggerObject
      const body = document.openapiObject.paths?.['/jobs']?.post?.requestBody as Body | undefined
      const json = body?.content?.['application/json']
      if (json !== undefined && Object.keys(examples).length > 0) json.examples = examples
      return document.openapiObject
    }
  }
}

function examplesOf (lookups: Lookups): Record<string, { summary: string, value: object }> {
  return Object.fromEntries(listEntries(lookups).flatMap((entry) => {
    const { type, description = type, example } = entry
    if (example === undefined) return []
    // An entry with a `match` has no type of its own: its example says which.
    return [[type, { summary: description, value: 'match' in entry ? example : { type, ...example } }]]
  }))
}
