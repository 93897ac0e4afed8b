import { readFileSync } from 'node:fs'
import { delimiter, resolve } from 'node:path'
import { Ajv, type ErrorObject } from 'ajv'
import { Type, type Static, type TSchema } from 'typebox'
import { apiSettings } from '../api/settings.ts'
import { errors } from '../base/errors.ts'
import { group, milliseconds, oneOf, setting } from '../base/setting.ts'
import { blockSettings } from '../engine/blocks/settings.ts'
import { cloudEventSettings } from '../engine/cloudevents/settings.ts'
import { eventSettings } from '../engine/dispatch/settings.ts'
import { notificationSettings } from '../engine/notifications/settings.ts'
import { reportSettings } from '../engine/reporting/settings.ts'
import { workerSettings } from '../engine/worker/settings.ts'
import { queueSettings } from '../queues/settings.ts'
import { fetchSettings } from '../sdk/inputs/settings.ts'
import { BACKENDS } from '../queues/backends.ts'

/** Empty, or 32 bytes as base64 or hex. */
const SECRET_KEY = '^(|[A-Za-z0-9+/]{43}=|[0-9A-Fa-f]{64})$'
const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
/** How each backend is addressed, for people. */
const ADDRESSES = BACKENDS.map(({ addresses }) => addresses).join(', ')
/** How an address of a backend begins. */
const SCHEMES = BACKENDS.flatMap(({ schemes }) => schemes).map((scheme) => scheme.replaceAll('+', '\\+'))

export const ConfigSchema = group({
  host: setting(Type.String({ minLength: 1 }), {
    env: 'HOST',
    description:
      'Address to listen on. On anything but loopback it starts with `SIGNALBOX_TOKEN` or `SIGNALBOX_KEYS` only'
  }),
  port: setting(Type.Integer({ minimum: 0, maximum: 65535 }), {
    env: 'PORT',
    description: 'Port of the HTTP service; 0 takes a free one'
  }),
  log_level: setting(oneOf(LEVELS), {
    env: 'LOG_LEVEL',
    description: 'What is logged; `debug` has a line per request'
  }),
  version: setting(Type.String({ pattern: '^[!-?A-~]{0,100}$' }), {
    env: 'SIGNALBOX_VERSION',
    aliases: ['DOCKER_IMAGE_TAG'],
    description:
      'Version of the image or the code, which every job is recorded with that it runs; that of the package ' +
      'where it is empty'
  }),
  token: setting(Type.String(), {
    env: 'SIGNALBOX_TOKEN',
    hidden: true,
    description:
      'Where set, every request but `/live`, `/ready` and `/metrics` must carry `Authorization: Bearer <token>`; ' +
      'it may do everything'
  }),
  keys: setting(Type.String(), {
    env: 'SIGNALBOX_KEYS',
    hidden: true,
    description:
      'Named keys with scopes: a file (read again when it changes) or the JSON itself, see [access](access.md). ' +
      '`/metrics` then asks for the scope `metrics`'
  }),
  insecure: setting(Type.Boolean(), {
    env: 'SIGNALBOX_INSECURE',
    description: 'Whether the service may listen on more than loopback without any key'
  }),
  watchdog_ms: setting(milliseconds(0), {
    env: 'SIGNALBOX_WATCHDOG_MS',
    description: 'A process whose event loop has not turned for so long ends itself, milliseconds; 0 means never'
  }),
  secret_key: setting(Type.String({ pattern: SECRET_KEY }), {
    env: 'SIGNALBOX_SECRET_KEY',
    hidden: true,
    description:
      'With what blocks are encrypted in the datastore, the same for all roles: 32 bytes as base64 or hex ' +
      '(`openssl rand -base64 32`). Needed where there are blocks'
  }),
  secret_key_old: setting(Type.String({ pattern: SECRET_KEY }), {
    env: 'SIGNALBOX_SECRET_KEY_OLD',
    hidden: true,
    description: 'The key before, while it is being changed: blocks that it has encrypted can be read'
  }),
  backend: setting(Type.String({ pattern: `^(${SCHEMES.join('|')})` }), {
    env: 'SIGNALBOX_BACKEND',
    hidden: true,
    description: `Datastore: ${ADDRESSES}`
  }),
  store: setting(Type.String({ pattern: '^(file:.|s3://[^/]|block:.)' }), {
    env: 'SIGNALBOX_STORE',
    description:
      'Where processes put their files: `file:FOLDER`, `s3://BUCKET/PREFIX`, or `block:NAME` for the ' +
      'object_store of that name'
  }),
  lookups: setting(Type.String({ minLength: 1 }), {
    env: 'SIGNALBOX_LOOKUPS',
    description: 'Folder of `event_lookup.json` and `process_lookup.json`'
  }),
  inputs: setting(Type.String(), {
    env: 'SIGNALBOX_INPUTS',
    description: 'Folders from which a process may read a file that an event names, as in `PATH`; nothing outside them'
  }),
  public_url: setting(Type.String({ pattern: '^(https?://[^\\s@]+)?$' }), {
    env: 'SIGNALBOX_PUBLIC_URL',
    description: 'Where people reach the service, for the links in notices; `http://HOST:PORT` where it is empty'
  }),
  link_seconds: setting(Type.Integer({ minimum: 1, maximum: 604_800 }), {
    env: 'SIGNALBOX_LINK_SECONDS',
    description: 'How long the links of `GET /jobs/{process}/{id}/files` are good'
  }),
  api: apiSettings,
  queues: queueSettings,
  events: eventSettings,
  cloudevents: cloudEventSettings,
  worker: workerSettings,
  notifications: notificationSettings,
  reporting: reportSettings,
  status: group({
    port: setting(Type.Integer({ minimum: -1, maximum: 65535 }), {
      env: 'SIGNALBOX_STATUS_PORT',
      description: 'Port on which a `worker` or `results` role answers `/live`, `/ready` and `/metrics`; -1 for none'
    })
  }),
  blocks: blockSettings,
  fetch: fetchSettings
})

export type Config = Static<typeof ConfigSchema>

type Environment = Record<string, string | undefined>
type Tree = { [key: string]: unknown }
type Leaf = { path: string[], env: string, aliases: string[], description: string, hidden: boolean, type: string }

/**
 * Reads `file`, then the environment over it, checks all at once and answers one frozen object.
 * Relative folders are relative to the working directory.
 *
 * @throws INVALID_CONFIG naming each wrong setting, its value and what was expected
 */
export function loadConfig ({ file, env }: { file: string, env: Environment }): Config {
  const config = readFile(file)
  for (const leaf of leaves()) {
    const text = textOf(leaf, env)
    if (text !== undefined && (text !== '' || leaf.type === 'string')) put(config, leaf.path, parse(text, leaf.type))
  }
  const validate = new Ajv({ allErrors: true, strict: false }).compile(ConfigSchema)
  if (!validate(config)) {
    const problems = (validate.errors ?? []).map((error) => describe(error, { config, env, file }))
    throw errors.invalidConfig([...new Set(problems)])
  }
  return freeze(config as Config)
}

/** The first of its variables that says something. */
function textOf ({ env: variable, aliases }: Leaf, env: Environment): string | undefined {
  const given = [variable, ...aliases].map((name) => env[name])
  return given.find((value) => value !== undefined && value !== '') ?? env[variable]
}

/** All settings in their order, for the table in the documentation. */
export function leaves (schema: TSchema = ConfigSchema, path: string[] = []): Leaf[] {
  const { properties, ...about } = schema as { properties?: Record<string, TSchema> } & Partial<Leaf>
  if (properties !== undefined) {
    return Object.entries(properties).flatMap(([name, child]) => leaves(child, [...path, name]))
  }
  const { env, aliases = [], description = '', hidden = false, type = 'string' } = about
  return env === undefined ? [] : [{ path, env, aliases, description, hidden, type }]
}

export const folders = (list: string): string[] =>
  list.split(delimiter).filter((folder) => folder !== '').map((folder) => resolve(folder))

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
  if ((type === 'integer' || type === 'number') && text.trim() !== '' && Number.isFinite(Number(text))) {
    return Number(text)
  }
  return text
}

function put (tree: Tree, path: string[], value: unknown): void {
  const [name = '', ...rest] = path
  if (rest.length === 0) tree[name] = value
  else put((tree[name] ??= {}) as Tree, rest, value)
}

type Given = { config: Tree, env: Environment, file: string }

function describe ({ instancePath, message = '', params }: ErrorObject, { config, env, file }: Given): string {
  const path = instancePath.split('/').slice(1)
  const { additionalProperty: extra, missingProperty: missing, allowedValue } = params as Record<string, unknown>
  if (extra !== undefined) return `${file}: ${[...path, extra].join('.')} is not a setting`
  if (missing !== undefined) return `${file}: ${[...path, missing].join('.')} is missing`
  const leaf = leaves().find((one) => one.path.join('/') === path.join('/'))
  const value = path.reduce<unknown>((tree, name) => (tree as Tree | undefined)?.[name], config)
  const name = leaf !== undefined && env[leaf.env] !== undefined ? leaf.env : `${file}: ${path.join('.')}`
  const shown = leaf?.hidden === true ? 'its value' : JSON.stringify(value)
  return `${name}: ${shown} ${message}${allowedValue === undefined ? '' : ` ${JSON.stringify(allowedValue)}`}`
}

function freeze<T extends object> (tree: T): T {
  for (const value of Object.values(tree)) if (typeof value === 'object' && value !== null) freeze(value)
  return Object.freeze(tree)
}
