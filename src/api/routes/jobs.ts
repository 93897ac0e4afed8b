import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { errors } from '../../base/errors.ts'
import { readEvent } from '../../base/event.ts'
import { toEmail } from '../../engine/notifications/job-mail.ts'
import type { JobStatus, JobView } from '../../schemas/schemas.ts'
import { IdSchema } from '../../schemas/schemas.ts'
import type { ApiDependencies, App } from '../app.ts'
import { responses } from '../responses.ts'

const MAX_WAIT_S = 60
const CHILDREN_PAGE = 200
const closed = { additionalProperties: false }
const JobParams = Type.Object({ process: IdSchema, id: IdSchema }, closed)
const STATUSES = ['deferred', 'submitted', 'running', 'complete', 'failed', 'cancelled', 'absorbed'].map((word) => Type.Literal(word))

export const jobRoutes: FastifyPluginAsync<ApiDependencies> = async (instance, { dispatch, jobs, children, metrics, reports, settings }) => {
  const app = instance as App
  // Who waits for a job when the service closes is answered with what is known.
  const closing = new AbortController()
  app.addHook('preClose', async () => { closing.abort() })

  // The original service says 400 to what is no JSON. Fastify would read text as a string.
  app.removeContentTypeParser('text/plain')
  app.addContentTypeParser('*', async (request: FastifyRequest) => { throw errors.notJson(request.headers['content-type'] ?? '') })

  app.post('/jobs', {
    schema: {
      operationId: 'submitEvent',
      tags: ['jobs'],
      summary: 'Submit an event',
      description: 'The body is the event. All its jobs are queued in one step, or none is. The same `id` (and `source`) again is answered with the jobs of the first time.',
      querystring: Type.Object({
        dry_run: Type.Optional(Type.Boolean({ description: 'Explain what would start, and queue nothing' })),
        verbose: Type.Optional(Type.Boolean({ description: 'Answer with an object that names the event and the jobs, as the original service did' }))
      }, closed),
      body: Type.Ref('Event'),
      response: {
        ...responses({ 200: Type.Unsafe({ anyOf: [{ $ref: 'Submission#' }, { $ref: 'VerboseSubmission#' }, { $ref: 'Plan#' }], description: 'Known already: the jobs of the first time. Or, with dry_run, the plan' }), 202: Type.Unsafe({ anyOf: [{ $ref: 'Submission#' }, { $ref: 'VerboseSubmission#' }], description: 'Accepted: the jobs that it starts' }) }, 400, 404, 413)
      }
    }
  }, async (request, reply) => {
    const started = performance.now()
    const keyed = readEvent(request.body)
    const parent = await children.check(keyed.event['parent'], 'parent')
    const { dry_run: dryRun, verbose } = request.query
    if (dryRun === true) {
      const plan = dispatch.plan(keyed)
      if (!plan.listed) throw errors.unknownEventType(keyed.event.type)
      return await reply.code(200).send({ dry_run: true, type: plan.type, lookups: plan.lookups, jobs: plan.jobs.map(({ process, queue, reason, problems }) => ({ process, queue, reason, problems })), rules: plan.rules })
    }
    const { key, jobs: started_, known, entry } = await dispatch.submit(keyed, { parent })
    metrics.accepted(entry, known, performance.now() - started)
    return await reply.code(known ? 200 : 202).header('location', `/events/${key}`).send(verbose === true ? toVerbose(started_, key, keyed.event) : started_)
  })

  /** Of the job itself, and of those that it has started as their parent. */
  async function failuresOf (job: JobView): Promise<Record<string, string>> {
    const failures: Record<string, string> = {}
    const add = ({ id, status, reason }: JobView): void => { if (status === 'failed') failures[id] = reason ?? '' }
    add(job)
    let cursor: string | undefined
    do {
      const page = await children.list(job.process, job.id, { limit: CHILDREN_PAGE, cursor })
      page.items.forEach(add)
      cursor = page.next ?? undefined
    } while (cursor !== undefined)
    return failures
  }

  app.get('/jobs/:process/:id', {
    schema: {
      operationId: 'getJob',
      tags: ['jobs'],
      summary: 'One job: where it stands and what came of it',
      params: JobParams,
      querystring: Type.Object({
        wait: Type.Optional(Type.Number({ minimum: 0, maximum: MAX_WAIT_S, description: 'Answer when it has ended, or after so many seconds' })),
        format: Type.Optional(Type.String({ maxLength: 100, description: '`email`: with subject and body of a mail; `failures`: job id → reason' })),
        email: Type.Optional(Type.String({ maxLength: 254, pattern: '^([^\\s@<>]+@[^\\s@<>]+)?$', description: 'The address for format=email' }))
      }, closed),
      response: responses({ 200: Type.Unsafe({ anyOf: [{ $ref: 'JobEmail#' }, { $ref: 'Job#' }, { $ref: 'JobFailures#' }] }) }, 400, 404)
    }
  }, async (request, reply) => {
    const { process: processName, id } = request.params
    const { wait = 0, format, email } = request.query
    if (format !== undefined && format !== 'email' && format !== 'failures') throw errors.unknownFormat(format)
    const address = format === 'email' ? email : undefined
    if (format === 'email' && (address ?? '') === '') throw errors.emailNotSpecified()
    reports.retrieved(processName, id, address)
    const gone = new AbortController()
    reply.raw.on('close', () => { gone.abort() })
    const job = await jobs.waitFor(processName, id, wait * 1000, AbortSignal.any([gone.signal, closing.signal]))
    reply.type('application/json').serializer(JSON.stringify)
    if (format === 'failures') return await reply.send(await failuresOf(job))
    return await reply.send(address === undefined ? job : toEmail(job, address, settings.publicUrl))
  })

  app.get('/jobs/:process/:id/log', {
    schema: {
      operationId: 'getJobLog',
      tags: ['jobs'],
      summary: 'What a job has written to its log',
      params: JobParams,
      querystring: Type.Object({ start: Type.Integer({ minimum: 0, default: 0 }), limit: Type.Integer({ minimum: 1, maximum: 5000, default: 1000 }) }, closed),
      response: responses({ 200: Type.Ref('JobLog') }, 400, 404)
    }
  }, async (request) => {
    const { start = 0, limit = 1000 } = request.query
    return await jobs.logs(request.params.process, request.params.id, start, limit)
  })

  app.get('/jobs/:process/:id/children', {
    schema: {
      operationId: 'listChildJobs',
      tags: ['jobs'],
      summary: 'The jobs that a job has started by submitting events with itself as `parent`, oldest first',
      params: JobParams,
      querystring: Type.Object({
        limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
        cursor: Type.Optional(Type.String({ maxLength: 512, description: '`next` of the page before' }))
      }, closed),
      response: responses({ 200: Type.Ref('JobList') }, 400, 404)
    }
  }, async (request) => {
    const { limit = 50, cursor } = request.query
    return await children.list(request.params.process, request.params.id, { limit, cursor })
  })

  app.get('/jobs/:process', {
    schema: {
      operationId: 'listJobs',
      tags: ['jobs'],
      summary: 'The jobs of a process, newest first',
      params: Type.Object({ process: IdSchema }, closed),
      querystring: Type.Object({
        status: Type.Optional(Type.Union(STATUSES)),
        subject: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
        limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
        cursor: Type.Optional(Type.String({ maxLength: 512, description: '`next` of the page before' }))
      }, closed),
      response: responses({ 200: Type.Ref('JobList') }, 400, 404)
    }
  }, async (request) => {
    const { status, subject, limit = 50, cursor } = request.query
    reports.listed(request.params.process)
    return await jobs.list(request.params.process, { status: status as JobStatus | undefined, subject, limit, cursor })
  })

  app.delete('/jobs/:process/:id', {
    schema: {
      operationId: 'cancelJob',
      tags: ['jobs'],
      summary: 'Cancel a job; remove a finished one',
      description: 'A waiting job is cancelled at once, a running one is told to stop: 202 where it has not stopped yet. A job that has ended is removed.',
      params: JobParams,
      response: responses({ 200: Type.Ref('Job'), 202: Type.Ref('Job') }, 400, 404, 409)
    }
  }, async (request, reply) => {
    const job = await jobs.cancel(request.params.process, request.params.id)
    return await reply.code(job.status === 'running' ? 202 : 200).send(job)
  })

  app.post('/jobs/:process/:id/retry', {
    schema: {
      operationId: 'retryJob',
      tags: ['jobs'],
      summary: 'Run a failed or cancelled job again, under the same id',
      params: JobParams,
      response: responses({ 202: Type.Ref('Job') }, 400, 404, 409)
    }
  }, async (request, reply) => {
    const job = await jobs.retry(request.params.process, request.params.id)
    return await reply.code(202).send(job)
  })
}

/** As the original service answers. A task was what waited there for the jobs of the event. */
const toVerbose = (jobs: Array<[process: string, jobId: string]>, key: string, event: object) => ({ processes: jobs.map(([process, job]) => ({ process, job, task: key })), event })
