import { DEFAULT_SCHEMA, runMigrations, withBackend, type PgPool } from 'bullmq'
import type { Ahead } from '../bullmq/datastore-clock.ts'
import type { WorkStore } from '../bullmq/work-store.ts'
import type { JobKey, StoredJob } from '../work.ts'
import { createCompletions } from './completions.ts'
import { COLUMNS, toStoredJob, type Read, type Row } from './job.ts'
import { createCounts } from './counts.ts'
import { createPatientBackend, createPatientRelay } from './patient-backend.ts'

type Settings = {
  backend: 'pglite' | 'postgres'
  address: string
  pool: PgPool
  workers?: ((queues: string[]) => Promise<string[][]>) | undefined
  /** Absent where the datastore goes by the clock of this machine. */
  aheadMs?: Ahead
  onError: (error: Error) => void
}

const TABLE = `${DEFAULT_SCHEMA}.job`

/**
 * BullMQ marks the jobs whose lock has run out, and takes all marks away again with each check: without an index of
 * its own that reads every job of the queue.
 */
const STALLED_INDEX = `create index if not exists signalbox_stalled_idx on ${TABLE} (queue) where stalled_marked`

/** BullMQ on PostgreSQL and PGlite, read from its own table where its statements grow with what waits. */
export function createSqlWorkStore (settings: Settings): WorkStore<PgPool> {
  const { backend, address, pool, workers, aheadMs = () => 0, onError } = settings
  const rows: Read = async (text, values = []) => (await pool.query(text, values)).rows as Row[]
  return {
    backend,
    address,
    classes: withBackend(createPatientBackend(aheadMs, createCompletions(pool))),
    aheadMs,
    options: () => ({ connection: pool }),
    relay: () => ({ connection: pool, namespace: 'signalbox', backend: createPatientRelay }),
    get: (keys) => get(rows, keys),
    active: async (queue, limit) => (await rows(ACTIVE, [queue, limit])).map(toStoredJob),
    ends: async (queues, limit) => (await rows(ENDS, [queues, limit])).map(toStoredJob),
    counts: createCounts(rows),
    workers,
    busyQueues: async () => (await rows(BUSY_QUEUES)).map((row) => String(row['queue'])),
    earlierNote: async (name) =>
      (await rows(HAS_NOTES))[0]?.['found'] === null ? undefined : (await rows(NOTE, [name]))[0]?.['value'],
    // A write that changes nothing: a read-only standby or a full disk must not look healthy.
    ping: async () => {
      await rows(PING, [String(Date.now())])
    },
    condition: async () => ({ full: undefined, warnings: [] }),
    migrate: () => migrate(pool),
    onError,
    close: async () => {
      await pool.end()
    }
  }
}

async function get (rows: Read, keys: JobKey[]): Promise<Array<StoredJob | undefined>> {
  if (keys.length === 0) return []
  const found = await rows(GET, [keys.map(({ queue }) => queue), keys.map(({ id }) => id)])
  const byKey = new Map(found.map((row) => [`${row['queue']}:${row['id']}`, toStoredJob(row)]))
  return keys.map(({ queue, id }) => byKey.get(`${queue}:${id}`))
}

async function migrate (pool: PgPool): Promise<void> {
  const client = await pool.connect()
  try {
    await runMigrations(client, DEFAULT_SCHEMA)
    await client.query(STALLED_INDEX)
  } finally {
    client.release()
  }
}

const GET = `select ${COLUMNS} from job where (queue, id) in (select * from unnest($1::text[], $2::text[]))`
const ACTIVE = `select ${COLUMNS} from job where queue = $1 and state = 'active' order by processed_at_ms desc nulls last limit $2`
const ENDS = `select ${COLUMNS} from job where queue = any ($1) and state in ('completed', 'failed') order by finished_at_ms, id limit $2`

/**
 * By the partial indexes of the three states, which hold what has not ended and nothing else: from one queue to the
 * next.
 */
const busy = (state: string): string => `select queue from (
  with recursive next as (
    (select queue from job where state = '${state}' order by queue limit 1)
    union all
    select (select job.queue from job where state = '${state}' and job.queue > next.queue order by job.queue limit 1) from next where next.queue is not null)
  select queue from next where queue is not null) of_${state}`
const BUSY_QUEUES = `${['waiting', 'delayed', 'active'].map(busy).join(' union ')} order by queue`

const HAS_NOTES = `select to_regclass('${DEFAULT_SCHEMA}.signalbox_note') as found`
const NOTE = `select value from ${DEFAULT_SCHEMA}.signalbox_note where name = $1`

const PING = `insert into meta (queue, field, value) values ('signalbox', 'signalbox-ping', $1)
  on conflict (queue, field) do update set value = excluded.value`
