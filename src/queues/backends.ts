import type { Opened, WorkSettings } from './opened.ts'

export type Backend = {
  name: string
  /** How its addresses begin. */
  schemes: readonly string[]
  /** How they are written, for people. */
  addresses: string
  /** Whether it lives inside one process, out of the reach of all others. */
  isEmbedded: boolean
  /** Loads what it needs, and opens it: the work, and what the ledger stands on. */
  open: (settings: WorkSettings) => Promise<Opened>
}

/** The datastores. A new one is a folder and an entry here: its pattern, its help and its tests follow from it. */
export const BACKENDS = [
  {
    name: 'pglite',
    schemes: ['pglite:'],
    addresses: '`pglite:FOLDER` (embedded)',
    isEmbedded: true,
    open: async (settings) => await (await import('./pglite/open.ts')).openEmbedded(settings)
  },
  {
    name: 'postgres',
    schemes: ['postgres://', 'postgresql://'],
    addresses: '`postgres://…`',
    isEmbedded: false,
    open: async (settings) => (await import('./sql/open.ts')).openOnPostgres(settings)
  },
  {
    name: 'redis',
    schemes: ['redis', 'redis+sentinel', 'redis+cluster'].flatMap((one) => [
      `${one}://`,
      `${one.replace('redis', 'rediss')}://`
    ]),
    addresses:
      '`redis://…`, `redis+sentinel://HOST,HOST,HOST/NAME` or `redis+cluster://HOST,HOST,HOST` (`rediss` for TLS)',
    isEmbedded: false,
    open: async (settings) => (await import('./redis/open.ts')).openOnRedis(settings)
  }
] as const satisfies readonly Backend[]

export type BackendName = typeof BACKENDS[number]['name']

export const backendOf = (address: string): Backend | undefined =>
  BACKENDS.find(({ schemes }) => schemes.some((scheme) => address.startsWith(scheme)))
