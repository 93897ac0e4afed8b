import { Redis } from 'ioredis'
import pg from 'pg'
import { openBackend, type BackendName } from '../test/fixtures/servers.ts'
import { childrenOf } from './cpu.ts'

/** A datastore of this run's own. */
export type Datastore = {
  name: BackendName
  /** Changes with `empty` where the datastore is a folder. */
  url: () => string
  /** The server's process; undefined where it is embedded. */
  pid: number | undefined
  /** Commands carried out so far, those within scripts too (Redis), and bytes held. */
  counts: () => Promise<{ commands?: number, bytes?: number }>
  /** Every round starts with nothing stored. */
  empty: () => Promise<void>
  close: () => Promise<void>
}

export async function openDatastore (name: BackendName): Promise<Datastore> {
  const before = new Set(childrenOf(process.pid))
  let backend = await openBackend(name)
  const pid = childrenOf(process.pid).find((child) => !before.has(child))
  return {
    name,
    url: () => backend.url,
    pid: name === 'pglite' ? undefined : pid,
    counts: async () => {
      if (name === 'redis') return await countRedis(backend.url)
      return name === 'postgres' ? { bytes: await sizeOfPostgres(backend.url) } : {}
    },
    empty: async () => {
      if (name === 'redis') return await emptyRedis(backend.url)
      if (name === 'postgres') return await emptyPostgres(backend.url)
      await backend.close()
      backend = await openBackend(name)
    },
    close: () => backend.close()
  }
}

async function emptyRedis (url: string): Promise<void> {
  const client = new Redis(url)
  await client.flushall()
  client.disconnect()
}

async function emptyPostgres (url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query('DROP SCHEMA IF EXISTS bullmq, signalbox, graphile_worker CASCADE; DROP TABLE IF EXISTS follow_ons')
  await client.query('CHECKPOINT')
  await client.end()
}

async function countRedis (url: string): Promise<{ commands: number, bytes: number }> {
  const client = new Redis(url)
  const [stats, memory] = [await client.info('commandstats'), await client.info('memory')]
  client.disconnect()
  const commands = [...stats.matchAll(/calls=(\d+)/g)].reduce((sum, [, calls]) => sum + Number(calls), 0)
  return { commands, bytes: Number(/used_memory:(\d+)/.exec(memory)?.[1]) }
}

async function sizeOfPostgres (url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query<{ bytes: string }>('SELECT pg_database_size(current_database()) AS bytes')
  await client.end()
  return Number(rows[0]?.bytes)
}
