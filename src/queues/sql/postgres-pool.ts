import { createHash } from 'node:crypto'
import pg from 'pg'
import type { PgPool, PgPoolClient } from 'bullmq'
import { clientFor, readAddress } from './hosts.ts'

type Listener = (error: Error) => void
type Settings = { url: string, connections: number, onError: (error: Error) => void }

const CONNECT_TIMEOUT_MS = 2000
/** No statement of ours is long; one that is has lost its server. */
const QUERY_TIMEOUT_MS = 15_000
const MAX_APPLICATION_NAME = 63
const CONNECTED = 'select application_name as name from pg_stat_activity where datname = current_database()'

/** PostgreSQL's pool as BullMQ and the ledger share it. */
export function openPostgresPool ({ url, connections, onError }: Settings): PgPool {
  const address = readAddress(url)
  const Client = clientFor(address.hosts)
  const options = {
    connectionString: address.url,
    options: '-c search_path=bullmq',
    application_name: 'signalbox',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    keepAlive: true
  }
  const queries = new pg.Pool({ ...options, max: connections, Client } as pg.PoolConfig)
  // Every queue of BullMQ listens on the pool.
  queries.setMaxListeners(0)
  queries.on('error', onError)

  const pool = {
    options: { keepAlive: true },
    // Named, so that PostgreSQL plans each of BullMQ's few statements once per connection.
    query: (text: string, values?: unknown[]) =>
      queries.query(values === undefined ? { text } : { name: statementName(text), text, values }),
    // BullMQ asks for a client to LISTEN on for as long as a worker lives: a connection of its own, not one of the
    // pool's.
    connect: async () => {
      const client = new Client(options)
      let failed: Error | undefined
      client.on('error', (error) => {
        failed = error
        onError(error)
      })
      await client.connect()
      // What comes with the answer was told before BullMQ listens: it would use a dead connection for ever.
      if (failed !== undefined) throw failed
      return Object.assign(client, { release: () => { letGo(client, onError) } })
    },
    end: async () => { await queries.end() },
    on: (event: 'error', listener: Listener) => { queries.on(event, listener); return pool },
    once: (event: 'error', listener: Listener) => { queries.once(event, listener); return pool },
    removeListener: (event: 'error', listener: Listener) => { queries.removeListener(event, listener); return pool },
    removeAllListeners: () => pool
  } as unknown as PgPool & { connect: () => Promise<PgPoolClient> }
  return pool
}

/** BullMQ takes all listeners off a client before it lets go of it; the server may still end the connection itself. */
function letGo (client: pg.Client, onError: Listener): void {
  client.on('error', onError)
  client.end().catch(onError)
}

/**
 * Names of connected workers, by that of their LISTEN connection, which BullMQ calls after the queue and the worker;
 * PostgreSQL cuts it.
 */
export async function workersOf (pool: PgPool, queues: string[]): Promise<string[][]> {
  const { rows } = await pool.query<{ name: string }>(CONNECTED)
  const cut = (name: string): string => name.slice(0, MAX_APPLICATION_NAME)
  return queues.map((queue) => rows
    .filter(({ name }) => name === cut(queue) || name.startsWith(cut(`${queue}:w:`)))
    .map(({ name }) => name.slice(`${queue}:w:`.length)))
}

const names = new Map<string, string>()

function statementName (text: string): string {
  let name = names.get(text)
  if (name === undefined) {
    name = `s${createHash('sha1').update(text).digest('hex').slice(0, 24)}`
    names.set(text, name)
  }
  return name
}
