import { readFileSync } from 'node:fs'
import { pino } from 'pino'
import { createApp } from '../src/api/app.ts'
import { loadLookups } from '../src/engine/lookups/lookups.ts'
import { createQueries, queryRoutes } from '../src/api/routes/queries.ts'
import { shipped } from '../src/roles/shipped.ts'
import { checkRun } from '../src/runners/entry.ts'

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }

/** The OpenAPI document of the routes, with the examples of the shipped lookups, as it is committed. */
export async function renderOpenapi (): Promise<string> {
  const lookups = await loadLookups({ folder: 'lookups', checkRun, builtIns: shipped.processes })
  // Routes are only described here, never called: what they would call does not exist.
  const absent = {} as never
  const engine = {
    dispatch: absent,
    jobs: absent,
    children: absent,
    history: absent,
    replays: absent,
    redrive: absent,
    schedules: absent,
    backfills: absent,
    notifications: absent,
    reports: absent,
    blocks: absent,
    files: absent,
    processes: absent,
    queues: absent,
    trees: absent,
    figures: absent,
    subjects: absent,
    feed: absent,
    health: absent,
    metrics: absent,
    lookups: () => lookups
  }
  const app = await createApp({
    engine,
    settings: { bodyLimit: 1, requestTimeoutMs: 1, drainMs: 0, hosts: { host: '127.0.0.1', publicUrl: '', allowed: '' }, requestsPerMinute: 0, version, isOriginal: false, maxStreams: 1, streamsPerClient: 1, publicUrl: '', cloudEvents: { served: true, origins: [], ratePerMinute: 0 } },
    log: pino({ level: 'silent' }),
    keys: { asked: false, named: false, find: () => undefined },
    board: (_app, _options, done) => { done() },
    queries: createQueries(shipped.queries, absent).map(queryRoutes)
  })
  await app.ready()
  const document = JSON.stringify(app.swagger(), null, 2)
  await app.close()
  return `${document}\n`
}
