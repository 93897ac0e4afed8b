/** A database that statements are run in. */
export type SqlServer = {
  server: 'mysql' | 'postgres'
  host?: string | undefined
  socket_path?: string | undefined
  port?: number | undefined
  user: string
  password: string
  database: string
  tls: boolean
  ca?: string | undefined
}

/** Values go apart from the text, which the server prepares: nothing of them is ever read as a part of it. */
export type Statement = { sql: string, values: SqlValue[] }
export type SqlValue = string | number | boolean | null

/** Runs all statements as one transaction. Rejects with FINAL where no further try mends what is wrong. */
export type RunStatements = (server: SqlServer, statements: Statement[], timeoutMs: number) => Promise<void>
