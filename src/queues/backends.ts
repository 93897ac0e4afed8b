import type { Retention } from './bullmq/flow-writer.ts'
import { createBullmqQueues } from './bullmq/queues.ts'
import type { Queues } from './contract.ts'
import type { Opened, WorkSettings } from './opened.ts'

export type QueueSettings = {
  /** The address of the datastore; its beginning says which backend it is. */
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

export type Backend = {
  name: string
  /** How its addresses begin. */
  schemes: readonly string[]
  /** How they are written, for people. */
  addresses: string
  /** Whether it lives inside one process, out of the reach of all others. */
  isEmbedded: boolean
  /** Loads what it needs, and opens it. */
  open: (settings: QueueSettings, retention: Retention) => Promise<Queues>
  /** The same for the work alone, with what the ledger stands on. */
  openWork: (settings: WorkSettings) => Promise<Opened>
}

/** The datastores. A new one is a folder and an entry here: its pattern, its help and its tests follow from it. */
export const BACKENDS = [
  {
    name: 'pglite',
    schemes: ['pglite:'],
    addresses: '`pglite:FOLDER` (embedded)',
    isEmbedded: true,
    open: async ({ backend, onError }, retention) => {
      const { openPgliteEngine } = await import('./pglite/engine.ts')
      const folder = backend.slice('pglite:'.length)
      return createBullmqQueues(await openPgliteEngine({ folder, retention, onError }), { retention })
    },
    openWork: async (settings) => await (await import('./pglite/open.ts')).openEmbedded(settings)
  },
  {
    name: 'postgres',
    schemes: ['postgres://', 'postgresql://'],
    addresses: '`postgres://…`',
    isEmbedded: false,
    open: async ({ backend: url, connections, onError }, retention) => {
      const { createPostgresEngine } = await import('./sql/postgres.ts')
      return createBullmqQueues(createPostgresEngine({ url, connections, retention, onError }), { retention })
    },
    openWork: async (settings) => (await import('./sql/open.ts')).openOnPostgres(settings)
  },
  {
    name: 'redis',
    schemes: ['redis://', 'rediss://'],
    addresses: '`redis://…` or `rediss://…`',
    isEmbedded: false,
    open: async ({ backend: url, prefix, timeoutMs, onError }, retention) => {
      const { createRedisEngine } = await import('./redis/engine.ts')
      return createBullmqQueues(createRedisEngine({ url, prefix, lanes: 2, retention, timeoutMs, onError }), { retention })
    },
    openWork: async (settings) => (await import('./redis/open.ts')).openOnRedis(settings)
  }
] as const satisfies readonly Backend[]

export type BackendName = typeof BACKENDS[number]['name']

export const backendOf = (address: string): Backend | undefined =>
  BACKENDS.find(({ schemes }) => schemes.some((scheme) => address.startsWith(scheme)))
