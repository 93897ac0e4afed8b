import { pino } from 'pino'
import { createApp } from '../src/api/app.ts'
import { loadLookups } from '../src/engine/lookups/lookups.ts'
import type { Board } from '../src/queues/bullmq/board.ts'
import { createQueries } from '../src/api/routes/queries.ts'
import { shipped } from '../src/roles/shipped.ts'
import { checkRun } from '../src/runners/entry.ts'

/** The OpenAPI document of the routes, with the examples of the shipped lookups, as it is committed. */
export async function renderOpenapi (): Promise<string> {
  const lookups = await loadLookups({ folder: 'lookups', checkRun, builtIns: shipped.processes })
  const board: Board = { plugin: (_app, _options, done) => { done() }, show: () => {} }
  // Routes are only described here, never called: what they would call does not exist.
  const absent = {} as never
  const app = await createApp({
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
    queries: createQueries(shipped.queries, absent),
    queues: absent,
    metrics: absent,
    lookupFiles: { current: () => lookups, problem: () => undefined, reload: async () => true, onChange: () => {}, close: () => {} },
    board,
    log: pino({ level: 'silent' }),
    settings: { bodyLimit: 1, requestTimeoutMs: 1, token: '', version: process.env['npm_package_version'] ?? '0.1.0', backendTimeoutMs: 1, maxStreams: 1, publicUrl: '', cloudEvents: { served: true, origins: [], ratePerMinute: 0 } }
  })
  await app.ready()
  const document = JSON.stringify(app.swagger(), null, 2)
  await app.close()
  return `${document}\n`
}
