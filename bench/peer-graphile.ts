import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { PROCESSES, newEvent } from './event.ts'
import type { Peer } from './peer.ts'

/** The few parts of graphile-worker that are used: it is not among our dependencies. */
type Graphile = {
  makeWorkerUtils: (options: { pgPool: pg.Pool, logger: unknown }) => Promise<{
    migrate: () => Promise<void>
    addJob: (task: string, payload: unknown, spec: { jobKey?: string }) => Promise<{ id: string }>
    release: () => Promise<void>
  }>
  run: (options: Record<string, unknown>) => Promise<{ stop: () => Promise<void>, events: { on: (event: string, listener: (of: { job: { payload: Payload } }) => void) => void } }>
  Logger: new (factory: () => () => void) => unknown
}
type Payload = { key: string, event: { subject: string } }
type Helpers = { query: (text: string, values: unknown[]) => Promise<unknown> }

const CONCURRENCY = 50
// The name is not written where the compiler resolves it: who does not have the package builds this all the same.
const PACKAGE: string = 'graphile-worker'

export const hasGraphile = async (): Promise<boolean> => await import(PACKAGE).then(() => true, () => false)

/** graphile-worker as its documentation has it: `addJob` twice an event, tasks that insert the follow-on event into a table. */
export async function openGraphile (url: string): Promise<Peer> {
  const { makeWorkerUtils, run, Logger } = await import(PACKAGE) as Graphile
  const logger = new Logger(() => () => {})
  const pgPool = new pg.Pool({ connectionString: url, max: 16 })
  const utils = await makeWorkerUtils({ pgPool, logger })
  await utils.migrate()
  await pgPool.query('CREATE TABLE IF NOT EXISTS follow_ons (id text PRIMARY KEY, event jsonb NOT NULL)')
  let runner: Awaited<ReturnType<Graphile['run']>> | undefined
  return {
    add: async () => {
      const key = randomUUID()
      const payload = { key, event: { ...newEvent(`genome-${key}`), id: key, source: '/jobs' } }
      return await Promise.all(PROCESSES.map(async (name): Promise<[string, string]> => {
        await utils.addJob(name, payload, { jobKey: `${key}.${name}` })
        return [name, `${key}.${name}`]
      }))
    },
    work: async (onStored, onEnded) => {
      const task = (name: string) => async ({ key, event: { subject } }: Payload, { query }: Helpers): Promise<void> => {
        await query('INSERT INTO follow_ons VALUES ($1, $2)', [`${key}.${name}`, { type: 'bench_done', subject, source: `/jobs/${name}/${key}` }])
        onStored(key)
      }
      const taskList = Object.fromEntries(PROCESSES.map((name) => [name, task(name)]))
      runner = await run({ pgPool, concurrency: CONCURRENCY, noHandleSignals: true, taskList, logger })
      runner.events.on('job:success', onEnded)
    },
    close: async () => {
      await runner?.stop()
      await utils.release()
      await pgPool.end()
    }
  }
}
