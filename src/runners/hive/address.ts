import { readFileSync } from 'node:fs'
import type { PoolOptions, SslOptions } from 'mysql2'
import { errors } from '../../base/errors.ts'
import { isReachedByAddress } from '../../base/server-identity.ts'

/**
 * Where a hive lies: `mysql://user:password@host:port/database`, also with SQLAlchemy's `mysql+driver` and
 * `?unix_socket=`.
 */
export const HIVE_URI = /^mysql(\+\w+)?:\/\//

/** TLS: `ca`, `cert` and `key` are paths of files; `checks` is what of the server's certificate is verified. */
export type HiveTls = {
  ca?: string | undefined
  cert?: string | undefined
  key?: string | undefined
  /** The text of `ca`, where it is no file. */
  pem?: string | undefined
  checks: 'nothing' | 'issuer' | 'issuer and host'
}

export type HiveAddress = Pick<PoolOptions, 'host' | 'port' | 'socketPath'> & {
  user: string
  password: string
  database: string
  ssl?: HiveTls | undefined
}

const PARAMETERS: ReadonlySet<string> = new Set([
  'charset', 'unix_socket', 'ssl', 'ssl_mode', 'ssl_ca', 'ssl_cert', 'ssl_key', 'ssl_check_hostname', 'ssl_verify_cert'
])

/** The words of MySQL's own clients. */
const MODES: ReadonlyMap<string, HiveTls['checks'] | undefined> = new Map([
  ['DISABLED', undefined], ['REQUIRED', 'nothing'], ['VERIFY_CA', 'issuer'], ['VERIFY_IDENTITY', 'issuer and host']
])

/** @throws FINAL with what is wrong, and nothing of the address itself */
export function readHiveAddress (uri: string): HiveAddress {
  if (!HIVE_URI.test(uri) || !URL.canParse(uri)) {
    throw errors.final('the address of the hive is not mysql://user:password@host:port/database')
  }
  const { hostname, port, username, password, pathname, searchParams } = new URL(uri)
  const database = decode(pathname.slice(1))
  if (!/^[^/\\.]+$/.test(database)) throw errors.final('the address of the hive names no database')
  const strange = [...searchParams.keys()].find((name) => !PARAMETERS.has(name))
  if (strange !== undefined) {
    throw errors.final(`the address of the hive has the parameter ${strange}; known are ${[...PARAMETERS].join(', ')}`)
  }
  const socketPath = searchParams.get('unix_socket')
  const common = { user: decode(username), password: decode(password), database, ssl: readMode(searchParams) }
  if (socketPath !== null) return { ...common, socketPath }
  const host = hostname === '' ? 'localhost' : hostname.replace(/^\[|\]$/g, '')
  return { ...common, host, port: port === '' ? 3306 : Number(port) }
}

/** What the client of MySQL is given; reads the files. @throws FINAL where one cannot be read. */
export function readTls ({ ca, cert, key, pem, checks }: HiveTls, host?: string): SslOptions {
  return {
    ca: pem ?? readPem(ca, 'ssl_ca'),
    cert: readPem(cert, 'ssl_cert'),
    key: readPem(key, 'ssl_key'),
    rejectUnauthorized: checks !== 'nothing',
    verifyIdentity: checks === 'issuer and host' && !isReachedByAddress(host)
  }
}

/** Any of the parameters means TLS, with all checks unless one says less. */
function readMode (given: URLSearchParams): HiveTls | undefined {
  const [ca, cert, key] = ['ssl_ca', 'ssl_cert', 'ssl_key'].map((name) => given.get(name) ?? undefined)
  const mode = given.get('ssl_mode')?.toUpperCase()
  if (mode !== undefined && !MODES.has(mode)) {
    throw errors.final(`the address of the hive has an ssl_mode that is not ${[...MODES.keys()].join(', ')}`)
  }
  const flags = ['ssl', 'ssl_check_hostname', 'ssl_verify_cert'].map((name) => readFlag(given, name))
  const [isAsked, checksHost, checksIssuer] = flags
  if (mode !== undefined) {
    const checks = MODES.get(mode)
    return checks === undefined ? undefined : { ca, cert, key, checks }
  }
  if (isAsked === false || [...flags, ca, cert, key].every((value) => value === undefined)) return undefined
  const checksAll = checksHost === false ? 'issuer' : 'issuer and host'
  return { ca, cert, key, checks: checksIssuer === false ? 'nothing' : checksAll }
}

function readFlag (given: URLSearchParams, name: string): boolean | undefined {
  const value = given.get(name)?.toLowerCase()
  if (value === undefined) return undefined
  if (['true', '1', 'yes', ''].includes(value)) return true
  if (['false', '0', 'no'].includes(value)) return false
  throw errors.final(`the address of the hive has ${name} with another value than true and false`)
}

function readPem (path: string | undefined, name: string): Buffer | undefined {
  if (path === undefined) return undefined
  try {
    return readFileSync(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw errors.final(`the file of ${name} in the address of the hive cannot be read (${String(code)})`)
  }
}

function decode (text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw errors.final('the address of the hive has a % that is no escape; write %25')
  }
}
