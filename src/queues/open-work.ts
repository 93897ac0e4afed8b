import { createPostgresBackend, withBackend, type BackendFactory, type IQueueBackend, type PgPool } from 'bullmq'
import type { Redis } from 'ioredis'
import { errors } from '../base/errors.ts'
import { withoutPassword } from './address.ts'
import { createBullmqWork } from './bullmq/work.ts'
import { openPglite } from './pglite/pool.ts'
import { createComposedEnqueuer, type ComposedEnqueuer } from './redis/composed.ts'
import { openRedis } from './redis/connections.ts'
import { createRedisWorkStore } from './redis/work-store.ts'
import { createDeliverer, type Deliverer } from './sql/deliverer.ts'
import { countWorkers, openPostgresPool } from './sql/postgres-pool.ts'
import { createSqlWorkStore } from './sql/work-store.ts'
import type { Work } from './work.ts'

export type WorkSettings = {
  /** `pglite:FOLDER`, `postgres://…` or `redis://…`. */
  backend: string
  /** Where the keys lie in Redis; in braces, so that Redis Cluster keeps them on one node. */
  prefix: string
  /** Connections for queries on PostgreSQL. */
  connections: number
  /** After this an unanswered command is given up. */
  timeoutMs: number
  onError: (error: Error) => void
}

/** What the ledger stands on: the same connections, and the way in which a job comes on its queue. `work.close` ends them. */
export type LedgerStore =
  | { kind: 'redis', client: Redis, prefix: string, enqueuer: ComposedEnqueuer }
  | { kind: 'sql', pool: PgPool, enqueuer: Deliverer, onError: (error: Error) => void }

/** Opens the datastore that `backend` names, once for the queues and the ledger. A new backend is a folder and one line here. */
export async function openWork (settings: WorkSettings): Promise<{ work: Work, store: LedgerStore }> {
  const { backend, connections, onError } = settings
  const [scheme] = backend.split(':', 1)
  switch (scheme) {
    case 'pglite': return await openEmbedded(backend.slice('pglite:'.length), onError)
    case 'postgres': case 'postgresql': {
      const pool = openPostgresPool({ url: backend, connections, onError })
      return onSql(pool, { backend: 'postgres', address: withoutPassword(backend), countWorkers: (queues) => countWorkers(pool, queues) }, onError)
    }
    case 'redis': case 'rediss': return onRedis(settings)
    default: throw errors.invalidConfig([`SIGNALBOX_BACKEND: ${JSON.stringify(backend)} is none of pglite:FOLDER, postgres://…, redis://…, rediss://…`])
  }
}

function onRedis ({ backend, prefix, timeoutMs, onError }: WorkSettings): { work: Work, store: LedgerStore } {
  const connections = openRedis({ url: backend, timeoutMs, onError })
  return {
    work: createBullmqWork(createRedisWorkStore({ address: withoutPassword(backend), connections, prefix, onError })),
    store: { kind: 'redis', client: connections.commands, prefix, enqueuer: createComposedEnqueuer(prefix) }
  }
}

/** PostgreSQL inside this process, in a thread. One process on one machine; safe against its death, not against power loss. */
async function openEmbedded (folder: string, onError: (error: Error) => void): Promise<{ work: Work, store: LedgerStore }> {
  const pool = await openPglite({ folder, schema: 'bullmq' })
  pool.on('error', onError)
  return onSql(pool, { backend: 'pglite', address: `pglite:${folder}` }, onError)
}

type About = Pick<Parameters<typeof createSqlWorkStore>[0], 'backend' | 'address' | 'countWorkers'>

function onSql (pool: PgPool, about: About, onError: (error: Error) => void): { work: Work, store: LedgerStore } {
  const { FlowProducer } = withBackend(createPostgresBackend as BackendFactory<IQueueBackend, PgPool>)
  const flows = new FlowProducer({ connection: pool })
  flows.on('error', onError)
  const store = createSqlWorkStore({ ...about, pool, onError })
  const close = async (): Promise<void> => {
    await flows.close()
    await store.close()
  }
  return {
    work: createBullmqWork({ ...store, close }),
    store: { kind: 'sql', pool, enqueuer: createDeliverer(flows.getBackend()), onError }
  }
}
