import { createPostgresBackend, createPostgresRelayBackend, DEFAULT_SCHEMA, runMigrations, withBackend, type BackendFactory, type IQueueBackend, type PgPool } from 'bullmq'
import { CANCELLED_QUEUE, EVENTS_QUEUE, GATES_QUEUE, type FailedFilter, type ListFilter, type ListPage, type ListRange, type Mark, type StoredJob, type Tree } from '../contract.ts'
import { PRUNE_PIECE, type Engine } from '../bullmq/engine.ts'
import { readCursor, writeCursor } from '../cursor.ts'
import { createFlowWriter, type Retention } from '../bullmq/flow-writer.ts'
import { FAILED_INDEXES, failedCondition } from './failed.ts'
import { COLUMNS, toStoredJob, type Row } from './job.ts'
import { isOutage } from './outage.ts'
import { NOTE_TABLES, createSqlNotes } from './notes.ts'

type Settings = {
  backend: string
  address: string
  pool: PgPool
  retention: Retention
  countWorkers?: (queue: string) => Promise<number>
  onError: (error: Error) => void
  close: () => Promise<void>
}

/** PostgreSQL and PGlite: BullMQ's tables, and our own indexes over them for lists. */
export function createSqlEngine (settings: Settings): Engine<PgPool> {
  const { pool, retention } = settings
  const classes = withBackend(createPostgresBackend as BackendFactory<IQueueBackend, PgPool>)
  const flows = new classes.FlowProducer({ connection: pool })
  const writer = createFlowWriter(flows.getBackend(), undefined, retention)
  flows.on('error', settings.onError)

  const rows = async (text: string, values: unknown[]): Promise<Row[]> => (await pool.query(text, values)).rows as Row[]
  const notes = createSqlNotes(rows, retention.ageMs * 2)

  async function addTrees (trees: Tree[]): Promise<Array<'added' | 'known' | Error>> {
    const known = await existing(trees)
    const fresh = trees.filter((tree) => !known.has(tree.root.id))
    const marks = fresh.flatMap(({ root, marks = [] }) => marks.map((set): Mark => ({ set, id: root.id, at: Date.now() })))
    if (marks.length > 0) await notes.mark(marks)
    const failures = new Map<string, Error>()
    if (fresh.length > 0) {
      try {
        await writer.addTrees(fresh)
      } catch (error) {
        if (isOutage(error)) throw error
        // One tree that the database refuses must not refuse the others.
        for (const tree of fresh) {
          try {
            await writer.addTrees([tree])
          } catch (single) {
            if (isOutage(single)) throw single
            failures.set(tree.root.id, single as Error)
          }
        }
      }
    }
    return trees.map(({ root }) => failures.get(root.id) ?? (known.has(root.id) ? 'known' : 'added'))
  }

  /** Adding a tree again is harmless here (tried with BullMQ 6.7), so that a check before the add is enough. */
  async function existing (trees: Tree[]): Promise<Set<string>> {
    const maybe = trees.filter((tree) => tree.mayExist)
    if (maybe.length === 0) return new Set()
    const children = maybe.flatMap(({ root, children }) => children.map(({ queue, id }) => ({ queue, id, root: root.id })))
    const found = await rows(EXISTING, [maybe.map((tree) => tree.root.id), children.map((one) => one.queue), children.map((one) => one.id), children.map((one) => one.root)])
    return new Set(found.map((row) => String(row['id'])))
  }

  async function fetch (keys: Array<{ queue: string, id: string }>): Promise<Array<StoredJob | undefined>> {
    if (keys.length === 0) return []
    const found = await rows(
      `SELECT ${COLUMNS} FROM job WHERE (queue, id) IN (SELECT * FROM unnest($1::text[], $2::text[]))`,
      [keys.map((key) => key.queue), keys.map((key) => key.id)])
    const byKey = new Map(found.map((row) => [`${row['queue']}:${row['id']}`, toStoredJob(row)]))
    return keys.map((key) => byKey.get(`${key.queue}:${key.id}`))
  }

  async function list (filter: ListFilter, { limit, order = 'desc', cursor, since, until }: ListRange): Promise<ListPage> {
    const where: string[] = []
    const values: unknown[] = []
    const bind = (value: unknown): string => `$${values.push(value)}`
    if (filter.kind === 'events') {
      where.push(`queue = '${EVENTS_QUEUE}'`)
      if (filter.type !== undefined) where.push(`name = ${bind(filter.type)}`)
      if (filter.subject !== undefined) where.push(`data -> 'event' ->> 'subject' = ${bind(filter.subject)}`)
      if (filter.root !== undefined) where.push(`${FOLLOW_ON} AND data ->> 'root' = ${bind(filter.root)}`)
    } else {
      where.push(`queue IN (${bind(filter.queue)}, '${CANCELLED_QUEUE}', '${GATES_QUEUE}') AND ${LISTED_JOB} AND name = ${bind(filter.name)} AND ${NOT_THROUGH}`)
      if (filter.states !== undefined) where.push(`state::text = ANY(${bind(filter.states.map((state) => state === 'blocked' ? 'waiting-children' : state))}::text[])`)
    }
    if (since !== undefined) where.push(`added_at_ms >= ${bind(since)}`)
    if (until !== undefined) where.push(`added_at_ms < ${bind(until)}`)
    const from = cursor === undefined ? undefined : readCursor(cursor)
    if (from !== undefined) where.push(`(added_at_ms, id) ${order === 'asc' ? '>' : '<'} (${bind(from.at)}, ${bind(from.id)})`)
    const found = await rows(
      `SELECT ${COLUMNS} FROM job WHERE ${where.join(' AND ')} ORDER BY added_at_ms ${order}, id ${order} LIMIT ${bind(limit + 1)}`, values)
    return toPage(found, limit, (event) => event.createdAt)
  }

  async function failed (filter: FailedFilter, range: ListRange): Promise<ListPage> {
    const { where, values } = failedCondition(filter, range)
    const found = await rows(`SELECT ${COLUMNS} FROM job WHERE ${where} ORDER BY finished_at_ms DESC, id DESC LIMIT ${range.limit + 1}`, values)
    return toPage(found, range.limit, (job) => job.finishedAt ?? 0)
  }

  async function countUnder (root: string): Promise<number> {
    const [row] = await rows(`SELECT count(*)::int AS n FROM job WHERE ${FOLLOW_ON} AND data ->> 'root' = $1`, [root])
    return Number(row?.['n'] ?? 0)
  }

  async function pruneRecords (before: number): Promise<number> {
    let removed = 0
    for (;;) {
      const piece = await rows(PRUNE_RECORDS, [before, PRUNE_PIECE])
      removed += piece.length
      if (piece.length < PRUNE_PIECE) return removed
    }
  }

  async function migrate (): Promise<void> {
    const client = await pool.connect()
    try {
      await runMigrations(client, DEFAULT_SCHEMA)
      for (const statement of [...NOTE_TABLES, ...LIST_INDEXES, ...FAILED_INDEXES.map((index) => `CREATE INDEX IF NOT EXISTS ${index.name} ON ${TABLE} ${index.on}`)]) await client.query(statement)
    } finally {
      client.release()
    }
  }

  let closing: Promise<void> | undefined
  async function close (): Promise<void> {
    await flows.close()
    await settings.close()
  }

  return {
    backend: settings.backend,
    address: settings.address,
    classes,
    options: () => ({ connection: pool }),
    relay: () => ({ connection: pool, namespace: 'signalbox', backend: createPostgresRelayBackend }),
    addTrees,
    fetch,
    list,
    failed,
    countUnder,
    ...notes,
    pruneRecords,
    busyQueues: async () => (await rows(BUSY_QUEUES, [])).map((row) => String(row['queue'])),
    ...(settings.countWorkers === undefined ? {} : { countWorkers: settings.countWorkers }),
    // A write that changes nothing: a read-only standby or a full disk must not look healthy.
    ping: async () => { await rows("INSERT INTO meta (queue, field, value) VALUES ('events', 'signalbox-ping', $1) ON CONFLICT (queue, field) DO UPDATE SET value = excluded.value", [String(Date.now())]) },
    migrate,
    onError: settings.onError,
    close: async () => { await (closing ??= close()) }
  }
}

/**
 * Lists walk these backwards. Each is partial and of no use to BullMQ's own statements, so that the planner cannot be
 * led away from BullMQ's indexes, and rows pay only for the lists that show them.
 */
const LISTED_JOB = `(parent_id IS NOT NULL OR queue = '${CANCELLED_QUEUE}')`
/** Of one that was let through, the job of its process is listed. */
const NOT_THROUGH = `NOT (queue = '${GATES_QUEUE}' AND state = 'completed' AND return_value::jsonb ? 'passed')`
const FOLLOW_ON = `queue = '${EVENTS_QUEUE}' AND data -> 'cause' IS NOT NULL`
const TABLE = `${DEFAULT_SCHEMA}.job`
const LIST_INDEXES = [
  `CREATE INDEX IF NOT EXISTS signalbox_jobs_idx ON ${TABLE} (name, added_at_ms DESC, id DESC) WHERE ${LISTED_JOB}`,
  `CREATE INDEX IF NOT EXISTS signalbox_events_idx ON ${TABLE} (added_at_ms DESC, id DESC) WHERE queue = '${EVENTS_QUEUE}'`,
  `CREATE INDEX IF NOT EXISTS signalbox_types_idx ON ${TABLE} (name, added_at_ms DESC, id DESC) WHERE queue = '${EVENTS_QUEUE}'`,
  `CREATE INDEX IF NOT EXISTS signalbox_subjects_idx ON ${TABLE} ((data -> 'event' ->> 'subject'), added_at_ms DESC, id DESC) WHERE queue = '${EVENTS_QUEUE}'`,
  `CREATE INDEX IF NOT EXISTS signalbox_roots_idx ON ${TABLE} ((data ->> 'root'), added_at_ms DESC, id DESC) WHERE ${FOLLOW_ON}`
]

/**
 * Which roots exist. Jobs are kept longer than their event: those of an event that is gone go too, before it is added
 * again, or its new record would wait for them.
 */
const EXISTING = `WITH roots AS (SELECT id FROM job WHERE queue = '${EVENTS_QUEUE}' AND id = ANY($1::text[])),
  left_over AS (DELETE FROM job USING unnest($2::text[], $3::text[], $4::text[]) AS child (queue, id, root)
    WHERE job.queue = child.queue AND job.id = child.id AND job.state IN ('completed', 'failed') AND child.root NOT IN (SELECT id FROM roots))
  SELECT id FROM roots`

/** A record has no parent, and its links to its jobs go with it. */
const PRUNE_RECORDS = `DELETE FROM job WHERE queue = '${EVENTS_QUEUE}' AND id IN (
  SELECT id FROM job WHERE queue = '${EVENTS_QUEUE}' AND state IN ('completed', 'failed') AND finished_at_ms <= $1 AND data -> 'keep' IS NULL LIMIT $2) RETURNING 1`

/** By the partial indexes of the three states, which hold what has not ended and nothing else. */
const BUSY_QUEUES = ['waiting', 'delayed', 'active'].map((state) => `SELECT DISTINCT queue FROM job WHERE state = '${state}'`).join(' UNION ')

/** One row more than the limit was read, to know whether there is a next page. */
function toPage (found: Row[], limit: number, timeOf: (item: StoredJob) => number): ListPage {
  const items = found.slice(0, limit).map(toStoredJob)
  const after = items.map((item) => writeCursor({ at: timeOf(item), id: item.id }))
  return { items, after, next: found.length > limit ? after.at(-1) : undefined }
}
