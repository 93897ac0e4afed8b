import type { PoolOptions } from 'mysql2'
import { errors } from '../../base/errors.ts'

/** Where a hive lies: `mysql://user:password@host:port/database`, also with SQLAlchemy's `mysql+driver` and `?unix_socket=`. */
export const HIVE_URI = /^mysql(\+\w+)?:\/\//

const PARAMETERS: ReadonlySet<string> = new Set(['charset', 'unix_socket', 'ssl'])

export type HiveAddress = Pick<PoolOptions, 'host' | 'port' | 'user' | 'password' | 'database' | 'socketPath' | 'ssl'> & { user: string, password: string, database: string }

/** @throws FINAL with what is wrong, and nothing of the address itself */
export function readHiveAddress (uri: string): HiveAddress {
  if (!HIVE_URI.test(uri) || !URL.canParse(uri)) throw errors.final('the address of the hive is not mysql://user:password@host:port/database')
  const { hostname, port, username, password, pathname, searchParams } = new URL(uri)
  const database = decode(pathname.slice(1))
  if (!/^[^/\\.]+$/.test(database)) throw errors.final('the address of the hive names no database')
  const strange = [...searchParams.keys()].find((name) => !PARAMETERS.has(name))
  if (strange !== undefined) throw errors.final(`the address of the hive has the parameter ${strange}; known are ${[...PARAMETERS].join(', ')}`)
  const socketPath = searchParams.get('unix_socket')
  const common = { user: decode(username), password: decode(password), database, ...(searchParams.get('ssl') === 'true' ? { ssl: {} } : {}) }
  if (socketPath !== null) return { ...common, socketPath }
  return { ...common, host: hostname === '' ? 'localhost' : hostname.replace(/^\[|\]$/g, ''), port: port === '' ? 3306 : Number(port) }
}

function decode (text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw errors.final('the address of the hive has a % that is no escape; write %25')
  }
}
