import type { FastifyReply } from 'fastify'
import { Type } from 'typebox'
import { errors } from '../../base/errors.ts'
import { readEvent, type KeyedEvent } from '../../base/event.ts'
import type { Dispatch } from '../../engine/dispatch/dispatch.ts'
import type { JobAddress } from '../../schemas/jobs.ts'
import { closed } from '../../schemas/parts.ts'
import { submitSchemas, type PlanView } from '../../schemas/submit.ts'
import { checkMaySubmit } from '../access/access.ts'
import type { Route } from '../dependencies.ts'
import { IdempotencyHeader, markRepeat, withRequestName } from '../idempotency.ts'
import { takeJsonOnly } from '../query.ts'
import { anyOf, responses } from '../responses.ts'
import { withTrace } from '../transport.ts'

const SubmitQuery = Type.Object(
  {
    dry_run: Type.Optional(Type.Boolean({ description: 'Explain what would start, and queue nothing' })),
    type: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 256,
        description: 'The body is the `data` of an event of this type, and not the event'
      })
    ),
    verbose: Type.Optional(
      Type.Boolean({
        description: 'Answer with an object that names the event and the jobs, as the original service did'
      })
    )
  },
  closed
)

const Known = anyOf(
  ['Submission', 'VerboseSubmission', 'Plan'],
  'Known already: the jobs of the first time. Or, with dry_run, the plan')
const Accepted = anyOf(['Submission', 'VerboseSubmission'], 'Accepted: the jobs that it starts')

const SUBMIT = {
  operationId: 'submitEvent',
  tags: ['jobs'],
  summary: 'Submit an event',
  description:
    'The body is the event. All its jobs are queued in one step, or none is. The same `id` (and `source`) again ' +
    'is answered with the jobs of the first time; another event under them is 409. `Idempotency-Key` stands for ' +
    'an `id` that is not given; a repeat has `Idempotent-Replayed: true`.',
  querystring: SubmitQuery,
  headers: IdempotencyHeader,
  body: Type.Ref('Event'),
  response: responses({ 200: Known, 202: Accepted }, 400, 404, 409, 413)
}

export const submitRoutes: Route = {
  tag: { name: 'jobs', description: 'Submit events, follow and steer the jobs that they start' },
  schemas: submitSchemas,
  routes: async (app, { engine: { dispatch, children, metrics } }) => {
    takeJsonOnly(app)

    app.post('/jobs', { config: { scope: 'submit' }, schema: SUBMIT }, async (request, reply) => {
      const started = performance.now()
      const { query: { type }, body, headers, caller } = request
      const posted = withRequestName(type === undefined ? body : { type, data: body }, headers)
      const keyed = withTrace(readEvent(posted, caller.source), request)
      checkMaySubmit(caller, keyed.event)
      const parent = await children.check(keyed.event['parent'], 'parent')
      if (request.query.dry_run === true) return await reply.code(200).send(await planOf(dispatch, keyed))
      const { key, jobs, known, entry } = await dispatch.submit(keyed, { parent, by: caller.submitter })
      metrics.accepted(entry, known, performance.now() - started)
      markRepeat(reply as FastifyReply, known)
      const answer = request.query.verbose === true ? toVerbose(jobs, key, keyed.event) : jobs
      return await (reply as FastifyReply).code(known ? 200 : 202).header('location', `/events/${key}`).send(answer)
    })
  }
}

async function planOf (dispatch: Dispatch, keyed: KeyedEvent): Promise<PlanView> {
  const { listed, type, lookups, known, jobs, leftOut, gates, rules } = await dispatch.explain(keyed)
  if (!listed) throw errors.unknownEventType(keyed.event.type)
  const planned = jobs.map(({ process, queue, reason, problems }) => ({
    process,
    queue,
    reason,
    problems,
    gate: gates.get(process)
  }))
  return { dry_run: true, type, lookups, known, jobs: planned, left_out: leftOut, rules }
}

/** As the original service answers. A task was what waited there for the jobs of the event. */
function toVerbose (jobs: JobAddress[], key: string, event: object): object {
  return { processes: jobs.map(([process, job]) => ({ process, job, task: key })), event }
}
