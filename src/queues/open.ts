import { errors } from '../base/errors.ts'
import { createBullmqQueues } from './bullmq/queues.ts'
import type { Queues } from './contract.ts'
import { openPgliteEngine } from './pglite/engine.ts'
import { createPostgresEngine } from './sql/postgres.ts'
import { createRedisEngine } from './redis/engine.ts'

export type QueueSettings = {
  /** `pglite:FOLDER`, `postgres://…` or `redis://…`. */
  backend: string
  /** Where the keys lie in Redis; in braces, so that Redis Cluster keeps them on one node. */
  prefix: string
  /** Connections for queries on PostgreSQL, connections for new events on Redis. */
  connections: number
  retentionMs: number
  /** After this an unanswered write is given up. */
  timeoutMs: number
  onError: (error: Error) => void
}

/** Opens the datastore that `backend` names. A new backend is one file and one line here. */
export async function openQueues ({ backend, prefix, connections, retentionMs, timeoutMs, onError }: QueueSettings): Promise<Queues> {
  const retention = { ageMs: retentionMs }
  const [scheme] = backend.split(':', 1)
  switch (scheme) {
    case 'pglite': return createBullmqQueues(await openPgliteEngine({ folder: backend.slice('pglite:'.length), retention, onError }), { retention })
    case 'postgres': case 'postgresql': return createBullmqQueues(createPostgresEngine({ url: backend, connections, retention, onError }), { retention })
    case 'redis': case 'rediss': return createBullmqQueues(createRedisEngine({ url: backend, prefix, lanes: 2, retention, timeoutMs, onError }), { retention })
    default: throw errors.invalidConfig([`SIGNALBOX_BACKEND: ${JSON.stringify(backend)} is none of pglite:FOLDER, postgres://…, redis://…, rediss://…`])
  }
}
