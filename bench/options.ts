import { parseArgs } from 'node:util'
import { BACKENDS, type BackendName } from '../test/fixtures/servers.ts'

/** How much is measured. Counts are events. */
export type Size = {
  rounds: number
  /** Before each measured phase, for the compiler of Node: its code is twice as slow when it is new. Of both sides. */
  warmUp: { accept: Record<BackendName, number>, endToEnd: Record<BackendName, number> }
  accept: Record<BackendName, number>
  endToEnd: Record<BackendName, number>
  steady: { perSecond: number, count: number }
  /** Events that wait while the cost of one more is measured. */
  levels: Record<BackendName, number[]>
}

/** `before`: the folder of an older version, built, to be measured beside this one. */
export type Options = { backends: BackendName[], quick: boolean, growth: boolean, before: string | undefined, size: Size }

const QUICK: Size = {
  rounds: 1,
  warmUp: { accept: { redis: 8000, postgres: 4000, pglite: 2000 }, endToEnd: { redis: 3000, postgres: 500, pglite: 400 } },
  accept: { redis: 2000, postgres: 1000, pglite: 1000 },
  endToEnd: { redis: 1000, postgres: 500, pglite: 400 },
  steady: { perSecond: 50, count: 150 },
  levels: { redis: [1000], postgres: [1000], pglite: [1000] }
}

const FULL: Size = {
  rounds: 3,
  warmUp: { accept: { redis: 15_000, postgres: 8000, pglite: 4000 }, endToEnd: { redis: 8000, postgres: 3000, pglite: 2000 } },
  accept: { redis: 5000, postgres: 3000, pglite: 2000 },
  endToEnd: { redis: 5000, postgres: 2000, pglite: 1500 },
  steady: { perSecond: 50, count: 200 },
  // Fewer would be worked before the measuring is over.
  levels: { redis: [10_000, 100_000, 1_000_000], postgres: [10_000, 100_000], pglite: [10_000, 100_000] }
}

export const USAGE = `npm run bench -- [--backend redis,postgres,pglite] [--quick] [--no-growth] [--before FOLDER]

  --backend    which datastores, comma-separated; all by default
  --quick      one short round: does it run, and roughly how fast
  --before     folder of an older version, built, which bench:peers measures too
  --no-growth  leaves out the cost per event with many events waiting
`

/** Undefined where an argument is not understood. */
export function readOptions (args: string[]): Options | undefined {
  try {
    const { values } = parseArgs({ args, options: { backend: { type: 'string' }, quick: { type: 'boolean', default: false }, 'no-growth': { type: 'boolean', default: false }, before: { type: 'string' } } })
    const names = values.backend?.split(',') ?? ['redis', 'postgres', 'pglite']
    if (!names.every(isBackend)) return undefined
    return { backends: names, quick: values.quick, growth: !values['no-growth'], before: values.before, size: values.quick ? QUICK : FULL }
  } catch {
    return undefined
  }
}

const isBackend = (name: string): name is BackendName => (BACKENDS as string[]).includes(name)
