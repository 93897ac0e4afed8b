import type { FastifyPluginAsync } from 'fastify'
import { Type } from 'typebox'
import { errors } from '../../base/errors.ts'
import { ReplayAsSchema, type ReplayAs, type ReplayRequest } from '../../schemas/redrive.ts'
import type { ApiDependencies, App } from '../app.ts'
import { EventParams, SourceField } from './events.ts'
import { exactBody, readTime } from '../query.ts'
import { responses } from '../responses.ts'

const KEY_HEADER = 'idempotency-key'
const CONDITIONS = ['type', 'subject', 'since', 'until', 'status'] as const

export const replayRoutes: FastifyPluginAsync<ApiDependencies> = async (instance, { replays }) => {
  const app = instance as App

  app.post('/events/:id/replay', {
    schema: {
      operationId: 'replayEvent',
      tags: ['events'],
      summary: 'Dispatch an event again, as a new event that names the old one',
      description: '409 where its processes of then are not all defined any more.',
      params: EventParams,
      querystring: Type.Object({ source: SourceField, as: Type.Optional(ReplayAsSchema) }, { additionalProperties: false }),
      response: responses({ 202: Type.Ref('Submission') }, 400, 404, 409)
    }
  }, async (request, reply) => {
    const { source, as = 'now' } = request.query as { source?: string, as?: ReplayAs }
    const { key, jobs } = await replays.one(request.params.id, { source, as })
    return await reply.code(202).header('location', `/events/${key}`).send(jobs)
  })

  app.post('/events/replay', {
    validatorCompiler: exactBody,
    schema: {
      operationId: 'replayEvents',
      tags: ['events'],
      summary: 'Dispatch many events again, each as a new event that names the old one',
      description: 'Those named in `ids`, or those that were submitted (no follow-on events, no replays) and match all conditions; one at least is needed. `next` is the `cursor` with which the same request goes on. The same request under the same `Idempotency-Key` makes nothing twice.',
      headers: Type.Object({ [KEY_HEADER]: Type.Optional(Type.String({ minLength: 1, maxLength: 256, pattern: '^[ -~]+$', description: 'Names this request, as `id` in the body does' })) }),
      body: Type.Ref('ReplayRequest'),
      response: responses({ 200: { ...Type.Ref('ReplayAnswer'), description: 'With dry_run: what would be done' }, 202: Type.Ref('ReplayAnswer') }, 400, 413, 415)
    }
  }, async (request, reply) => {
    const { since, until, limit = 100, ...rest } = request.body as ReplayRequest
    const { ids, id, dry_run: dryRun = false } = rest
    const given = CONDITIONS.filter((name) => (request.body as ReplayRequest)[name] !== undefined)
    if (ids === undefined && given.length === 0) throw errors.noCondition(`give one of ids, ${CONDITIONS.join(', ')}`)
    const [beside] = ids === undefined ? [] : [...given, ...(rest.cursor === undefined ? [] : ['cursor'])]
    if (beside !== undefined) throw errors.invalidQuery(beside, 'does not go with ids')
    const key = request.headers[KEY_HEADER] as string | undefined
    if (key !== undefined && id !== undefined && key !== id) throw errors.invalidQuery('id', 'is another than the Idempotency-Key')
    const answer = await replays.many({ ...rest, limit, since: readTime('since', since), until: readTime('until', until), id: key ?? id })
    return await reply.code(dryRun ? 200 : 202).send(answer)
  })
}
