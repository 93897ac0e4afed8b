import type { PgPool } from 'bullmq'
import type { Engine } from '../bullmq/engine.ts'
import type { Retention } from '../bullmq/flow-writer.ts'
import { openPglite } from './pool.ts'
import { createSqlEngine } from '../sql/engine.ts'

type Settings = { folder: string, retention: Retention, onError: (error: Error) => void }

/** PostgreSQL inside this process, in a thread. One process on one machine; safe against its death, not against power loss. */
export async function openPgliteEngine ({ folder, retention, onError }: Settings): Promise<Engine<PgPool>> {
  const pool = await openPglite({ folder, schema: 'bullmq' })
  pool.on('error', onError)
  return createSqlEngine({
    backend: 'pglite',
    address: `pglite:${folder}`,
    pool,
    retention,
    onError,
    close: () => pool.end()
  })
}
