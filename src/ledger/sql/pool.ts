/** What the ledger needs of `pg`'s pool, and of the embedded one of its shape. Opened once, for the queues too. */
export interface SqlPool {
  query: Query
  connect: () => Promise<{ query: Query, release: () => void }>
}

export type Row = Record<string, unknown>

type Query = (text: string, values?: unknown[]) => Promise<{ rows: Row[] }>
