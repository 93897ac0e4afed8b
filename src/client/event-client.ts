import { createCalls, type Calls } from './calls.ts'
import { createExchange, type Exchange } from './exchange.ts'
import { backfills } from './features/backfills.ts'
import { blocks } from './features/blocks.ts'
import { events } from './features/events.ts'
import { figures } from './features/figures.ts'
import { jobs } from './features/jobs.ts'
import { lookups } from './features/lookups.ts'
import { me } from './features/me.ts'
import { queries } from './features/queries.ts'
import { schedules } from './features/schedules.ts'
import { sessions } from './features/session.ts'
import { subjects } from './features/subjects.ts'
import { submitting } from './features/submit.ts'
import type { EventClientOptions } from './requests.ts'

export { CLIENT_SOURCE } from './features/submit.ts'
export type {
  EventClientOptions,
  EventFilter,
  FailedFilter,
  JobFilter,
  NewEvent,
  ReplayFilter,
  RetryFilter,
  SearchOptions
} from './requests.ts'

export const DEFAULT_URL = 'http://127.0.0.1:3000'

/** All that the client can do, a file per feature. */
const features = (calls: Calls, retries: number) => ({
  ...submitting(calls),
  ...jobs(calls),
  ...events(calls, retries),
  ...lookups(calls),
  ...schedules(calls),
  ...backfills(calls),
  ...blocks(calls),
  ...figures(calls),
  ...subjects(calls),
  ...me(calls),
  ...queries(calls),
  ...sessions(calls)
})
type Features = ReturnType<typeof features>

// The methods are those of the features; a class cannot be told of them in another way.
export interface EventClient extends Features {}

/**
 * Talks to a Signalbox. All methods reject with EventClientError.
 *
 * Refused and broken connections, 429, 502, 503 and 504 are tried again `retries` times, later each time or when
 * `Retry-After` says. What must not happen twice (`cancelJob`, `retryJob`, `retryJobs`, `replayEvent`) is tried
 * again only where the service cannot have acted on it.
 */
export class EventClient {
  readonly #exchange: Exchange

  constructor ({ url = DEFAULT_URL, token, retries = 3, timeoutMs = 30_000, dispatcher }: EventClientOptions = {}) {
    this.#exchange = createExchange({ url, token, retries, timeoutMs, dispatcher })
    Object.assign(this, features(createCalls(this.#exchange), retries))
  }

  /** Waits for requests under way and lets go of the connections. */
  async close (): Promise<void> {
    await this.#exchange.close()
  }
}
