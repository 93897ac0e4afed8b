import { type Static, Type } from 'typebox'
import { Agent } from 'undici'
import { deadline } from '../../base/deadline.ts'
import type { Kinds } from '../../sdk/blocks/kind.ts'
import type { ProcessOutcome } from '../../sdk/process.ts'
import { parseOutput } from '../command/output.ts'
import { stopReason } from '../failure.ts'
import { createExchange, type Answer } from './exchange.ts'
import { PollSchema, findPollUrl, pollUntilDone } from './poll.ts'
import { masked, type MaskedContext } from '../masked.ts'
import type { Runner } from '../runner.ts'
import { type Environment, ValueSchema, readValues } from '../value.ts'

export const HttpRunSchema = Type.Object(
  {
    http: Type.Object(
      {
        url: Type.String({
          pattern: '^https?://[^/@]+(/.*)?$',
          description: 'Where the job is sent as JSON: { event, params, process, job_id, attempt, absorbed, absorbed_count, joined }'
        }),
        method: Type.Optional(
          Type.Union([Type.Literal('POST'), Type.Literal('PUT'), Type.Literal('PATCH')], { default: 'POST' })
        ),
        headers: Type.Optional(Type.Record(Type.String(), ValueSchema, { description: 'Sent with every request' })),
        timeout_ms: Type.Optional(
          Type.Integer({
            minimum: 1,
            maximum: 86_400_000,
            default: 30_000,
            description: 'Milliseconds for one request and the whole of its answer'
          })
        ),
        max_response_bytes: Type.Optional(
          Type.Integer({ minimum: 1, default: 4_194_304, description: 'Bytes of one answer' })
        ),
        allowed_origins: Type.Optional(
          Type.Array(Type.String({ pattern: '^https?://[^/@]+$' }), {
            description: 'Other origins that may be polled, with the same headers'
          })
        ),
        poll: Type.Optional(PollSchema),
        cancel: Type.Optional(
          Type.Object(
            {
              method: Type.Optional(Type.Union([Type.Literal('DELETE'), Type.Literal('POST')], { default: 'DELETE' }))
            },
            {
              additionalProperties: false,
              description: 'What is sent to the polled address when the job is stopped; nothing without it'
            }
          )
        )
      },
      { additionalProperties: false }
    )
  },
  {
    additionalProperties: false,
    description:
      'A service. Every attempt, and a job that is taken up again after a crash, is sent with the same ' +
      'Idempotency-Key, the job id: a service that heeds it does the work once'
  }
)

export type HttpRun = Static<typeof HttpRunSchema>

export type HttpRunnerOptions = {
  /** Milliseconds that the request to cancel may take. */
  graceMs: number
  maxOutputBytes: number
  /** Where header values that are named `{ env }` or `{ block }` are found. */
  env: Environment
  kinds: Kinds
}

/**
 * A 2xx answer without `poll` is the outcome. 4xx other than 408, 425 and 429 is final, a network error or 5xx is for
 * the next attempt. Whether a service has stopped its work cannot be known: the reason says what it answered to
 * `cancel`.
 */
export const createHttpRunner = ({ http: entry }: HttpRun, options: HttpRunnerOptions): Runner => {
  const dispatcher = new Agent()
  let closing: Promise<void> | undefined
  return {
    run: masked(async (context) => {
      const { env, kinds } = options
      const headers = await readValues(entry.headers, { env, kinds, ...context })
      const send = createExchange({
        dispatcher,
        headers: Object.fromEntries(headers),
        timeoutMs: entry.timeout_ms ?? 30_000,
        maxBytes: entry.max_response_bytes ?? 4_194_304,
        hide: context.redactor.text
      })
      return await runRemote(entry, options, context, send)
    }, options.kinds),
    close: async () => await (closing ??= dispatcher.destroy())
  }
}

/** Gives the job to the service, which goes on with the trace. */
async function start (entry: HttpRun['http'], url: URL, context: MaskedContext, send: Send): Promise<Answer> {
  const { event, params, processName, jobId, attempt, absorbed, absorbedCount, joined, signal, redactor } = context
  const method = entry.method ?? 'POST'
  const span = context.span?.(`${method} ${url.host}`)
  const traceparent = span?.traceparent ?? context.traceparent
  const headers = { 'content-type': 'application/json', 'idempotency-key': jobId }
  try {
    const answer = await send({
      url,
      method,
      signal,
      body: JSON.stringify({
        event,
        params,
        process: processName,
        job_id: jobId,
        attempt,
        absorbed,
        absorbed_count: absorbedCount,
        joined
      }),
      headers: traceparent === undefined ? headers : { ...headers, traceparent }
    })
    span?.end({ attributes: { 'http.response.status_code': answer.status } })
    return answer
  } catch (error) {
    span?.end({ error: redactor.text((error as Error).message) })
    throw error
  }
}

const runRemote = async (
  entry: HttpRun['http'],
  { graceMs, maxOutputBytes }: HttpRunnerOptions,
  context: MaskedContext,
  send: Send
): Promise<ProcessOutcome> => {
  const { signal, log, redactor } = context
  if (signal.aborted) throw new Error(stopReason(signal))
  const url = new URL(entry.url)
  let pollUrl: URL | undefined
  try {
    const answer = await start(entry, url, context, send)
    log(`${url.origin} answered ${answer.status}`)
    if (entry.poll === undefined) return parseOutput(answer.text, maxOutputBytes)
    pollUrl = findPollUrl(entry.poll, answer, url, entry.allowed_origins ?? [])
    return await pollUntilDone(entry.poll, answer, {
      send,
      url: pollUrl,
      signal,
      maxOutputBytes,
      hide: redactor.text
    })
  } catch (thrown) {
    if (!signal.aborted) throw thrown
    // Handed back, not cancelled: the worker that takes the job next asks for the same work under the same key.
    if ((signal.reason as { code?: unknown } | undefined)?.code === 'shutdown') throw new Error(stopReason(signal))
    if (entry.cancel === undefined || pollUrl === undefined) {
      throw new Error(`${stopReason(signal)}; the service was not told and may still work`)
    }
    throw new Error(`${stopReason(signal)}; ${await cancel(send, entry, pollUrl, graceMs)}`)
  }
}

type Send = ReturnType<typeof createExchange>

async function cancel (send: Send, entry: HttpRun['http'], url: URL, graceMs: number): Promise<string> {
  try {
    const { status } = await send({ url, method: entry.cancel?.method ?? 'DELETE', signal: deadline(graceMs) })
    return `the service was told and answered ${status}`
  } catch (thrown) {
    return `the service was told, but: ${thrown instanceof Error ? thrown.message : String(thrown)}`
  }
}
