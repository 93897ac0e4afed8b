import { Type } from 'typebox'
import { errors } from '../../base/errors.ts'
import type { FailedJobs } from '../../engine/redrive/failures.ts'
import { closed, IdSchema, NoteBody, oneOf } from '../../schemas/parts.ts'
import { retrySchemas, type DismissRequest, type RetryRequest } from '../../schemas/redrive.ts'
import type { Route } from '../dependencies.ts'
import {
  EventParams, exactBody, JobParams, pageFields, readNote, readText, readTime, SourceField
} from '../query.ts'
import { responses } from '../responses.ts'

const filterFields = {
  process: Type.Optional(IdSchema),
  subject: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
  reason_contains: Type.Optional(
    Type.String({ minLength: 1, maxLength: 256, description: 'Whose reason holds this text' })
  ),
  pattern: Type.Optional(
    Type.String({ maxLength: 300, description: 'Of this cause: `pattern` of a group of failures' })
  ),
  since: Type.Optional(Type.String({ format: 'date-time', description: 'Failed at this time or later' })),
  until: Type.Optional(Type.String({ format: 'date-time', description: 'Failed before this time' })),
  handled: Type.Optional(
    Type.Boolean({
      description: 'Also those that a later event has made good, and those that were dismissed'
    })
  ),
  ...pageFields
}

const FAILED = {
  operationId: 'listFailedJobs',
  tags: ['jobs'],
  summary: 'The failed jobs of all processes that somebody has to look at, the last failure first',
  description:
    'Also those of processes and queues that the lookups do not name any more. A job that was cancelled has not ' +
    'failed. Left out are those of which a replay of their event, or a later try of their window, has done the ' +
    'work, and those that were dismissed.',
  querystring: Type.Object({ status: Type.Literal('failed'), ...filterFields }, closed),
  response: responses({ 200: Type.Ref('JobList') }, 400)
}

const GROUPS = {
  operationId: 'groupFailedJobs',
  tags: ['jobs'],
  summary: 'The failed jobs by process and cause, the largest group first',
  description:
    'Causes are told apart by their reasons without numbers, ids, addresses and what stands in quotes. `next` is ' +
    'set where there are more than one answer counts.',
  querystring: Type.Object({ group: oneOf(['reason'], { default: 'reason' }), ...filterFields }, closed),
  response: responses({ 200: Type.Ref('FailureGroups') }, 400)
}

const RETRY = {
  operationId: 'retryJobs',
  tags: ['jobs'],
  summary: 'Run failed jobs again, each under its id',
  description:
    'Those named in `jobs`, or those that match all conditions, the last failure first; without a condition only ' +
    'with `all`. `next` is the `cursor` with which the same request goes on, past those that have failed again ' +
    'meanwhile.',
  body: Type.Ref('RetryRequest'),
  response: responses({
    200: { ...Type.Ref('RetryAnswer'), description: 'With dry_run: what would be done' },
    202: Type.Ref('RetryAnswer')
  }, 400, 413, 415)
}

const DISMISS = {
  operationId: 'dismissJobs',
  tags: ['jobs'],
  summary: 'Take failed jobs off the list of those that somebody has to look at',
  description: 'Chosen as for a retry. They stay failed and can be run again; who dismissed them is told with the job.',
  body: Type.Ref('DismissRequest'),
  response: responses({ 200: Type.Ref('DismissAnswer') }, 400, 413, 415)
}

const DISMISS_ONE = {
  operationId: 'dismissJob',
  tags: ['jobs'],
  summary: 'Take a failed job off the list of those that somebody has to look at',
  params: JobParams,
  body: Type.Optional(NoteBody),
  response: responses({ 200: Type.Ref('Job') }, 400, 404, 409)
}

const RESTORE_ONE = {
  operationId: 'restoreJob',
  tags: ['jobs'],
  summary: 'Put a failed job that was dismissed back on the list of those that somebody has to look at',
  description: 'One that is on the list stays there.',
  params: JobParams,
  response: responses({ 200: Type.Ref('Job') }, 400, 404, 409)
}

const ofTree = (operationId: string, summary: string, answer: string) => ({
  operationId,
  tags: ['events'],
  summary,
  description: 'Of the event and of all that followed from it.',
  params: EventParams,
  querystring: Type.Object({
    source: SourceField,
    dry_run: Type.Optional(Type.Boolean({ description: 'Tell what would be done, and do nothing' }))
  }, closed),
  response: responses({
    200: { ...Type.Ref(answer), description: 'With dry_run: what would be done' },
    202: Type.Ref(answer)
  }, 400, 404)
})

export const retryRoutes: Route = {
  schemas: retrySchemas,
  routes: async (app, { engine: { jobs, redrive, trees } }) => {
    app.get('/jobs', { schema: FAILED }, async ({ query }) => await redrive.failed(...readFilter(query)))

    app.get('/jobs/failures', { schema: GROUPS }, async ({ query }) => await redrive.groups(...readFilter(query)))

    app.post('/jobs/retry', { validatorCompiler: exactBody, schema: RETRY }, async ({ body, caller }, reply) => {
      const { dry_run: dryRun } = body as RetryRequest
      const answer = await redrive.retry(...readRequest(body as RetryRequest), { dryRun, by: caller.name })
      return await reply.code(dryRun === true ? 200 : 202).send(answer)
    })

    app.post('/jobs/dismiss', { validatorCompiler: exactBody, schema: DISMISS }, async ({ body, caller }) => {
      const { note, dry_run: dryRun } = body as DismissRequest
      return await redrive.dismiss(...readRequest(body as DismissRequest), { by: caller.name, note, dryRun })
    })

    app.post('/jobs/:process/:id/dismiss', { schema: DISMISS_ONE }, async ({ params, body, caller }) => {
      const { process: processName, id } = params
      await jobs.get(processName, id)
      const note = readNote(body)
      const one = { jobs: [[processName, id] as [string, string]] }
      const { dismissed } = await redrive.dismiss(one, { limit: 1 }, { by: caller.name, note })
      if (dismissed.length === 0) throw errors.jobNotFailed()
      return await jobs.get(processName, id)
    })

    app.delete('/jobs/:process/:id/dismiss', { schema: RESTORE_ONE }, async ({ params }) => {
      await jobs.get(params.process, params.id)
      await redrive.restore(params.id)
      return await jobs.get(params.process, params.id)
    })

    app.post('/events/:id/retry', {
      schema: ofTree('retryEvent', 'Run all failed jobs of an event again', 'RetryAnswer')
    }, async ({ params, query: { source, dry_run: dryRun }, caller }, reply) => {
      const answer = await trees.retry(params.id, { source: source ?? caller.source, dryRun, by: caller.name })
      return await reply.code(dryRun === true ? 200 : 202).send(answer)
    })

    app.post('/events/:id/cancel', {
      schema: ofTree('cancelEvent', 'Cancel all jobs of an event that have not ended', 'CancelAnswer')
    }, async ({ params, query: { source, dry_run: dryRun }, caller }, reply) => {
      const answer = await trees.cancel(params.id, { source: source ?? caller.source, dryRun, by: caller.name })
      return await reply.code(dryRun === true ? 200 : 202).send(answer)
    })
  }
}

type Range = { limit: number, cursor: string | undefined, since: number | undefined, until: number | undefined }
type Query = {
  process?: string
  subject?: string
  reason_contains?: string
  pattern?: string
  handled?: boolean
  limit?: number
  cursor?: string
  since?: string
  until?: string
}

function readFilter (query: Query): [FailedJobs, Range] {
  const { process: processName, handled, limit = 50, cursor } = query
  const subject = readText('subject', query.subject)
  const reasonContains = readText('reason_contains', query.reason_contains)
  const pattern = readText('pattern', query.pattern)
  return [{ process: processName, subject, reasonContains, pattern, handled }, { limit, cursor, ...readTimes(query) }]
}

const readTimes = ({ since, until }: Pick<Query, 'since' | 'until'>): Pick<Range, 'since' | 'until'> =>
  ({ since: readTime('since', since), until: readTime('until', until) })

/** These jobs, or those that match one condition at least; all only where that is said. */
function readRequest (request: RetryRequest): [FailedJobs, Range] {
  const { process: processName, subject, reason_contains: reasonContains, since, until, jobs, handled } = request
  const { limit = 100, cursor, all = false } = request
  const conditions = [processName, subject, reasonContains, since, until]
  const isNamed = conditions.some((one) => one !== undefined)
  if (jobs !== undefined && (isNamed || all || cursor !== undefined)) {
    throw errors.invalidQuery('jobs', 'does not go with other conditions')
  }
  if (jobs === undefined && !all && !isNamed) throw errors.noCondition('give one, or jobs, or all: true')
  const range = { limit: jobs?.length ?? limit, cursor, ...readTimes({ since, until } as Query) }
  return [{ process: processName, subject, reasonContains, jobs: jobs as FailedJobs['jobs'], handled }, range]
}
