import type { PgPool } from 'bullmq'
import { withoutPassword } from '../address.ts'
import type { Engine } from '../bullmq/engine.ts'
import type { Retention } from '../bullmq/flow-writer.ts'
import { createSqlEngine } from './engine.ts'
import { countWorkers, openPostgresPool } from './postgres-pool.ts'

type Settings = { url: string, connections: number, retention: Retention, onError: (error: Error) => void }

export function createPostgresEngine ({ url, connections, retention, onError }: Settings): Engine<PgPool> {
  const pool = openPostgresPool({ url, connections, onError })
  return createSqlEngine({
    backend: 'postgres',
    address: withoutPassword(url),
    pool,
    retention,
    countWorkers: async (queue) => (await countWorkers(pool, [queue]))[0] ?? 0,
    onError,
    close: async () => { await pool.end() }
  })
}
