type Details = {
  statusCode?: number | undefined
  code: string
  field?: string | undefined
  retryAfterMs?: number | undefined
  cause?: unknown
}

/**
 * What every method of EventClient rejects with, but for an abort by the caller's own signal.
 *
 * `code` is the stable word of the service (`UNKNOWN_EVENT_TYPE`, `JOB_NOT_FOUND` …) or one of the client:
 * `CONNECTION_FAILED` and `TIMEOUT` (no answer), `INVALID_ANSWER` (an answer, not of a Signalbox), `INVALID_ARGUMENT`.
 */
export class EventClientError extends Error {
  /** Undefined where there was no answer. */
  readonly statusCode: number | undefined
  readonly code: string
  /** Path of the field that is at fault, where the input is. */
  readonly field: string | undefined
  /** How long the service asked to be left alone. */
  readonly retryAfterMs: number | undefined

  constructor (message: string, { statusCode, code, field, retryAfterMs, cause }: Details) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'EventClientError'
    this.statusCode = statusCode
    this.code = code
    this.field = field
    this.retryAfterMs = retryAfterMs
  }
}
