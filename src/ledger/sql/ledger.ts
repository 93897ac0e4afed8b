import { setTimeout as sleep } from 'node:timers/promises'
import { COUNTED, createBigCounts } from '../../base/big-counts.ts'
import { PAGE, UnitRefused, type Document, type Entered, type Ledger, type Page, type Result } from '../contract.ts'
import { createGroup } from '../group.ts'
import { createGroupRead } from '../group-read.ts'
import { migrate } from './migrate.ts'
import { createOutbox, type Deliverer, type Outbox } from './outbox.ts'
import type { SqlPool } from './pool.ts'
import { flatten, prepare, toResults, type Answer, type Prepared } from './units.ts'

type Settings = {
  pool: SqlPool
  enqueuer: Deliverer
  /** Told what went wrong where nobody waits for it: the delivery of a job. */
  onError: (error: Error) => void
}

const COMMIT = 'select signalbox.commit($1, $2, $3, $4, $5, $6, $7, $8, $9) as answer'
const GET = 'select doc, rev, value, counts from signalbox.document where doc = any ($1) and (rev > 0 or counts <> \'{}\')'
const COUNT = `select (select count(*) from (select 1 from signalbox.entry e where e.list = s.list limit ${COUNTED + 1}) x)::int as n
  from unnest($1::text[]) with ordinality s (list, i) order by s.i`
const COUNT_ALL = 'select count(*)::int as n from signalbox.entry where list = $1'
const NOW = 'select (extract(epoch from clock_timestamp()) * 1000)::bigint as at'
const FORGET = `delete from signalbox.document where doc in (
  select doc from signalbox.document where removed_at < (extract(epoch from clock_timestamp()) * 1000)::bigint - $1 and counts = '{}' limit 1000)
  and removed_at is not null and counts = '{}'`

/** How long the revision of a removed document is remembered: far longer than any look lives. */
const TOMB_MS = 3_600_000
/** Serialization, deadlock, and a row that somebody else was faster to insert. */
const AGAIN = new Set(['40001', '40P01', '23505'])
const TRIES = 20

/**
 * The ledger on PostgreSQL, in a server or embedded: one function call, which is one transaction, for a group of
 * units.
 */
export function createSqlLedger ({ pool, enqueuer, onError }: Settings): Ledger {
  const outbox = createOutbox({ pool, deliverer: enqueuer, onError })
  const group = createGroup<Prepared>({ send: (units) => send(pool, outbox, units), isRefusal })
  const big = createBigCounts(async (set) => Number((await pool.query(COUNT_ALL, [set])).rows[0]?.['n']))
  return {
    commit: async (unit) => {
      try {
        return await group.commit(prepare(unit, enqueuer.check))
      } catch (error) {
        throw isRefusal(error) ? new UnitRefused((error as Error).message, { cause: error }) : error
      }
    },
    get: createGroupRead((names) => read(pool, names)),
    list: (set, page) => list(pool, set, page),
    count: (sets) => count(pool, sets, big),
    now: async () => Number((await pool.query(NOW)).rows[0]?.['at']),
    sweep: async (olderThanMs) => {
      await pool.query(FORGET, [TOMB_MS])
      return await outbox.sweep(olderThanMs)
    },
    migrate: () => migrate(pool),
    close: async () => {
      await group.settled()
      await outbox.close()
    }
  }
}

async function send (pool: SqlPool, outbox: Outbox, units: Prepared[]): Promise<Result[]> {
  const delivered = outbox.takeDelivered()
  const { values, jobs, results } = flatten(units, delivered)
  try {
    const answer = await again(async () => (await pool.query(COMMIT, values)).rows[0]?.['answer'] as Answer)
    const owed = (answer.owed ?? []).flatMap(([seq, n]) => {
      const job = jobs[n]
      return job === undefined ? [] : [{ seq: String(seq), job }]
    })
    if (owed.length > 0) outbox.owe(owed)
    return toResults(results, answer)
  } catch (error) {
    outbox.giveBack(delivered)
    throw error
  }
}

/** Nothing was applied where another group came between. */
async function again<T> (work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work()
    } catch (error) {
      if (!AGAIN.has(codeOf(error)) || tries === TRIES) throw error
      await sleep(Math.random() * 5 * tries)
    }
  }
}

const codeOf = (error: unknown): string => String((error as { code?: unknown } | undefined)?.code ?? '')

/** Classes 21 to 23 (data and constraints) and 54 (limits): the fault of a unit, and nothing was applied. */
const isRefusal = (error: unknown): boolean => /^(2[123]|54)...$/.test(codeOf(error)) && !AGAIN.has(codeOf(error))

async function read (pool: SqlPool, names: string[]): Promise<Map<string, Document>> {
  const { rows } = await pool.query(GET, [names])
  return new Map(rows.map(({ doc, rev, value, counts }) =>
    [String(doc), { rev: Number(rev), value: value ?? undefined, counts: counts as Document['counts'] }]))
}

async function list (pool: SqlPool, set: string, page: Page = {}): Promise<Entered[]> {
  const { after, limit = PAGE, reverse = false, min, max } = page
  const values: unknown[] = [set, limit]
  const bind = (value: unknown): string => `$${values.push(value)}`
  const where = ['list = $1']
  if (after !== undefined) where.push(`(score, member) ${reverse ? '<' : '>'} (${bind(after[0])}::float8, ${bind(after[1])}::text collate "C")`)
  if (min !== undefined) where.push(`score >= ${bind(min)}::float8`)
  if (max !== undefined) where.push(`score <= ${bind(max)}::float8`)
  const order = reverse ? 'desc' : 'asc'
  const { rows } = await pool.query(`select score, member from signalbox.entry where ${where.join(' and ')}
    order by score ${order}, member ${order} limit $2`, values)
  return rows.map((row) => [Number(row['score']), String(row['member'])])
}

async function count (pool: SqlPool, sets: string[], big: (set: string) => Promise<number>): Promise<number[]> {
  if (sets.length === 0) return []
  const { rows } = await pool.query(COUNT, [sets])
  return await Promise.all(sets.map((set, i) => {
    const n = Number(rows[i]?.['n'])
    return n > COUNTED ? big(set) : n
  }))
}
