import type { Opened, WorkSettings } from '../opened.ts'
import { openOnSql } from '../sql/open.ts'
import { openPglite } from './pool.ts'

/**
 * PostgreSQL inside this process, in a thread. One process on one machine; safe against its death,
 * not against power loss.
 */
export async function openEmbedded ({ backend, onError }: WorkSettings): Promise<Opened> {
  const folder = backend.slice('pglite:'.length)
  const pool = await openPglite({ folder, schema: 'bullmq' })
  pool.on('error', onError)
  return openOnSql(pool, { backend: 'pglite', address: `pglite:${folder}` }, onError)
}
