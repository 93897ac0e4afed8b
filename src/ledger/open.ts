import type { Cluster, Redis } from 'ioredis'
import type { Ledger } from './contract.ts'
import { createRedisLedger } from './redis/ledger.ts'
import type { ComposedEnqueuer } from './redis/units.ts'
import { createSqlLedger } from './sql/ledger.ts'
import type { Deliverer } from './sql/outbox.ts'
import type { SqlPool } from './sql/pool.ts'

/** Connections that are open, and the way in which a job comes on its queue: made where the queues are known. */
export type LedgerStore =
  | { kind: 'redis', client: Redis | Cluster, prefix: string, enqueuer: ComposedEnqueuer }
  | { kind: 'sql', pool: SqlPool, enqueuer: Deliverer, onError: (error: Error) => void }

/** The ledger on a datastore that is open. Whoever opened that closes it, after the ledger. */
export const createLedger = (store: LedgerStore): Ledger =>
  store.kind === 'redis' ? createRedisLedger(store) : createSqlLedger(store)
