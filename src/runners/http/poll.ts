import { type Static, Type } from 'typebox'
import { errors } from '../../base/errors.ts'
import { retry } from '../../base/retry.ts'
import { wait } from '../../base/wait.ts'
import type { ProcessOutcome } from '../../sdk/process.ts'
import { type Answer, type ExchangeRequest, TransientError } from './exchange.ts'
import { atPointer } from '../../base/json-pointer.ts'
import { readOutcome } from '../outcome.ts'

const pointer = (description: string) =>
  Type.String({ pattern: '^(/.*)?$', description: `JSON pointer: ${description}` })

export const PollSchema = Type.Object(
  {
    url: Type.Optional(pointer('where the first answer has the address to ask; without it, its Location header')),
    every_ms: Type.Optional(
      Type.Integer({
        minimum: 10,
        maximum: 3_600_000,
        default: 5000,
        description: 'Milliseconds between two questions; a longer Retry-After wins'
      })
    ),
    status: pointer('the status in an answer'),
    done: Type.Array(Type.String(), { minItems: 1, description: 'Statuses of success' }),
    failed: Type.Array(Type.String(), { description: 'Statuses of failure; any other means that it still runs' }),
    output: Type.Optional(pointer('the output in the last answer; the whole answer without it')),
    events: Type.Optional(pointer('the events in the last answer')),
    reason: Type.Optional(pointer('the reason of a failure')),
    max_failures: Type.Optional(
      Type.Integer({ minimum: 0, default: 10, description: 'Questions in a row that may fail before the job does' })
    )
  },
  { additionalProperties: false }
)

export type Poll = Static<typeof PollSchema>

type Asking = {
  send: (request: ExchangeRequest) => Promise<Answer>
  url: URL
  signal: AbortSignal
  maxOutputBytes: number
  hide: (text: string) => string
}

/**
 * Asks until the work has ended: the outcome, or the reason of its failure as an error. Starts from the answer at hand.
 */
export const pollUntilDone = async (poll: Poll, first: Answer, asking: Asking): Promise<ProcessOutcome> => {
  const { signal, maxOutputBytes, hide } = asking
  const everyMs = poll.every_ms ?? 5000
  for (let answer = first; ;) {
    const outcome = readStatus(poll, answer.body, maxOutputBytes, hide)
    if (outcome !== undefined) return outcome
    await wait(Math.max(everyMs, answer.retryAfterMs), signal)
    answer = await askPatiently(poll, everyMs, asking)
  }
}

/** Asks once, and again where there is no answer with a status, up to `max_failures` times in a row. */
async function askPatiently (poll: Poll, everyMs: number, { send, url, signal }: Asking): Promise<Answer> {
  const tries = (poll.max_failures ?? 10) + 1
  const ask = async (): Promise<Answer> => {
    const answer = await send({ url, method: 'GET', signal })
    if (atPointer(answer.body, poll.status) !== undefined) return answer
    throw new TransientError(`${url.origin}${url.pathname} answered without ${poll.status}`, answer.retryAfterMs)
  }
  const delays = (_failures: number, error: unknown): number =>
    Math.max(everyMs, (error as TransientError).retryAfterMs)
  try {
    return await retry(ask, { tries, delays, mayPass: (error) => error instanceof TransientError, signal })
  } catch (error) {
    if (!(error instanceof TransientError)) throw error
    throw new Error(`${error.message} (${tries} times in a row)`)
  }
}

const readStatus = (
  poll: Poll,
  body: unknown,
  maxOutputBytes: number,
  hide: (text: string) => string
): ProcessOutcome | undefined => {
  const status = atPointer(body, poll.status)
  if (typeof status !== 'string') return undefined
  if (poll.failed.includes(status)) {
    const reason = poll.reason === undefined ? undefined : atPointer(body, poll.reason)
    throw new Error(
      reason === undefined || reason === null
        ? `the service reports ${status}`
        : `the service reports ${status}: ${hide(asText(reason)).slice(0, MAX_REASON)}`
    )
  }
  if (!poll.done.includes(status)) return undefined
  return readOutcome(
    {
      output: poll.output === undefined ? body : (atPointer(body, poll.output) ?? null),
      events: poll.events === undefined ? undefined : atPointer(body, poll.events)
    },
    { maxOutputBytes }
  )
}

/** Of a reason, what is looked through for secrets and what is quoted. */
const MAX_HIDDEN = 100_000
const MAX_REASON = 1000

const asText = (value: unknown): string =>
  (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, MAX_HIDDEN)

/** The address to ask; it must be of the service's own origin or an allowed one, as the headers go there too. */
export const findPollUrl = (poll: Poll, answer: Answer, base: URL, allowedOrigins: string[]): URL => {
  const found = poll.url === undefined ? answer.location : atPointer(answer.body, poll.url)
  const source = poll.url === undefined ? 'Location header' : poll.url
  if (typeof found !== 'string' || found === '') throw errors.final(`the answer has no ${source} to ask for the result`)
  if (!URL.canParse(found, base.href)) throw errors.final(`the ${source} of the answer is no address`)
  const url = new URL(found, base)
  if (url.origin !== base.origin && !allowedOrigins.includes(url.origin)) {
    throw errors.final(
      `the ${source} of the answer leads to ${url.origin}, which is not ${base.origin} and not among allowed_origins`
    )
  }
  return url
}
