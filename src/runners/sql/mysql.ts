import { createConnection } from 'mysql2/promise'
import { errors } from '../../base/errors.ts'
import type { SqlServer, Statement } from './statement.ts'

/** What may be better another time; of all else the operator has to mend something. */
const MAY_PASS = /^(E[A-Z]+|PROTOCOL_.*|ER_(LOCK_DEADLOCK|LOCK_WAIT_TIMEOUT|CON_COUNT_ERROR|TOO_MANY_USER_CONNECTIONS|USER_LIMIT_REACHED|SERVER_SHUTDOWN|NORMAL_SHUTDOWN|CONNECTION_KILLED|QUERY_INTERRUPTED|QUERY_TIMEOUT|DISK_FULL|OPTION_PREVENTS_STATEMENT|READ_ONLY_MODE|HOST_IS_BLOCKED))$/

export async function runInMysql (
  { host, socket_path: socketPath, port = 3306, user, password, database, tls, ca }: SqlServer,
  statements: Statement[],
  timeoutMs: number
): Promise<void> {
  try {
    const connection = await createConnection({
      host,
      port,
      socketPath,
      user,
      password,
      database,
      ssl: tls ? { ca, rejectUnauthorized: true, verifyIdentity: true } : undefined,
      connectTimeout: timeoutMs
    })
    try {
      await connection.beginTransaction()
      for (const { sql, values } of statements) await connection.execute({ sql, timeout: timeoutMs }, values)
      await connection.commit()
      await connection.end()
    } finally {
      // What was not committed is undone.
      connection.destroy()
    }
  } catch (error) {
    const { code, message } = error as { code?: unknown, message?: unknown }
    if (typeof code !== 'string' || MAY_PASS.test(code)) throw error
    throw errors.final(`the metadata database: ${String(message)}`)
  }
}
