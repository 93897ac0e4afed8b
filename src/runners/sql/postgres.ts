import { Client } from 'pg'
import { errors } from '../../base/errors.ts'
import type { SqlServer, Statement } from './statement.ts'

/** Classes of errors that may pass: the connection, a rollback, resources, the operator, the system. */
const MAY_PASS = /^(08|40|53|55|57|58)/
const STATE = /^[0-9A-Z]{5}$/

export async function runInPostgres (
  { host, socket_path: socketPath, port, user, password, database, tls, ca }: SqlServer,
  statements: Statement[],
  timeoutMs: number
): Promise<void> {
  const client = new Client({
    host: socketPath ?? host,
    port: port ?? 5432,
    user,
    password,
    database,
    ssl: tls ? { ca, rejectUnauthorized: true } : false,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs
  })
  // What hits no statement needs no report.
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query('BEGIN')
    for (const { sql, values } of statements) await client.query(sql, values)
    await client.query('COMMIT')
  } catch (error) {
    const { code, message } = error as { code?: unknown, message?: unknown }
    if (typeof code !== 'string' || !STATE.test(code) || MAY_PASS.test(code)) throw error
    throw errors.final(`the metadata database: ${String(message)}`)
  } finally {
    await client.end().catch(() => {})
  }
}
