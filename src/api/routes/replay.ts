import { Type } from 'typebox'
import { errors } from '../../base/errors.ts'
import { closed } from '../../schemas/parts.ts'
import { ReplayAsSchema, replaySchemas, type ReplayRequest } from '../../schemas/redrive.ts'
import type { Route } from '../dependencies.ts'
import { IdempotencyHeader, markRepeat, readRequestName } from '../idempotency.ts'
import { EventParams, exactBody, readTime, SourceField } from '../query.ts'
import { responses } from '../responses.ts'

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

const REPLAY_MANY = {
  operationId: 'replayEvents',
  tags: ['events'],
  summary: 'Dispatch many events again, each as a new event that names the old one',
  description:
    'Those named in `ids`, or those that were submitted (no follow-on events, no replays) and match all ' +
    'conditions; one at least is needed. `next` is the `cursor` with which the same request goes on. The same ' +
    'request under the same `Idempotency-Key` makes nothing twice; what was all made before has ' +
    '`Idempotent-Replayed: true`.',
  headers: IdempotencyHeader,
  body: Type.Ref('ReplayRequest'),
  response: responses({
    200: { ...Type.Ref('ReplayAnswer'), description: 'With dry_run: what would be done' },
    202: Type.Ref('ReplayAnswer')
  }, 400, 413, 415)
}

export const replayRoutes: Route = {
  schemas: replaySchemas,
  routes: async (app, { engine: { replays } }) => {
    app.post('/events/:id/replay', { schema: REPLAY_ONE }, async ({ params, query, caller }, reply) => {
      const { source = caller.source, as = 'now' } = query
      const { key, jobs } = await replays.one(params.id, { source, as, by: caller.submitter })
      return await reply.code(202).header('location', `/events/${key}`).send(jobs)
    })

    app.post(
      '/events/replay',
      { validatorCompiler: exactBody, schema: REPLAY_MANY },
      async ({ body, headers, caller }, reply) => {
        const request = body as ReplayRequest
        checkConditions(request)
        const id = readRequestName(headers, request.id)
        const { limit = 100, dry_run: dryRun } = request
        const [since, until] = [readTime('since', request.since), readTime('until', request.until)]
        const asker = { source: caller.source, by: caller.submitter }
        const { known, ...answer } = await replays.many({ ...request, limit, since, until, id, ...asker })
        markRepeat(reply, known)
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
