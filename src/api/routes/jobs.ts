import type { FastifyReply } from 'fastify'
import { Type } from 'typebox'
import { errors } from '../../base/errors.ts'
import type { ChildJobs } from '../../engine/jobs/child-jobs.ts'
import { toEmail } from '../../engine/notifications/job-mail.ts'
import { JOB_STATUSES, jobSchemas, type JobFailures, type JobView } from '../../schemas/jobs.ts'
import { closed, IdSchema, oneOf } from '../../schemas/parts.ts'
import { createShares } from '../access/shares.ts'
import type { Route } from '../dependencies.ts'
import { JobParams, PageQuery, pageFields, takeJsonOnly } from '../query.ts'
import { anyOf, PAGE, responses } from '../responses.ts'

const MAX_WAIT_S = 60
const CHILDREN_PAGE = 200
/** Of one key and address: each of them looks at its job once a second. */
const MAX_WAITS = 1000

const JobQuery = Type.Object({
  wait: Type.Optional(Type.Number({
    minimum: 0,
    maximum: MAX_WAIT_S,
    description: 'Answer when it has ended, or after so many seconds'
  })),
  format: Type.Optional(Type.String({
    maxLength: 100,
    description: '`email`: with subject and body of a mail; `failures`: job id → reason'
  })),
  email: Type.Optional(Type.String({
    maxLength: 254,
    pattern: '^([^\\s@<>]+@[^\\s@<>]+)?$',
    description: 'The address for format=email'
  }))
}, closed)

const GET = {
  operationId: 'getJob',
  tags: ['jobs'],
  summary: 'One job: where it stands and what came of it',
  params: JobParams,
  querystring: JobQuery,
  response: responses({ 200: anyOf(['JobEmail', 'Job', 'JobFailures']), ...PAGE }, 400, 404)
}

const LOG = {
  operationId: 'getJobLog',
  tags: ['jobs'],
  summary: 'What a job has written to its log',
  description: 'To follow it, ask from `start` plus the lines of the answer before, with `wait`, until `ended`.',
  params: JobParams,
  querystring: Type.Object(
    {
      start: Type.Integer({ minimum: 0, default: 0, description: 'The number of the first line' }),
      tail: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 5000, description: 'The last lines instead, so many' })
      ),
      limit: Type.Integer({ minimum: 1, maximum: 5000, default: 1000 }),
      wait: Type.Number({
        minimum: 0,
        maximum: MAX_WAIT_S,
        default: 0,
        description:
          'Where there is no such line yet, answer when there is, when the job has ended, or after so many seconds'
      })
    },
    closed
  ),
  response: responses({ 200: Type.Ref('JobLog') }, 400, 404)
}

const CHILDREN = {
  operationId: 'listChildJobs',
  tags: ['jobs'],
  summary: 'The jobs that a job has started by submitting events with itself as `parent`, oldest first',
  params: JobParams,
  querystring: PageQuery,
  response: responses({ 200: Type.Ref('JobList') }, 400, 404)
}

const EVENTS = {
  operationId: 'listJobEvents',
  tags: ['jobs'],
  summary: 'The follow-on events of a job, in the order of its result',
  params: JobParams,
  querystring: PageQuery,
  response: responses({ 200: Type.Ref('EventList') }, 400, 404)
}

const LIST = {
  operationId: 'listJobs',
  tags: ['jobs'],
  summary: 'The jobs of a process, newest first',
  params: Type.Object({ process: IdSchema }, closed),
  querystring: Type.Object({
    status: Type.Optional(oneOf(JOB_STATUSES)),
    subject: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
    ...pageFields
  }, closed),
  response: responses({ 200: Type.Ref('JobList') }, 400, 404)
}

const CANCEL = {
  operationId: 'cancelJob',
  tags: ['jobs'],
  summary: 'Cancel a job; remove a finished one',
  description:
    'A waiting job is cancelled at once, a running one is told to stop: 202 where it has not stopped yet. A job ' +
    'that has ended is removed.',
  params: JobParams,
  response: responses({ 200: Type.Ref('Job'), 202: Type.Ref('Job') }, 400, 404, 409)
}

const RETRY = {
  operationId: 'retryJob',
  tags: ['jobs'],
  summary: 'Run a failed or cancelled job again, under the same id',
  params: JobParams,
  response: responses({ 202: Type.Ref('Job') }, 400, 404, 409)
}

export const jobRoutes: Route = {
  schemas: jobSchemas,
  routes: async (app, { engine: { jobs, children, history, reports }, settings }) => {
    takeJsonOnly(app)
    // When the service closes, one who waits for a job is answered with what is known.
    const closing = new AbortController()
    app.addHook('preClose', async () => { closing.abort() })

    const takeShare = createShares('requests that wait for a job', MAX_WAITS)
    app.get('/jobs/:process/:id', { schema: GET }, async (request, reply) => {
      const { params, query: { wait = 0, format, email } } = request
      if (wait > 0) takeShare(request, reply as FastifyReply)
      const address = readAddress(format, email)
      reports.retrieved(params.process, params.id, address)
      const signal = AbortSignal.any([whenGone(reply), closing.signal])
      const job = await jobs.waitFor(params.process, params.id, wait * 1000, signal)
      reply.type('application/json').serializer(JSON.stringify)
      if (format === 'failures') return await reply.send(await failuresOf(job, children))
      return await reply.send(address === undefined ? job : toEmail(job, address, settings.publicUrl))
    })

    app.get('/jobs/:process/:id/log', { schema: LOG }, async ({ params, query }, reply) => {
      const { start = 0, tail, limit = 1000, wait = 0 } = query
      const signal = AbortSignal.any([whenGone(reply), closing.signal])
      const from = tail === undefined ? start : -tail
      const asked = { start: from, limit: tail ?? limit, waitMs: wait * 1000, signal }
      return await jobs.logs(params.process, params.id, asked)
    })

    app.get('/jobs/:process/:id/children', { schema: CHILDREN }, async ({ params, query: { limit = 50, cursor } }) =>
      await children.list(params.process, params.id, { limit, cursor }))

    app.get('/jobs/:process/:id/events', { schema: EVENTS }, async ({ params, query: { limit = 50, cursor } }) => {
      const { events } = await jobs.get(params.process, params.id)
      return await history.named(events.flatMap(({ id }) => id ?? []), { limit, cursor })
    })

    app.get('/jobs/:process', { schema: LIST }, async ({ params, query: { status, subject, limit = 50, cursor } }) => {
      reports.listed(params.process)
      return await jobs.list(params.process, { status, subject, limit, cursor })
    })

    app.delete('/jobs/:process/:id', { schema: CANCEL }, async ({ params, caller }, reply) => {
      const job = await jobs.cancel(params.process, params.id, caller.name)
      return await reply.code(job.status === 'running' ? 202 : 200).send(job)
    })

    app.post('/jobs/:process/:id/retry', { schema: RETRY }, async ({ params, caller }, reply) =>
      await reply.code(202).send(await jobs.retry(params.process, params.id, caller.name)))
  }
}

/** The address of `format=email`. @throws INVALID_QUERY */
function readAddress (format: string | undefined, email: string | undefined): string | undefined {
  if (format !== undefined && format !== 'email' && format !== 'failures') throw errors.unknownFormat(format)
  if (format !== 'email') return undefined
  if (email === undefined || email === '') throw errors.emailNotSpecified()
  return email
}

function whenGone (reply: Pick<FastifyReply, 'raw'>): AbortSignal {
  const gone = new AbortController()
  reply.raw.on('close', () => { gone.abort() })
  return gone.signal
}

/** Of the job itself, and of those that it has started as their parent. */
async function failuresOf (job: JobView, children: ChildJobs): Promise<JobFailures> {
  const failures: JobFailures = {}
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
