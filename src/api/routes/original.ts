import { Readable } from 'node:stream'
import type { FastifyError } from 'fastify'
import { Type } from 'typebox'
import { errors, type SignalboxError } from '../../base/errors.ts'
import { readEvent } from '../../base/event.ts'
import { toEmail } from '../../engine/notifications/job-mail.ts'
import type { Jobs } from '../../engine/jobs/jobs.ts'
import type { JobStatus, JobView } from '../../schemas/jobs.ts'
import { originalSchemas, type OriginalResult } from '../../schemas/original.ts'
import { IdSchema, closed } from '../../schemas/parts.ts'
import { checkMaySubmit } from '../access/access.ts'
import type { App, Route } from '../dependencies.ts'
import { IdempotencyHeader, withRequestName } from '../idempotency.ts'
import { JobParams } from '../query.ts'
import { jsonReader, takeJson, withTrace } from '../transport.ts'

const tags = ['original']

const Names = Type.Array(Type.String())

const OriginalError = Type.Object({ error: Type.String() }, { additionalProperties: true })

/** Its errors have a shape of their own. */
const FAILURES = [400, 401, 403, 404, 408, 409, 413, 414, 415, 417, 421, 429, 431, 503, 507]
const failures = Object.fromEntries(FAILURES.map((code) => (
  [code, { ...OriginalError, description: 'An error, as the original service told it' }])))

const SUBMIT = {
  operationId: 'submitOriginal',
  tags,
  summary: 'Submit an event',
  headers: IdempotencyHeader,
  body: Type.Ref('Event'),
  response: { 201: Type.Ref('OriginalSubmission'), ...failures }
}

const GET = {
  operationId: 'getOriginalJob',
  tags,
  summary: 'The result object of a job; format is json, email or failures',
  params: JobParams,
  querystring: Type.Object({ format: Type.Optional(Type.String()), email: Type.Optional(Type.String()) }),
  response: { 200: Type.Union([Type.Ref('OriginalResult'), Type.Record(Type.String(), Type.String())]), ...failures }
}

const LIST = {
  operationId: 'listOriginalJobs',
  tags,
  summary: 'The result objects of all jobs of a process',
  params: Type.Object({ process: IdSchema }, closed),
  response: { 200: Type.Array(Type.Ref('OriginalResult')), ...failures }
}

const DELETE = {
  operationId: 'deleteOriginalJob',
  tags,
  summary: 'Cancel a job, or remove one that has ended',
  params: JobParams,
  querystring: Type.Object({ kill: Type.Optional(Type.String()) }),
  response: { 200: Type.Object({ id: Type.String(), process: Type.String() }, closed), ...failures }
}

const EVENTS = {
  operationId: 'listOriginalEvents',
  tags,
  summary: 'The event types',
  response: { 200: Names, ...failures }
}
const PROCESSES = {
  operationId: 'listOriginalProcesses',
  tags,
  summary: 'The processes',
  response: { 200: Names, ...failures }
}

/** What the original knows of the words for where a job stands. */
const WORDS: Record<JobStatus, OriginalResult['status']> = {
  deferred: 'submitted',
  submitted: 'submitted',
  running: 'running',
  complete: 'complete',
  failed: 'failed',
  cancelled: 'failed',
  absorbed: 'incomplete'
}

const PAGE = 200

const ITS_PATHS = /^\/(jobs(\/[^/?]+){0,2}|events|processes)\/?($|\?)/

/** The paths of the original at the root lead to its routes; all others stay what they are. */
export function toOriginal ({ url = '/' }: { url?: string | undefined }): string {
  return ITS_PATHS.test(url) ? `/ensembl${url}` : url
}

/** Ensembl's event service as it was: its own client, unmodified, works with `<address>/ensembl/`. */
export const originalRoutes: Route = {
  tag: { name: 'original', description: "Ensembl's event service as its own client knows it" },
  schemas: originalSchemas,
  routes: async (app, { engine: { dispatch, jobs, children, lookups, metrics, reports }, settings }) => {
    speakAsThen(app)

    app.post('/ensembl/jobs', { config: { scope: 'submit' }, schema: SUBMIT }, async (request, reply) => {
      const started = performance.now()
      const posted = withRequestName(request.body, request.headers)
      const keyed = withTrace(readEvent(posted, request.caller.source), request)
      checkMaySubmit(request.caller, keyed.event)
      const parent = await children.check(keyed.event['parent'], 'parent')
      const submitted = await dispatch.submit(keyed, { parent, by: request.caller.submitter })
      metrics.accepted(submitted.entry, submitted.known, performance.now() - started)
      const processes = submitted.jobs.map(([process, job]) => ({ process, job, task: submitted.key }))
      return await reply.code(201).send({ processes, event: request.body, job_id: processes[0]?.job ?? null })
    })

    app.get(
      '/ensembl/jobs/:process/:id',
      { schema: GET },
      async ({ params, query: { format = 'json', email = '' } }) => {
        if (!['json', 'email', 'failures'].includes(format)) throw errors.unknownFormat(format)
        const job = await jobs.get(params.process, params.id)
        reports.retrieved(params.process, params.id, format === 'email' ? email : undefined)
        if (format === 'failures') return job.status === 'failed' ? { [job.id]: job.reason ?? '' } : {}
        const { subject, body } = toEmail(job, email, settings.publicUrl)
        return format === 'email' ? { ...toResult(job), email, subject, body } : toResult(job)
      }
    )

    app.get('/ensembl/jobs/:process', { schema: LIST }, async ({ params }, reply) => {
      reports.listed(params.process)
      const first = await pageOf(jobs, params.process)
      return reply.type('application/json').send(Readable.from(toArray(jobs, params.process, first)) as never)
    })

    app.delete('/ensembl/jobs/:process/:id', { schema: DELETE }, async ({ params, caller }) => {
      await jobs.cancel(params.process, params.id, caller.name)
      return { id: params.id, process: params.process }
    })

    app.get('/ensembl/events', { schema: EVENTS }, async () => [...lookups().eventTypes.keys()])
    app.get('/ensembl/processes', { schema: PROCESSES }, async () => [...lookups().processes.keys()])
  }
}

/** Its client says that it sends JSON where it sends nothing; errors are `{ error }`. */
function speakAsThen (app: App): void {
  const read = jsonReader(app)
  app.removeContentTypeParser('text/plain')
  takeJson(app, (request, body, done) => {
    if (body.length === 0 && request.method !== 'POST') done(null, undefined)
    else read(request, body, done)
  })
  app.addContentTypeParser('*', async ({ headers }: { headers: Record<string, unknown> }) => {
    const type = typeof headers['content-type'] === 'string' ? headers['content-type'] : 'nothing'
    throw Object.assign(new Error(`Could not handle input of type ${type}`), { statusCode: 400 })
  })
  app.setErrorHandler((error: FastifyError | SignalboxError, request, reply) => {
    const statusCode = error.statusCode ?? 500
    if (statusCode >= 500) request.log.error({ err: error, request: request.id }, 'request failed')
    const told = statusCode < 500 ? error.message : 'something went wrong here; the log says what'
    return reply.code(statusCode).type('application/json').serializer(JSON.stringify).send({ error: told })
  })
}

function toResult ({ id, input, status, output, progress, timestamps }: JobView): OriginalResult {
  const isComplete = status === 'complete'
  return {
    id,
    input: { event: input, timestamp: Date.parse(timestamps.submitted ?? '') / 1000 },
    status: WORDS[status],
    when_completed: isComplete ? timestamps.ended ?? undefined : undefined,
    output: isComplete ? output : undefined,
    progress: isComplete ? undefined : progress ?? undefined
  }
}

type Page = Awaited<ReturnType<Jobs['list']>>

const pageOf = async (jobs: Jobs, process: string, cursor?: string): Promise<Page> =>
  await jobs.list(process, { status: undefined, subject: undefined, limit: PAGE, cursor })

/** All jobs of a process as one array, of which no more than a page is in memory. */
async function * toArray (jobs: Jobs, process: string, first: Page): AsyncGenerator<string, void, undefined> {
  let page = first
  let before = '['
  for (;;) {
    for (const job of page.items) {
      yield `${before}${JSON.stringify({ ...toResult(job), progress: undefined })}`
      before = ','
    }
    if (page.next === null) break
    page = await pageOf(jobs, process, page.next)
  }
  yield before === '[' ? '[]' : ']'
}
