import { Type } from 'typebox'
import { errors } from '../../base/errors.ts'
import { closed } from '../../schemas/parts.ts'
import { ReplayAsSchema, replaySchemas, type ReplayRequest } from '../../schemas/redrive.ts'
import type { Route } from '../dependencies.ts'
import { EventParams, exactBody, readTime, SourceField } from '../query.ts'
import { responses } from '../responses.ts'

const KEY_HEADER = 'idempotency-key'
const CONDITIONS = ['type', 'subject', 'since', 'until', 'status'] as const

const REPLAY_ONE = {
  operationId: 'replayEvent',
  tags: ['events'],
  summary: 'Dispatch an event again, as a new event that names the old one',
  description: '409 where its processes of then are not all defined any more.',
  params: EventParams,
  querystring: Type.Object({ source: SourceField, as: Type.Optional(ReplayAsSchema) }, closed),
  response: responses({ 202: Type.Ref('Submission') }, 400, 404, 409)
}

const KeyHeader = Type.Object({
  [KEY_HEADER]: Type.Optional(Type.String({
    minLength: 1,
    maxLength: 256,
    pattern: '^[ -~]+$',
    description: 'Names this request, as `id` in the body does'
  }))
})

const REPLAY_MANY = {
  operationId: 'replayEvents',
  tags: ['events'],
  summary: 'Dispatch many events again, each as a new event that names the old one',
  description: 'Those named in `ids`, or those that were submitted (no follow-on events, no replays) and match all conditions; one at least is needed. `next` is the `cursor` with which the same request goes on. The same request under the same `Idempotency-Key` makes nothing twice.',
  headers: KeyHeader,
  body: Type.Ref('ReplayRequest'),
  response: responses({
    200: { ...Type.Ref('ReplayAnswer'), description: 'With dry_run: what would be done' },
    202: Type.Ref('ReplayAnswer')
  }, 400, 413, 415)
}

export const replayRoutes: Route = {
  schemas: replaySchemas,
  routes: async (app, { engine: { replays } }) => {
    app.post('/events/:id/replay', { schema: REPLAY_ONE }, async ({ params, query: { source, as = 'now' } }, reply) => {
      const { key, jobs } = await replays.one(params.id, { source, as })
      return await reply.code(202).header('location', `/events/${key}`).send(jobs)
    })

    app.post(
      '/events/replay',
      { validatorCompiler: exactBody, schema: REPLAY_MANY },
      async ({ body, headers }, reply) => {
        const request = body as ReplayRequest
        checkConditions(request)
        const id = readKey(headers[KEY_HEADER] as string | undefined, request.id)
        const { limit = 100, dry_run: dryRun } = request
        const [since, until] = [readTime('since', request.since), readTime('until', request.until)]
        const answer = await replays.many({ ...request, limit, since, until, id })
        return await reply.code(dryRun === true ? 200 : 202).send(answer)
      }
    )
  }
}

/** Either events by their names, or by one condition at least. */
function checkConditions (request: ReplayRequest): void {
  const given = CONDITIONS.filter((name) => request[name] !== undefined)
  if (request.ids === undefined) {
    if (given.length === 0) throw errors.noCondition(`give one of ids, ${CONDITIONS.join(', ')}`)
    return
  }
  const beside = given[0] ?? (request.cursor === undefined ? undefined : 'cursor')
  if (beside !== undefined) throw errors.invalidQuery(beside, 'does not go with ids')
}

/** The name of the request, which may stand in the header or in the body. */
function readKey (header: string | undefined, id: string | undefined): string | undefined {
  if (header !== undefined && id !== undefined && header !== id) {
    throw errors.invalidQuery('id', 'is another than the Idempotency-Key')
  }
  return header ?? id
}
