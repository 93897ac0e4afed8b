import { UsageError } from '../base/errors.ts'
import { readRedisAddress } from './redis/options.ts'
import { readHosts } from './host-list.ts'

/** A program of a datastore that is to be called. `from`: where one gets it. */
export type Tool = { name: string, args: string[], env: Record<string, string>, from: string }

const POSTGRES_PORT = 5432
/** Parameters of an address, as libpq reads them from its environment. */
const PARAMETERS: ReadonlyMap<string, string> = new Map([
  ['sslmode', 'PGSSLMODE'],
  ['sslrootcert', 'PGSSLROOTCERT'],
  ['target_session_attrs', 'PGTARGETSESSIONATTRS']
])

/** pg_dump or pg_restore on the database of an address. */
export function toPostgresTool (name: 'pg_dump' | 'pg_restore', address: string, args: string[]): Tool {
  const { first, hosts } = readHosts(address, POSTGRES_PORT)
  const { username, password, pathname, searchParams } = new URL(first)
  const database = decodeURIComponent(pathname.slice(1))
  const env: Record<string, string> = {
    PGHOST: hosts.map(({ host }) => host).join(','),
    PGPORT: hosts.map(({ port }) => port).join(','),
    PGUSER: decodeURIComponent(username),
    PGPASSWORD: decodeURIComponent(password),
    PGDATABASE: database
  }
  for (const [parameter, variable] of PARAMETERS) env[variable] = searchParams.get(parameter) ?? ''
  return {
    name,
    args: name === 'pg_restore' ? [...args, `--dbname=${database}`] : args,
    env: Object.fromEntries(Object.entries(env).filter(([, value]) => value !== '')),
    from: 'the client programs of PostgreSQL (Debian: postgresql-client)'
  }
}

/** redis-cli on the server of an address. */
export function toRedisTool (address: string, args: string[]): Tool {
  const { kind, options } = readRedisAddress(address)
  if (kind !== 'server') {
    throw new UsageError(`each server of a ${kind} keeps a part: call it with the address of one, redis://HOST:PORT`)
  }
  const { host = '127.0.0.1', port = 6379, username, password, tls } = options
  const user = username === undefined ? [] : ['--user', username]
  return {
    name: 'redis-cli',
    args: ['-h', host, '-p', String(port), ...user, ...tls === undefined ? [] : ['--tls'], ...args],
    env: password === undefined ? {} : { REDISCLI_AUTH: password },
    from: 'the tools of Redis (Debian: redis-tools)'
  }
}
