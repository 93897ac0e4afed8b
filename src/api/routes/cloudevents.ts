import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { errors } from '../../base/errors.ts'
import { pathOf } from '../../engine/cloudevents/attributes.ts'
import type { Message } from '../../engine/cloudevents/message.ts'
import { createRateLimit } from '../../engine/cloudevents/rate-limit.ts'
import { readCloudEvents } from '../../engine/cloudevents/read.ts'
import { consent } from '../../engine/cloudevents/webhook.ts'
import type { Accepted, Submitted } from '../../engine/dispatch/dispatch.ts'
import { ReceivedSchema } from '../../schemas/submit.ts'
import { checkMaySubmit } from '../access/access.ts'
import { KEDRO_TYPE, toKedroAnswer } from '../kedro-answer.ts'
import type { App, Engine, Route } from '../dependencies.ts'
import { refusals, responses } from '../responses.ts'
import { withTrace } from '../transport.ts'

/** Served with and without a slash at its end, alike: senders do not follow redirects. */
const URL = '/event'
/** The extension in which a job that submits an event names itself. */
const PARENT = 'parentid'

const anything = (description: string) => Type.Object({}, { additionalProperties: true, description })
const AnyBody = Type.Unknown({
  description: 'An event in binary mode: attributes in headers `ce-<name>`, the data here'
})

const Content = {
  'application/cloudevents+json': { schema: anything('An event in structured mode') },
  'application/cloudevents-batch+json': {
    schema: Type.Array(Type.Object({}, { additionalProperties: true }), { description: 'Events in batched mode' })
  },
  'application/json': { schema: AnyBody },
  '*/*': { schema: AnyBody }
}

const Nothing = Type.Unsafe({
  $ref: 'Received#',
  description: 'Nothing was started: nothing matches, or all of it was known already'
})

const RECEIVE = {
  operationId: 'receiveCloudEvent',
  tags: ['cloudevents'],
  summary: 'Take a CloudEvent, or a batch of them',
  description:
    'CloudEvents 1.0.2 in binary, structured or batched mode. All jobs of a request are queued, or none. The ' +
    'same `source` and `id` again are answered with the jobs of the first time.',
  querystring: Type.Object({
    access_token: Type.Optional(Type.String({ description: 'The token, for senders that cannot set a header' }))
  }),
  body: { content: Content },
  response: responses({ 200: Nothing, 202: Type.Ref('Received') }, 400, 401, 404, 409, 413, 415, 429)
}

const CONSENT = {
  operationId: 'consentToDeliveries',
  tags: ['cloudevents'],
  summary: 'Whether a sender may deliver here, and how often',
  description:
    'Asked with `WebHook-Request-Origin`. Consent is told by `WebHook-Allowed-Origin`; a callback address is ' +
    'never called.',
  response: {
    ...refusals(),
    ...refusals([404, 413]),
    200: Type.Null({
      description:
        'With `WebHook-Allowed-Origin` and `WebHook-Allowed-Rate` where the sender may deliver, without them where not'
    })
  }
}

/** Receives CloudEvents 1.0.2 over HTTP, and consents to deliveries (HTTP 1.1 Web Hooks for Event Delivery 1.0.2). */
export const cloudEventRoutes: Route = {
  tag: { name: 'cloudevents', description: 'Receive CloudEvents 1.0.2 over HTTP, as a webhook' },
  schemas: [ReceivedSchema],
  routes: async (app, { engine, settings: { cloudEvents } }) => {
    takeAnyBody(app, cloudEvents.served)
    const config = { scope: 'submit', keyInQuery: true } as const

    app.post(
      URL,
      { config, onRequest: limitRate(cloudEvents.ratePerMinute), schema: RECEIVE },
      async (request, reply) => {
        const started = performance.now()
        const { batch, events } = readCloudEvents(toMessage(request))
        for (const { event } of events) checkMaySubmit(request.caller, event)
        const by = request.caller.submitter
        const all = await submitAll(engine, events.map((keyed) => withTrace(keyed, request)), { batch, by })
        for (const accepted of all) {
          if (accepted !== undefined) {
            engine.metrics.accepted(accepted.entry, accepted.known, performance.now() - started)
          }
        }
        const [only] = all
        if (!batch && only !== undefined) reply.header('location', `/events/${only.key}`)
        const isKedro = request.headers.accept?.includes(KEDRO_TYPE) === true
        const answer = all.map((accepted, i) => {
          if (accepted === undefined) return []
          return isKedro ? toKedroAnswer(accepted, events[i]?.event) : accepted.jobs
        })
        const code = all.some(isStarted) ? 202 : 200
        // A broker that asks for a reply takes a body that is no CloudEvent for a delivery that failed (Knative).
        if (wantsReply(request)) return await (reply as FastifyReply).code(code).send()
        reply.code(isKedro ? 200 : code).type('application/json').serializer(JSON.stringify)
        return await reply.send(batch ? answer : (answer[0] ?? []))
      }
    )

    // A sender asks for consent before it has been given a token; nothing is told that a delivery would not show.
    app.options(URL, { config: { scope: 'open' }, schema: CONSENT }, async ({ headers }, reply) => {
      const [origin, rate] = [single(headers['webhook-request-origin']), single(headers['webhook-request-rate'])]
      // Without a body: not even the word null.
      return await (reply as FastifyReply).code(200).headers(consent(origin, rate, cloudEvents) ?? {}).send()
    })

    app.route({
      method: ['GET', 'PUT', 'PATCH', 'DELETE'],
      url: URL,
      config,
      schema: { hide: true },
      onRequest: async (request, reply) => {
        reply.header('allow', 'POST, OPTIONS')
        throw errors.methodNotAllowed(request.method)
      },
      handler: async () => {}
    })
  }
}

/**
 * Takes the bytes of every body, whatever its type: the reader tells which mode it is in, and what is wrong with it.
 */
function takeAnyBody (app: App, served: boolean): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => { done(null, body) })
  app.addHook('onRequest', async (request) => {
    if (!served) throw errors.noCloudEvents()
    // Fastify refuses a Content-Type that it cannot read, and takes none for an empty one; the reader has the real one.
    if (request.headers['content-type'] !== undefined) request.raw.headers['content-type'] = 'application/octet-stream'
  })
  app.addHook('onSend', async (request, reply) => {
    if (hasQueryToken(request)) reply.header('cache-control', 'private')
  })
}

function limitRate (perMinute: number): (request: FastifyRequest) => Promise<void> {
  const overRate = createRateLimit(perMinute)
  return async ({ headers }) => {
    const sender = headers['webhook-request-origin']
    const waitS = typeof sender === 'string' ? overRate(sender.toLowerCase()) : 0
    if (waitS > 0) throw errors.rateExceeded(waitS)
  }
}

async function submitAll (
  { dispatch, children }: Engine,
  events: ReadonlyArray<Submitted['keyed']>,
  { batch, by }: { batch: boolean, by: string | undefined }
): Promise<Array<Accepted | undefined>> {
  const submitted: Submitted[] = []
  for (const [i, keyed] of events.entries()) {
    const at = batch ? String(i) : ''
    submitted.push({ keyed, at, by, parent: await children.check(keyed.event[PARENT], pathOf(at, PARENT)) })
  }
  return await dispatch.submitAll(submitted)
}

const hasQueryToken = ({ query }: FastifyRequest): boolean =>
  (query as { access_token?: unknown } | undefined)?.access_token !== undefined

/** `Prefer: reply`, among other preferences or alone (RFC 7240). */
function wantsReply ({ headers: { prefer = [] } }: FastifyRequest): boolean {
  return [prefer].flat().some((line) => line.split(',').some((one) => /^\s*reply\s*(;|$)/i.test(one)))
}

const isStarted = (accepted: Accepted | undefined): boolean =>
  accepted !== undefined && !accepted.known && accepted.jobs.length > 0

const single = (value: string | string[] | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined

function toMessage ({ raw: { rawHeaders }, body }: FastifyRequest): Message {
  const headers: Message['headers'] = []
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    headers.push([rawHeaders[i] as string, rawHeaders[i + 1] as string])
  }
  return { headers, body: Buffer.isBuffer(body) ? body : Buffer.alloc(0) }
}
