import { createPostgresBackend, createRedisBackend, DEFAULT_SCHEMA, runMigrations, withBackend, type BackendFactory, type FlowJob, type IQueueBackend, type Job, type JobsOptions, type PgPool } from 'bullmq'
import { Redis } from 'ioredis'
import pg from 'pg'
import { openPglite } from '../src/queues/pglite/pool.ts'

/** BullMQ as anyone would use it, with nothing of ours around it. On PGlite our pool is part of the floor. */
export type BareBullmq = {
  add: (flow: FlowJob) => Promise<unknown>
  addBulk: (flows: FlowJob[]) => Promise<unknown>
  /** Each on its queue, by `add` or `addBulk`: no flow, no record. */
  addPlain: (jobs: PlainJob[]) => Promise<unknown>
  /** `completed` is called when the completion of a job is stored. */
  work: (queue: string, run: (job: Job) => Promise<unknown>, completed: () => void) => void
  close: () => Promise<void>
}

export type PlainJob = { queue: string, name: string, data: unknown, opts: JobsOptions }

const CONCURRENCY = 50
const PREFIX = '{floor}'

export async function openBareBullmq (url: string): Promise<BareBullmq> {
  if (url.startsWith('redis:')) return openOnRedis(url)
  const pool = url.startsWith('pglite:')
    ? await openPglite({ folder: url.slice('pglite:'.length), schema: DEFAULT_SCHEMA }) as unknown as PgPool
    : new pg.Pool({ connectionString: url, options: `-c search_path=${DEFAULT_SCHEMA}`, max: 16 }) as unknown as PgPool
  const client = await pool.connect()
  await runMigrations(client, DEFAULT_SCHEMA)
  client.release()
  return open(createPostgresBackend as BackendFactory<IQueueBackend, PgPool>, { connection: pool }, async () => { await (pool as unknown as pg.Pool).end() })
}

function openOnRedis (url: string): BareBullmq {
  const connection = new Redis(url, { maxRetriesPerRequest: null })
  return open(createRedisBackend, { connection, prefix: PREFIX }, async () => { connection.disconnect() })
}

function open<C> (factory: BackendFactory<IQueueBackend, C>, options: { connection: C, prefix?: string }, end: () => Promise<void>): BareBullmq {
  const { FlowProducer, Queue, Worker } = withBackend(factory)
  const flows = new FlowProducer(options)
  const queues = new Map<string, InstanceType<typeof Queue>>()
  const queueOf = (name: string): InstanceType<typeof Queue> => {
    let found = queues.get(name)
    if (found === undefined) queues.set(name, found = new Queue(name, options))
    return found
  }
  const workers: Array<InstanceType<typeof Worker>> = []
  return {
    add: (flow) => flows.add(flow),
    addBulk: (all) => flows.addBulk(all),
    addPlain: (jobs) => Promise.all([...new Set(jobs.map(({ queue }) => queue))].map((name) => {
      const [only, ...more] = jobs.filter(({ queue }) => queue === name)
      if (only === undefined) return undefined
      return more.length === 0 ? queueOf(name).add(only.name, only.data, only.opts) : queueOf(name).addBulk([only, ...more])
    })),
    work: (queue, run, completed) => {
      const worker = new Worker(queue, run, { ...options, concurrency: CONCURRENCY, settings: { backoffStrategy: () => 1000 } })
      worker.on('completed', completed)
      worker.on('error', (error) => { process.stderr.write(`floor: ${error.message}\n`) })
      workers.push(worker)
    },
    close: async () => {
      await Promise.allSettled(workers.map((worker) => worker.close()))
      await Promise.allSettled([...queues.values()].map((queue) => queue.close()))
      await flows.close()
      await end()
    }
  }
}
