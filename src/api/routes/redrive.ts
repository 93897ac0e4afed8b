import type { FastifyPluginAsync } from 'fastify'
import { Type } from 'typebox'
import { errors } from '../../base/errors.ts'
import type { RetryRequest } from '../../schemas/redrive.ts'
import { IdSchema } from '../../schemas/schemas.ts'
import type { ApiDependencies, App } from '../app.ts'
import { exactBody, readText, readTime } from '../query.ts'
import { responses } from '../responses.ts'

export const redriveRoutes: FastifyPluginAsync<ApiDependencies> = async (instance, { redrive }) => {
  const app = instance as App

  app.get('/jobs', {
    schema: {
      operationId: 'listFailedJobs',
      tags: ['jobs'],
      summary: 'The failed jobs of all processes, the last failure first',
      description: 'Also those of processes and queues that the lookups do not name any more. A job that was cancelled has not failed.',
      querystring: Type.Object({
        status: Type.Literal('failed'),
        process: Type.Optional(IdSchema),
        subject: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
        since: Type.Optional(Type.String({ format: 'date-time', description: 'Failed at this time or later' })),
        limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
        cursor: Type.Optional(Type.String({ maxLength: 512, description: '`next` of the page before' }))
      }, { additionalProperties: false }),
      response: responses({ 200: Type.Ref('JobList') }, 400)
    }
  }, async (request) => {
    const { process: processName, subject, since, limit = 50, cursor } = request.query
    return await redrive.failed({ process: processName, subject: readText('subject', subject) }, { limit, cursor, since: readTime('since', since) })
  })

  app.post('/jobs/retry', {
    validatorCompiler: exactBody,
    schema: {
      operationId: 'retryJobs',
      tags: ['jobs'],
      summary: 'Run failed jobs again, each under its id',
      description: 'Those that match all conditions, the last failure first; without a condition only with `all`. `next` is the `cursor` with which the same request goes on, past those that have failed again meanwhile.',
      body: Type.Ref('RetryRequest'),
      response: responses({ 200: { ...Type.Ref('RetryAnswer'), description: 'With dry_run: what would be done' }, 202: Type.Ref('RetryAnswer') }, 400, 413, 415)
    }
  }, async (request, reply) => {
    const { process: processName, subject, reason_contains: reasonContains, since, until, limit = 100, cursor, all = false, dry_run: dryRun } = request.body as RetryRequest
    if (!all && [processName, subject, reasonContains, since, until].every((condition) => condition === undefined)) throw errors.noCondition('give one, or all: true')
    const answer = await redrive.retry({ process: processName, subject, reasonContains }, { limit, cursor, since: readTime('since', since), until: readTime('until', until) }, { dryRun })
    return await reply.code(dryRun === true ? 200 : 202).send(answer)
  })
}
