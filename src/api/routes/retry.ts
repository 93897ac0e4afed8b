import { Type } from 'typebox'
import { errors } from '../../base/errors.ts'
import { closed, IdSchema } from '../../schemas/parts.ts'
import { retrySchemas, type RetryRequest } from '../../schemas/redrive.ts'
import type { Route } from '../dependencies.ts'
import { exactBody, pageFields, readText, readTime } from '../query.ts'
import { responses } from '../responses.ts'

const FAILED = {
  operationId: 'listFailedJobs',
  tags: ['jobs'],
  summary: 'The failed jobs of all processes, the last failure first',
  description:
    'Also those of processes and queues that the lookups do not name any more. A job that was cancelled has not ' +
    'failed.',
  querystring: Type.Object({
    status: Type.Literal('failed'),
    process: Type.Optional(IdSchema),
    subject: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
    since: Type.Optional(Type.String({ format: 'date-time', description: 'Failed at this time or later' })),
    ...pageFields
  }, closed),
  response: responses({ 200: Type.Ref('JobList') }, 400)
}

const RETRY = {
  operationId: 'retryJobs',
  tags: ['jobs'],
  summary: 'Run failed jobs again, each under its id',
  description:
    'Those that match all conditions, the last failure first; without a condition only with `all`. `next` is the ' +
    '`cursor` with which the same request goes on, past those that have failed again meanwhile.',
  body: Type.Ref('RetryRequest'),
  response: responses({
    200: { ...Type.Ref('RetryAnswer'), description: 'With dry_run: what would be done' },
    202: Type.Ref('RetryAnswer')
  }, 400, 413, 415)
}

export const retryRoutes: Route = {
  schemas: retrySchemas,
  routes: async (app, { engine: { redrive } }) => {
    app.get('/jobs', { schema: FAILED }, async ({ query }) => {
      const filter = { process: query.process, subject: readText('subject', query.subject) }
      const { limit = 50, cursor } = query
      return await redrive.failed(filter, { limit, cursor, since: readTime('since', query.since) })
    })

    app.post('/jobs/retry', { validatorCompiler: exactBody, schema: RETRY }, async ({ body, caller }, reply) => {
      const request = body as RetryRequest
      const { process: processName, subject, reason_contains: reasonContains, since, until } = request
      const { limit = 100, cursor, all = false, dry_run: dryRun } = request
      const conditions = [processName, subject, reasonContains, since, until]
      if (!all && conditions.every((one) => one === undefined)) throw errors.noCondition('give one, or all: true')
      const range = { limit, cursor, since: readTime('since', since), until: readTime('until', until) }
      const filter = { process: processName, subject, reasonContains }
      const answer = await redrive.retry(filter, range, { dryRun, by: caller.name })
      return await reply.code(dryRun === true ? 200 : 202).send(answer)
    })
  }
}
