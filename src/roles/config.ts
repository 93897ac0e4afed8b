import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Ajv } from 'ajv'
import { Type, type Static, type TProperties, type TSchema } from 'typebox'
import { errors } from '../base/errors.ts'

/** A setting: its place in the file, the variable that overrides it, what it means, and other names of the variable. */
const setting = <T extends TSchema>(schema: T, env: string, description: string, aliases: string[] = []): T => ({ ...schema, env, description, aliases })
const group = <T extends TProperties>(properties: T) => Type.Object(properties, { additionalProperties: false })
const milliseconds = (minimum = 1) => Type.Integer({ minimum, maximum: 2 ** 31 - 1 })

/** Empty, or 32 bytes as base64 or hex. */
const SECRET_KEY = '^(|[A-Za-z0-9+/]{43}=|[0-9A-Fa-f]{64})$'
/** Settings whose values are told to nobody. */
const HIDDEN = new Set(['SIGNALBOX_TOKEN', 'SIGNALBOX_BACKEND', 'SIGNALBOX_REPORT_SERVER', 'SIGNALBOX_SECRET_KEY', 'SIGNALBOX_SECRET_KEY_OLD'])

export const ConfigSchema = group({
  host: setting(Type.String({ minLength: 1 }), 'HOST', 'Address to listen on. On anything but loopback it starts with `SIGNALBOX_TOKEN` or `SIGNALBOX_KEYS` only'),
  port: setting(Type.Integer({ minimum: 0, maximum: 65535 }), 'PORT', 'Port of the HTTP service; 0 takes a free one'),
  log_level: setting(Type.Union(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'].map((level) => Type.Literal(level))), 'LOG_LEVEL', 'What is logged; `debug` has a line per request'),
  version: setting(Type.String({ pattern: '^[!-?A-~]{0,100}$' }), 'SIGNALBOX_VERSION', 'Version of the image or the code, which every job is recorded with that it runs; that of the package where it is empty', ['DOCKER_IMAGE_TAG']),
  token: setting(Type.String(), 'SIGNALBOX_TOKEN', 'Where set, every request but `/live`, `/ready` and `/metrics` must carry `Authorization: Bearer <token>`; it may do everything'),
  keys: setting(Type.String(), 'SIGNALBOX_KEYS', 'Named keys with scopes: a file (read again when it changes) or the JSON itself, see [access](access.md). `/metrics` then asks for the scope `metrics`'),
  insecure: setting(Type.Boolean(), 'SIGNALBOX_INSECURE', 'Whether the service may listen on more than loopback without any key'),
  watchdog_ms: setting(milliseconds(0), 'SIGNALBOX_WATCHDOG_MS', 'A process whose event loop has not turned for so long ends itself, milliseconds; 0 means never'),
  secret_key: setting(Type.String({ pattern: SECRET_KEY }), 'SIGNALBOX_SECRET_KEY', 'With what blocks are encrypted in the datastore, the same for all roles: 32 bytes as base64 or hex (`openssl rand -base64 32`). Needed where there are blocks'),
  secret_key_old: setting(Type.String({ pattern: SECRET_KEY }), 'SIGNALBOX_SECRET_KEY_OLD', 'The key before, while it is being changed: blocks that it has encrypted can be read'),
  backend: setting(Type.String({ pattern: '^(pglite:|postgres(ql)?://|rediss?://)' }), 'SIGNALBOX_BACKEND', 'Datastore: `pglite:FOLDER` (embedded), `postgres://…`, `redis://…` or `rediss://…`'),
  store: setting(Type.String({ pattern: '^(file:.|s3://[^/]|block:.)' }), 'SIGNALBOX_STORE', 'Where processes put their files: `file:FOLDER`, `s3://BUCKET/PREFIX`, or `block:NAME` for the object_store of that name'),
  lookups: setting(Type.String({ minLength: 1 }), 'SIGNALBOX_LOOKUPS', 'Folder of `event_lookup.json` and `process_lookup.json`'),
  inputs: setting(Type.String(), 'SIGNALBOX_INPUTS', 'Folders from which a process may read a file that an event names, as in `PATH`; nothing outside them'),
  public_url: setting(Type.String({ pattern: '^(https?://[^\\s@]+)?$' }), 'SIGNALBOX_PUBLIC_URL', 'Where people reach the service, for the links in notices; `http://HOST:PORT` where it is empty'),
  link_seconds: setting(Type.Integer({ minimum: 1, maximum: 604_800 }), 'SIGNALBOX_LINK_SECONDS', 'How long the links of `GET /jobs/{process}/{id}/files` are good'),
  api: group({
    body_limit: setting(Type.Integer({ minimum: 1024, maximum: 16 * 1024 * 1024 }), 'SIGNALBOX_BODY_LIMIT', 'Largest request body, bytes; more is 413'),
    request_timeout_ms: setting(milliseconds(), 'SIGNALBOX_REQUEST_TIMEOUT_MS', 'Time that a client may take to send a request, milliseconds'),
    max_waiting_events: setting(Type.Integer({ minimum: 1 }), 'SIGNALBOX_MAX_WAITING_EVENTS', 'Events that may wait in memory for the datastore; more is 503'),
    allowed_hosts: setting(Type.String({ pattern: '^[^\\s/]*$' }), 'SIGNALBOX_ALLOWED_HOSTS', 'Names under which the service is reached beside loopback, `HOST` and that of `SIGNALBOX_PUBLIC_URL`, comma-separated; any other `Host` is 421'),
    rate_limit: setting(Type.Integer({ minimum: 0, maximum: 10_000_000 }), 'SIGNALBOX_RATE_LIMIT', 'Requests per minute of one key and address; more is 429, and 0 means no limit. Wrong keys are limited to 60 a minute whatever it says'),
    max_streams: setting(Type.Integer({ minimum: 0, maximum: 10_000 }), 'SIGNALBOX_MAX_STREAMS', 'Live streams of events (`GET /events/{id}/stream`) that are open at once; more is 503, and 0 means none')
  }),
  queues: group({
    prefix: setting(Type.String({ pattern: '^[^:]+$' }), 'SIGNALBOX_PREFIX', 'Where the keys lie in Redis; in braces, so that Redis Cluster keeps them on one node'),
    connections: setting(Type.Integer({ minimum: 2, maximum: 500 }), 'SIGNALBOX_CONNECTIONS', 'Connections to PostgreSQL for queries; each worker of a queue takes one more'),
    timeout_ms: setting(milliseconds(), 'SIGNALBOX_BACKEND_TIMEOUT_MS', 'An unanswered write is given up after this, milliseconds; the client gets 503'),
    batch_size: setting(Type.Integer({ minimum: 1, maximum: 1000 }), 'SIGNALBOX_BATCH_SIZE', 'Events written in one call when many come at once'),
    batches: setting(Type.Integer({ minimum: 1, maximum: 16 }), 'SIGNALBOX_BATCHES', 'Such calls under way at once'),
    retention_hours: setting(Type.Number({ exclusiveMinimum: 0, maximum: 24 * 365 * 20 }), 'SIGNALBOX_RETENTION_HOURS', 'How long ended events are kept, hours; their jobs twice as long')
  }),
  events: group({
    max_depth: setting(Type.Integer({ minimum: 1, maximum: 100 }), 'SIGNALBOX_MAX_DEPTH', 'Longest chain of follow-on events; deeper ones are recorded and start nothing'),
    max_fan_out: setting(Type.Integer({ minimum: 1 }), 'SIGNALBOX_MAX_FAN_OUT', 'Most follow-on events under one submitted event; more are refused')
  }),
  cloudevents: group({
    enabled: setting(Type.Boolean(), 'SIGNALBOX_CLOUDEVENTS', 'Whether `/event/` takes CloudEvents by `event_lookup.json` alone; with `SIGNALBOX_EVENTS_CONFIG` it does so anyway'),
    events_config: setting(Type.String(), 'SIGNALBOX_EVENTS_CONFIG', 'Which CloudEvents start which process: `{"<process>": {"source": "…", "type": "…"}}`, or a file of that. `KEDRO_GRAPHQL_EVENTS_CONFIG` and `KEDRO_GRAPHQL_EVENT_CONFIG` are read where it is not set', ['KEDRO_GRAPHQL_EVENTS_CONFIG', 'KEDRO_GRAPHQL_EVENT_CONFIG']),
    allowed_origins: setting(Type.String(), 'SIGNALBOX_WEBHOOK_ORIGINS', 'Senders that may deliver to `/event/`, as they ask with `OPTIONS`: DNS names, comma-separated, or `*`; empty means no consent'),
    allowed_rate: setting(Type.Integer({ minimum: 0, maximum: 1_000_000_000 }), 'SIGNALBOX_WEBHOOK_RATE', 'Deliveries per minute that a sender is granted at most, in each api process; more is 429. 0 means no limit')
  }),
  worker: group({
    name: setting(Type.String({ pattern: '^[!-~]{0,100}$' }), 'SIGNALBOX_WORKER_NAME', 'What this machine is called in notices and reports; its host name where it is empty', ['WORKER_NAME']),
    processes: setting(Type.String(), 'SIGNALBOX_PROCESSES', 'Processes that this worker serves, comma-separated; empty means all'),
    concurrency: setting(Type.Integer({ minimum: 1, maximum: 1000 }), 'SIGNALBOX_CONCURRENCY', 'Jobs of a process that run at once in one worker, where its lookup entry says nothing'),
    threads: setting(Type.Integer({ minimum: 0, maximum: 256 }), 'SIGNALBOX_THREADS', 'Threads for modules; 0 means one per core'),
    thread_memory_mb: setting(Type.Integer({ minimum: 64 }), 'SIGNALBOX_THREAD_MEMORY_MB', 'Heap of one such thread, MB; a module that needs more fails'),
    lock_ms: setting(milliseconds(500), 'SIGNALBOX_LOCK_MS', 'A job of a dead worker is taken again after this, plus `SIGNALBOX_STALLED_MS`, milliseconds'),
    stalled_ms: setting(milliseconds(100), 'SIGNALBOX_STALLED_MS', 'How often workers look for jobs of dead workers, milliseconds'),
    grace_ms: setting(milliseconds(0), 'SIGNALBOX_GRACE_MS', 'Time that work has to end by itself after a timeout or cancel, before it is ended, milliseconds'),
    shutdown_ms: setting(milliseconds(0), 'SIGNALBOX_SHUTDOWN_MS', 'On SIGTERM, time for running work to finish before it is handed back, milliseconds'),
    max_output: setting(Type.Integer({ minimum: 1024 }), 'SIGNALBOX_MAX_OUTPUT', 'Largest result of a job, bytes of JSON')
  }),
  notifications: group({
    retries: setting(Type.String({ pattern: '^[0-9]{1,6}(ms|s|m|h)(,[0-9]{1,6}(ms|s|m|h)){0,19}$' }), 'SIGNALBOX_NOTIFY_RETRIES', 'Pauses before a notice that could not be sent is tried again, comma-separated; after the last try it is given up'),
    timeout_ms: setting(milliseconds(100), 'SIGNALBOX_NOTIFY_TIMEOUT_MS', 'Longest time for a webhook to answer, and for each step of a mail server, milliseconds')
  }),
  reporting: group({
    server: setting(Type.String({ pattern: '^(amqps?://.+)?$' }), 'SIGNALBOX_REPORT_SERVER', 'AMQP broker for reports: `amqp://USER:PASSWORD@HOST:PORT/VHOST`; empty means that nothing is reported', ['REPORT_SERVER']),
    block: setting(Type.String({ pattern: '^([a-z0-9][a-z0-9_-]{0,63})?$' }), 'SIGNALBOX_REPORT_BLOCK', 'An `amqp` block to use instead of the three settings beside it'),
    exchange: setting(Type.String({ minLength: 1, maxLength: 255 }), 'SIGNALBOX_REPORT_EXCHANGE', 'The exchange for reports', ['REPORT_EXCHANGE']),
    exchange_type: setting(Type.Union(['topic', 'direct', 'fanout', 'headers'].map((type) => Type.Literal(type))), 'SIGNALBOX_REPORT_EXCHANGE_TYPE', 'Its type, with which it is declared', ['REPORT_EXCHANGE_TYPE']),
    buffer: setting(Type.Integer({ minimum: 1, maximum: 1_000_000 }), 'SIGNALBOX_REPORT_BUFFER', 'Reports that are kept in memory while the broker is away, and 32 MB of them at most; more are dropped and counted'),
    flush_ms: setting(milliseconds(0), 'SIGNALBOX_REPORT_FLUSH_MS', 'At the end, time for the broker to take what is left, milliseconds')
  }),
  status: group({
    port: setting(Type.Integer({ minimum: -1, maximum: 65535 }), 'SIGNALBOX_STATUS_PORT', 'Port on which a `worker` or `results` role answers `/live`, `/ready` and `/metrics`; -1 for none')
  }),
  fetch: group({
    max_bytes: setting(Type.Integer({ minimum: 1 }), 'SIGNALBOX_FETCH_MAX_BYTES', 'Largest input fetched over HTTP, bytes, also after decompression'),
    timeout_ms: setting(milliseconds(), 'SIGNALBOX_FETCH_TIMEOUT_MS', 'Longest time for one input fetched over HTTP, milliseconds'),
    allow_private: setting(Type.Boolean(), 'SIGNALBOX_FETCH_ALLOW_PRIVATE', 'Whether inputs may come from private, loopback and link-local addresses')
  })
})

export type Config = Static<typeof ConfigSchema>

type Tree = { [key: string]: unknown }
type Leaf = { path: string[], env: string, aliases: string[], description: string, type: string }

/**
 * Reads `file`, then the environment over it, checks all at once and answers one frozen object.
 * Relative folders are relative to the working directory.
 *
 * @throws INVALID_CONFIG naming each wrong setting, its value and what was expected
 */
export function loadConfig ({ file, env }: { file: string, env: Record<string, string | undefined> }): Config {
  const config = readFile(file)
  const problems: string[] = []
  for (const leaf of leaves()) {
    const text = [leaf.env, ...leaf.aliases].map((name) => env[name]).find((value) => value !== undefined && value !== '') ?? env[leaf.env]
    if (text === undefined || (text === '' && leaf.type !== 'string')) continue
    put(config, leaf.path, parse(text, leaf.type))
  }
  const validate = new Ajv({ allErrors: true, strict: false }).compile(ConfigSchema)
  if (!validate(config)) {
    for (const { instancePath, message, params } of validate.errors ?? []) problems.push(describe(config, env, instancePath, message ?? '', params, file))
    throw errors.invalidConfig([...new Set(problems)])
  }
  return freeze(config as Config)
}

/** All settings in their order, for the table in the documentation. */
export function leaves (schema: TSchema = ConfigSchema, path: string[] = []): Leaf[] {
  const { properties, env, aliases, description, type } = schema as { properties?: Record<string, TSchema>, env?: string, aliases?: string[], description?: string, type?: string }
  if (properties !== undefined) return Object.entries(properties).flatMap(([name, child]) => leaves(child, [...path, name]))
  return env === undefined ? [] : [{ path, env, aliases: aliases ?? [], description: description ?? '', type: type ?? 'string' }]
}

export const folders = (list: string): string[] => list.split(process.platform === 'win32' ? ';' : ':').filter((folder) => folder !== '').map((folder) => resolve(folder))

function readFile (file: string): Tree {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Tree
  } catch (cause) {
    throw errors.invalidConfig([`${file}: ${(cause as Error).message}`])
  }
}

/** A value that does not parse stays text, so that the schema refuses it by name. */
function parse (text: string, type: string): unknown {
  if (type === 'boolean' && /^(true|false)$/.test(text)) return text === 'true'
  if ((type === 'integer' || type === 'number') && text.trim() !== '' && Number.isFinite(Number(text))) return Number(text)
  return text
}

function put (tree: Tree, path: string[], value: unknown): void {
  const [name = '', ...rest] = path
  if (rest.length === 0) tree[name] = value
  else put((tree[name] ??= {}) as Tree, rest, value)
}

function describe (config: Tree, env: Record<string, string | undefined>, instancePath: string, message: string, params: Record<string, unknown>, file: string): string {
  const path = instancePath.split('/').slice(1)
  const extra = params['additionalProperty'] ?? params['missingProperty']
  if (extra !== undefined) return `${file}: ${[...path, extra].join('.')} ${params['missingProperty'] === undefined ? 'is not a setting' : 'is missing'}`
  const leaf = leaves().find((one) => one.path.join('/') === path.join('/'))
  const value = path.reduce<unknown>((tree, name) => (tree as Tree | undefined)?.[name], config)
  const name = leaf !== undefined && env[leaf.env] !== undefined ? leaf.env : `${file}: ${path.join('.')}`
  const shown = HIDDEN.has(leaf?.env ?? '') ? 'its value' : JSON.stringify(value)
  const allowed = params['allowedValue'] === undefined ? '' : ` ${JSON.stringify(params['allowedValue'])}`
  return `${name}: ${shown} ${message}${allowed}`
}

function freeze<T extends object> (tree: T): T {
  for (const value of Object.values(tree)) if (typeof value === 'object' && value !== null) freeze(value)
  return Object.freeze(tree)
}
