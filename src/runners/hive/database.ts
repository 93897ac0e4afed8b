import type { Socket } from 'node:net'
import type { Pool, PoolConnection, RowDataPacket } from 'mysql2/promise'
import { requireOptional } from '../../base/optional.ts'
import { errors } from '../../base/errors.ts'
import { identityProblem, isReachedByAddress } from '../../base/server-identity.ts'
import { createRedactor, type Redactor } from '../../sdk/masking/redactor.ts'
import { maskError } from '../masked.ts'
import { readTls, type HiveAddress } from './address.ts'

const CONNECTIONS = 5
/** For the connection, and for one question. */
const TIMEOUT_MS = 10_000

export type HiveConnection = {
  /** Values go apart from the statement. A list of numbers is for `IN (?)` and goes with `numbers`. */
  rows: (statement: string, values: Array<string | number | null>) => Promise<RowDataPacket[]>
  numbers: (statement: string, ids: number[]) => Promise<RowDataPacket[]>
  /** Answers the id of the new row. */
  insert: (statement: string, values: Array<string | number | null>) => Promise<number>
  /** Answers how many rows were changed. */
  update: (statement: string, values: Array<string | number | null>) => Promise<number>
  transaction: <T>(work: () => Promise<T>) => Promise<T>
}

export interface HiveDatabase {
  /** Rejects with HiveAway where the database cannot be asked now; with FINAL where it is not what it should be. */
  use: <T>(work: (connection: HiveConnection) => Promise<T>) => Promise<T>
  close: () => Promise<void>
}

/** The database does not answer, or not now: the same question may be answered later. */
export class HiveAway extends Error { override name = 'HiveAway' }

/** What no further try mends. */
const FINAL: ReadonlySet<string> = new Set([
  'ER_ACCESS_DENIED_ERROR', 'ER_DBACCESS_DENIED_ERROR', 'ER_TABLEACCESS_DENIED_ERROR', 'ER_BAD_DB_ERROR',
  'ER_NO_SUCH_TABLE', 'ER_BAD_FIELD_ERROR', 'ER_DATA_TOO_LONG', 'AUTH_SWITCH_PLUGIN_ERROR', 'HANDSHAKE_NO_SSL_SUPPORT'
])
/** Another time is another input: one that was there already is not there then. */
const AWAY = /^(E[A-Z]+|PROTOCOL_.*|POOL_.*|ER_(DUP_ENTRY|LOCK_DEADLOCK|LOCK_WAIT_TIMEOUT|CON_COUNT_ERROR|TOO_MANY_USER_CONNECTIONS|USER_LIMIT_REACHED|SERVER_SHUTDOWN|NORMAL_SHUTDOWN|CONNECTION_KILLED|QUERY_INTERRUPTED|QUERY_TIMEOUT|DISK_FULL|OPTION_PREVENTS_STATEMENT|READ_ONLY_MODE|HOST_IS_BLOCKED))$/

export function openHive (address: HiveAddress): HiveDatabase {
  const redactor = createRedactor()
  redactor.add([address.password])
  // Only for who has a hive.
  const { createPool } = requireOptional<typeof import('mysql2/promise')>('mysql2/promise', 'a hive')
  const pool: Pool = createPool({
    ...address,
    ssl: address.ssl === undefined ? undefined : readTls(address.ssl, address.host),
    connectionLimit: CONNECTIONS,
    maxIdle: CONNECTIONS,
    connectTimeout: TIMEOUT_MS,
    enableKeepAlive: true,
    supportBigNumbers: true,
    dateStrings: true
  })

  async function use<T> (work: (connection: HiveConnection) => Promise<T>): Promise<T> {
    let connection: PoolConnection | undefined
    try {
      connection = await pool.getConnection()
      refuseOther(address, connection)
      const result = await work(toHive(connection))
      connection.release()
      return result
    } catch (error) {
      // What it holds (a lock, half a transaction, the answer to a question) must not come to the next who uses it.
      connection?.destroy()
      throw classify(error, redactor)
    }
  }

  return { use, close: () => pool.end() }
}

/** @throws Error where the server is reached by address, and its certificate is another's */
function refuseOther ({ host, ssl }: HiveAddress, connection: PoolConnection): void {
  if (ssl?.checks !== 'issuer and host' || !isReachedByAddress(host)) return
  const { connection: { stream } } = connection as unknown as { connection: { stream: Socket } }
  const problem = identityProblem(host, stream)
  if (problem !== undefined) throw problem
}

function toHive (connection: PoolConnection): HiveConnection {
  // The server fills in the values of these, whatever its sql_mode says about backslashes.
  const run = async (sql: string, values: Array<string | number | null>): Promise<unknown> =>
    (await connection.execute({ sql, timeout: TIMEOUT_MS }, values))[0]
  return {
    rows: async (statement, values) => await run(statement, values) as RowDataPacket[],
    // Filled in here: a statement for each length of a list would be a new one each time.
    numbers: async (sql, ids) => (await connection.query<RowDataPacket[]>({ sql, timeout: TIMEOUT_MS }, [ids]))[0],
    insert: async (statement, values) => (await run(statement, values) as { insertId: number }).insertId,
    update: async (statement, values) => (await run(statement, values) as { affectedRows: number }).affectedRows,
    transaction: async (work) => {
      await connection.beginTransaction()
      const result = await work()
      await connection.commit()
      return result
    }
  }
}

function classify (error: unknown, redactor: Redactor): unknown {
  const code = (error as { code?: unknown }).code
  if (!(error instanceof Error) || typeof code !== 'string' || code === 'FINAL') return maskError(error, redactor)
  const message = redactor.text(error.message === '' ? code : error.message)
  if (FINAL.has(code)) return errors.final(`the hive database: ${message}`)
  if (AWAY.test(code)) return new HiveAway(`the hive database is away: ${message}`)
  return new Error(`the hive database: ${message}`)
}

/** Another answer where a table is missing that not every hive has. */
export async function optional<Found, Other> (rows: Promise<Found>, other: Other): Promise<Found | Other> {
  try {
    return await rows
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ER_NO_SUCH_TABLE') return other
    throw error
  }
}
