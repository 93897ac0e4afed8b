import type { PgPool } from 'bullmq'
import type { Cluster, Redis } from 'ioredis'
import type { ComposedEnqueuer } from './redis/composed.ts'
import type { Deliverer } from './sql/deliverer.ts'
import type { Work } from './work.ts'

export type WorkSettings = {
  /** The address of the datastore; its beginning says which backend it is. */
  backend: string
  /** Where the keys lie in Redis; in braces, so that Redis Cluster keeps them on one node. */
  prefix: string
  /** Connections for queries on PostgreSQL. */
  connections: number
  /** After this an unanswered command is given up. */
  timeoutMs: number
  /** How far its clock is ahead of that of this machine, milliseconds. */
  aheadMs?: (() => number) | undefined
  onError: (error: Error) => void
}

/** The work, and what the ledger stands on: the same connections. `work.close` ends them. */
export type Opened = { work: Work, store: LedgerStore }

/** Connections that are open, and the way in which a job comes on its queue. */
export type LedgerStore =
  | { kind: 'redis', client: Redis | Cluster, prefix: string, enqueuer: ComposedEnqueuer }
  | { kind: 'sql', pool: PgPool, enqueuer: Deliverer, onError: (error: Error) => void }
