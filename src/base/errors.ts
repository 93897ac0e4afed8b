/**
 * One line per error: the code is stable, the message may change. `field` is the path into the input that is at fault.
 */
export class SignalboxError extends Error {
  readonly code: string
  readonly statusCode: number
  readonly field: string | undefined
  /** Seconds after which the same request may succeed; only with 503 and 429. */
  readonly retryAfter: number | undefined

  constructor (
    code: string,
    statusCode: number,
    message: string,
    options: { field?: string, retryAfter?: number, cause?: unknown } = {}
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'SignalboxError'
    this.code = code
    this.statusCode = statusCode
    this.field = options.field
    this.retryAfter = options.retryAfter
  }
}

/** The command line is at fault: the message goes out with the usage. */
export class UsageError extends Error {
  override name = 'UsageError'
}

type Cause = { cause?: unknown }

export const errors = {
  invalidEvent: (field: string, message: string) =>
    new SignalboxError('INVALID_EVENT', 400, `${field === '' ? 'event' : field} ${message}`, { field }),
  invalidQuery: (field: string, message: string) =>
    new SignalboxError('INVALID_QUERY', 400, `${field} ${message}`, { field }),
  emailNotSpecified: () => new SignalboxError('INVALID_QUERY', 400, 'Email not specified', { field: 'email' }),
  unknownFormat: (format: string) =>
    new SignalboxError('INVALID_QUERY', 400, `Format ${format} not known`, { field: 'format' }),
  unsupportedFormat: (mediaType: string) =>
    new SignalboxError(
      'UNSUPPORTED_FORMAT',
      415,
      `${mediaType.slice(0, 100)} is not understood: CloudEvents are taken as application/cloudevents+json, as application/cloudevents-batch+json, or in binary mode`
    ),
  notFound: (what: string) => new SignalboxError('NOT_FOUND', 404, `there is no ${what}`),
  notJsonText: () =>
    new SignalboxError(
      'INVALID_JSON',
      400,
      "the body begins with a quote, and is neither JSON nor the JSON that Python's repr prints"
    ),
  notJson: (mediaType: string) =>
    new SignalboxError(
      'UNSUPPORTED_FORMAT',
      400,
      `${mediaType === '' ? 'a body without a content type' : mediaType.slice(0, 100)} is not understood: an event is application/json`
    ),
  tooDeep: () => new SignalboxError('TOO_DEEP', 400, 'the JSON is nested deeper than anything that is taken'),
  tooManyOpen: (what: string, most: number) =>
    new SignalboxError('TOO_MANY_OPEN', 429, `${most} ${what} are the most of one key and address at once`, {
      retryAfter: 5
    }),
  notUtf8: () => new SignalboxError('INVALID_BODY', 400, 'the body is not UTF-8'),
  batchTooLarge: (length: number, max: number) =>
    new SignalboxError('BATCH_TOO_LARGE', 413, `the batch has ${length} events; ${max} are the most`),
  rateExceeded: (retryAfter: number) =>
    new SignalboxError('RATE_EXCEEDED', 429, 'more deliveries than the rate that was granted', { retryAfter }),
  noCloudEvents: () =>
    new SignalboxError(
      'NOT_FOUND',
      404,
      'this service takes no CloudEvents: neither SIGNALBOX_EVENTS_CONFIG nor SIGNALBOX_CLOUDEVENTS is set'
    ),
  notInstalled: (message: string) => new SignalboxError('NOT_INSTALLED', 404, message),
  methodNotAllowed: (method: string) =>
    new SignalboxError('METHOD_NOT_ALLOWED', 405, `${method} is not allowed here`),
  eventIdConflict: (field: string, { id, source }: { id: string, source: string }) =>
    new SignalboxError(
      'EVENT_ID_CONFLICT',
      409,
      `event ${JSON.stringify(id)} of ${JSON.stringify(source)} is known with another ${field}: an id names one event`,
      { field }
    ),
  unknownParent: (field: string) =>
    new SignalboxError('UNKNOWN_PARENT', 400, `${field} names no job that is known`, { field }),
  unknownEventType: (type: string) =>
    new SignalboxError('UNKNOWN_EVENT_TYPE', 404, `event type ${JSON.stringify(type)} is not known`, {
      field: 'type'
    }),
  unknownProcess: (name: string) =>
    new SignalboxError('UNKNOWN_PROCESS', 404, `process ${JSON.stringify(name)} is not known`),
  unknownQueue: (name: string) =>
    new SignalboxError('UNKNOWN_QUEUE', 404, `queue ${JSON.stringify(name)} is not known`),
  jobNotFound: (processName: string, id: string) =>
    new SignalboxError('JOB_NOT_FOUND', 404, `process ${processName} has no job ${JSON.stringify(id)}`),
  eventNotFound: (id: string) =>
    new SignalboxError('EVENT_NOT_FOUND', 404, `event ${JSON.stringify(id)} is not known`),
  routingGone: (message: string) =>
    new SignalboxError('ROUTING_GONE', 409, `it cannot be replayed as then: ${message}`),
  noCondition: (message: string) =>
    new SignalboxError('NO_CONDITION', 400, `a filter without a condition takes everything: ${message}`),
  unknownSchedule: (name: string) =>
    new SignalboxError('UNKNOWN_SCHEDULE', 404, `schedule ${JSON.stringify(name)} is not known`),
  invalidBackfill: (field: string, message: string) =>
    new SignalboxError('INVALID_BACKFILL', 400, `${field === '' ? 'backfill' : field} ${message}`, { field }),
  backfillNotFound: (id: string) =>
    new SignalboxError('BACKFILL_NOT_FOUND', 404, `backfill ${JSON.stringify(id)} is not known`),
  backfillExists: (id: string) =>
    new SignalboxError('BACKFILL_EXISTS', 409, `there is another backfill ${JSON.stringify(id)}, with another body`, {
      field: 'id'
    }),
  notificationNotFound: (id: string) =>
    new SignalboxError('NOTIFICATION_NOT_FOUND', 404, `notification ${JSON.stringify(id)} is not known`),
  notificationNotFailed: (id: string) =>
    new SignalboxError('NOTIFICATION_NOT_FAILED', 409, `notification ${JSON.stringify(id)} was not given up`),
  nothingToRetry: (id: string) =>
    new SignalboxError('NOTHING_TO_RETRY', 409, `no window of backfill ${JSON.stringify(id)} has failed`),
  jobNotFailed: () => new SignalboxError('JOB_NOT_FAILED', 409, 'it has not failed, or not any more'),
  jobNotFinished: (status: string) =>
    new SignalboxError(
      'JOB_NOT_FINISHED',
      409,
      `the job is ${status}: only a failed or cancelled job can be retried`
    ),
  foreignJobRunning: (id: string) =>
    new SignalboxError('FOREIGN_JOB_RUNNING', 409, `job ${id} runs in a foreign worker, which Signalbox cannot stop`),
  datastoreUnfit: (message: string) => new SignalboxError('DATASTORE_UNFIT', 500, message),
  datastoreFull: (message: string, { cause }: Cause = {}) =>
    new SignalboxError('DATASTORE_FULL', 507, `${message}; nothing was queued`, { retryAfter: 10, cause }),
  datastoreReadOnly: (cause?: unknown) =>
    new SignalboxError('BACKEND_UNAVAILABLE', 503, 'the datastore is read-only; nothing was queued', {
      retryAfter: 2,
      cause
    }),
  backendUnavailable: (cause?: unknown) =>
    new SignalboxError('BACKEND_UNAVAILABLE', 503, 'the datastore does not answer; nothing is known to be queued', {
      retryAfter: 2,
      cause
    }),
  tooManyStreams: (most: number) =>
    new SignalboxError(
      'TOO_MANY_STREAMS',
      503,
      `${most} streams are the most that this service keeps open; GET /events/{id} answers as well`,
      { retryAfter: 5 }
    ),
  invalidBlock: (field: string, message: string, named = false) =>
    new SignalboxError('INVALID_BLOCK', 400, named ? message : `${field === '' ? 'the block' : field} ${message}`, {
      field
    }),
  unknownKind: (name: string, known: string[]) =>
    new SignalboxError(
      'UNKNOWN_KIND',
      404,
      `there is no kind of block ${JSON.stringify(name)}; there are ${known.join(', ')}`,
      { field: 'kind' }
    ),
  blockNotFound: (kind: string, name: string) =>
    new SignalboxError(
      'BLOCK_NOT_FOUND',
      404,
      `there is no block ${JSON.stringify(name)} of the kind ${JSON.stringify(kind)}`
    ),
  blockNotAllowed: (field: string, message: string) =>
    new SignalboxError('BLOCK_NOT_ALLOWED', 403, `${field} ${message}`, { field }),
  blockInUse: (block: string, users: string[]) =>
    new SignalboxError(
      'BLOCK_IN_USE',
      409,
      `block ${block} is used by ${users.join(', ')}; ?force=true removes it all the same`
    ),
  tooManyBlocks: (most: number) => new SignalboxError('TOO_MANY_BLOCKS', 409, `${most} blocks are the most`),
  noSecretKey: () =>
    new SignalboxError(
      'NO_SECRET_KEY',
      409,
      'blocks are stored encrypted only: set SIGNALBOX_SECRET_KEY for all roles (openssl rand -base64 32 makes one)'
    ),
  wrongSecretKey: (block: string, missing: boolean) =>
    new SignalboxError(
      'WRONG_SECRET_KEY',
      500,
      `block ${block} cannot be opened: ${missing ? 'SIGNALBOX_SECRET_KEY is not set' : 'it was stored with another key than SIGNALBOX_SECRET_KEY; set that one as SIGNALBOX_SECRET_KEY_OLD'}`
    ),
  blockTampered: (block: string, { cause }: Cause = {}) =>
    new SignalboxError(
      'BLOCK_TAMPERED',
      500,
      `block ${block} cannot be opened: what the datastore holds is not what was stored`,
      { cause }
    ),
  linkInvalid: () =>
    new SignalboxError(
      'LINK_INVALID',
      403,
      'this link was not made here, or has expired; GET /jobs/{process}/{id}/files makes new ones'
    ),
  consoleNotBuilt: () => new SignalboxError('CONSOLE_NOT_BUILT', 404, 'the console is not built: run npm run build'),
  fileNotFound: (name: string) =>
    new SignalboxError('FILE_NOT_FOUND', 404, `there is no file ${JSON.stringify(name)} in the store`),
  beingSettled: (key: string) =>
    new SignalboxError('BEING_SETTLED', 503, `event ${JSON.stringify(key)} is being settled at this moment`, {
      retryAfter: 1
    }),
  overloaded: () => new SignalboxError('OVERLOADED', 503, 'too many events wait to be written', { retryAfter: 1 }),
  invalidLookups: (problems: string[]) =>
    new SignalboxError('INVALID_LOOKUPS', 500, `the lookups are not valid:\n  ${problems.join('\n  ')}`),
  invalidConfig: (problems: string[]) =>
    new SignalboxError('INVALID_CONFIG', 500, `the configuration is not valid:\n  ${problems.join('\n  ')}`),
  earlierEvents: (count: number) =>
    new SignalboxError(
      'EARLIER_EVENTS',
      500,
      `the datastore holds ${count} events of version 0.1 that have not ended, which this version cannot take over: let version 0.1 end them (signalbox worker and signalbox results take up no new ones), then start this version again`
    ),
  dataFolderUnfit: (folder: string, reason: string, cause?: unknown) =>
    new SignalboxError(
      'DATA_FOLDER_UNFIT',
      500,
      `the data folder ${folder} cannot be used: ${reason}; put a backup in its place (signalbox restore FILE), choose another folder with SIGNALBOX_BACKEND, or remove it to begin anew`,
      { cause }
    ),
  dataFolderInUse: (folder: string) =>
    new SignalboxError(
      'DATA_FOLDER_IN_USE',
      500,
      `another process uses the data folder ${folder}; stop it, or choose another with SIGNALBOX_BACKEND`
    ),
  inputRefused: (field: string, message: string) =>
    new SignalboxError('INPUT_REFUSED', 400, `${field} ${message}`, { field }),
  /** The work itself says no: not retried, whatever `attempts` says. */
  final: (message: string, { cause }: Cause = {}) => new SignalboxError('FINAL', 500, message, { cause })
} as const

/** Redis and PostgreSQL, and the file system under the embedded one. */
const FULL = /^OOM\b|-OOM |No space left|MISCONF|ENOSPC/
const READ_ONLY = /READONLY|read-only transaction/

/** What is told of a datastore that did not do what was asked: the real reason, where it says one. */
export function unavailable (error: unknown): SignalboxError {
  if (error instanceof SignalboxError) return error
  const { code, message } = error as { code?: unknown, message?: unknown }
  if (code === '53100' || FULL.test(String(message))) {
    return errors.datastoreFull('the datastore is full', { cause: error })
  }
  return READ_ONLY.test(String(message)) ? errors.datastoreReadOnly(error) : errors.backendUnavailable(error)
}
