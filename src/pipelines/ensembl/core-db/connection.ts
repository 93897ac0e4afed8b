import type { Socket } from 'node:net'
import type { Pool, PoolConnection, QueryError } from 'mysql2'
import { errors } from '../../../base/errors.ts'
import { requireOptional } from '../../../base/optional.ts'
import { identityProblem, isReachedByAddress } from '../../../base/server-identity.ts'

/** How a MySQL or MariaDB server is reached: over TCP, or by a socket file where `socket_path` is given. */
export type ServerSettings = {
  host?: string
  port?: number
  socket_path?: string
  user: string
  password?: string
  /** Encrypted, the certificate checked: against `ca` where one is given. */
  tls?: boolean
  ca?: string
}

export type Value = string | number | null

/** Read-only questions to one server. `Row` is what the statement selects, by name. */
export interface CoreDatabase {
  /** The database that statements are about; empty where none was chosen. */
  readonly name: string
  rows: <Row extends object>(statement: string, values?: readonly Value[]) => Promise<Row[]>
  /** Row by row over a connection of its own, for results of any size; other questions may be asked meanwhile. */
  stream: <Row extends object>(statement: string, values?: readonly Value[]) => AsyncIterable<Row>
  close: () => Promise<void>
}

export type ConnectionOptions = {
  /** Empty for none. */
  database: string
  /** Ends all questions, the running ones too. */
  signal: AbortSignal
  /** How many questions may be under way at once. */
  connections?: number
}

const connectTimeoutMs = 10_000
/** What a repeat will not change: the operator has to. */
const finalCodes = new Set([
  'ER_ACCESS_DENIED_ERROR',
  'ER_DBACCESS_DENIED_ERROR',
  'ER_TABLEACCESS_DENIED_ERROR',
  'ER_BAD_DB_ERROR',
  'ER_NO_SUCH_TABLE',
  'ER_BAD_FIELD_ERROR'
])

/**
 * Connects when the first question is asked.
 *
 * Questions throw FINAL where the server refuses the user, the database or its tables, and an ordinary error, which a
 * further attempt may mend, where it does not answer.
 */
export function openCoreDatabase (
  server: ServerSettings,
  { database, signal, connections = 4 }: ConnectionOptions
): CoreDatabase {
  const { createPool } = requireOptional<typeof import('mysql2')>('mysql2', 'a core database')
  const byAddress = server.socket_path === undefined && isReachedByAddress(server.host)
  const verifyIdentity = !byAddress
  const pool = createPool({
    ...(server.socket_path === undefined
      ? { host: server.host ?? '127.0.0.1', port: server.port ?? 3306 }
      : { socketPath: server.socket_path }),
    user: server.user,
    password: server.password,
    ssl: server.tls === true ? { rejectUnauthorized: true, verifyIdentity, ca: server.ca } : undefined,
    database: database === '' ? undefined : database,
    connectionLimit: connections,
    connectTimeout: connectTimeoutMs,
    enableKeepAlive: true,
    dateStrings: true
  })
  const opened = new Set<PoolConnection>()
  let refusal: Error | undefined
  pool.on('connection', (connection) => {
    if (server.tls === true && byAddress) {
      refusal = identityProblem(server.host ?? '', (connection as unknown as { stream: Socket }).stream)
      if (refusal !== undefined) return connection.destroy()
    }
    opened.add(connection)
    connection.on('end', () => opened.delete(connection))
    // Reported by the question that it hits; one that hits none needs no report.
    connection.on('error', () => opened.delete(connection))
  })
  const endAll = (): void => {
    for (const connection of opened) connection.destroy()
  }
  signal.addEventListener('abort', endAll)
  const describe = (error: unknown): unknown =>
    explain(refusal ?? error as QueryError, database === '' ? 'the core database server' : `core database ${database}`)

  return {
    name: database,
    rows: async <Row extends object>(statement: string, values: readonly Value[] = []) =>
      await readRows<Row>(pool, { statement, values: [...values], signal, describe }),
    stream: <Row extends object>(statement: string, values: readonly Value[] = []) =>
      streamRows<Row>(pool, { statement, values: [...values], signal, describe }),
    close: async () => {
      signal.removeEventListener('abort', endAll)
      await new Promise<void>((resolve) => {
        pool.end(() => resolve())
      })
    }
  }
}

type Question = { statement: string, values: Value[], signal: AbortSignal, describe: (error: unknown) => unknown }

async function readRows<Row> (pool: Pool, { statement, values, signal, describe }: Question): Promise<Row[]> {
  return await new Promise((resolve, reject) => {
    // A connection that was ended answers no more.
    const abort = (): void => reject(signal.reason)
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort, { once: true })
    pool.query(statement, values, (error, rows) => {
      signal.removeEventListener('abort', abort)
      if (error === null) resolve(rows as Row[])
      else reject(describe(error))
    })
  })
}

async function * streamRows<Row> (pool: Pool, { statement, values, signal, describe }: Question): AsyncGenerator<Row> {
  signal.throwIfAborted()
  const connection = await new Promise<PoolConnection>((resolve, reject) => {
    pool.getConnection((error, connection) => { if (error === null) resolve(connection); else reject(describe(error)) })
  })
  const rows = connection.query(statement, values).stream({ highWaterMark: 1000 })
  const abort = (): void => { rows.destroy(signal.reason) }
  signal.addEventListener('abort', abort)
  let whole = false
  try {
    signal.throwIfAborted()
    yield * rows
    whole = true
  } catch (error) {
    throw signal.aborted ? signal.reason : describe(error)
  } finally {
    signal.removeEventListener('abort', abort)
    // One with rows still on their way can serve nobody else.
    if (whole) connection.release()
    else connection.destroy()
  }
}

function explain (error: Error & Partial<Pick<QueryError, 'code'>>, what: string): unknown {
  if (finalCodes.has(error.code ?? '')) return errors.final(`${what}: ${error.message}`, { cause: error })
  return new Error(`${what} does not answer: ${error.message}`, { cause: error })
}
