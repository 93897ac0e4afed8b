import { COMMIT_FUNCTION } from './commit.ts'
import type { SqlPool } from './pool.ts'

/** Each is done once, in this order, in one transaction; what has been released is never changed. */
const MIGRATIONS: string[][] = [
  [
    // Rows are rewritten as counters change: with room on their page the indexes need not know.
    `create table signalbox.document (
      doc text collate "C" primary key, rev int not null, value json, counts jsonb not null default '{}', removed_at bigint) with (fillfactor = 80)`,
    'create index document_removed on signalbox.document (removed_at) where removed_at is not null',
    'create table signalbox.entry (list text collate "C", member text collate "C", score double precision not ' +
    'null, primary key (list, member))',
    'create index entry_order on signalbox.entry (list, score, member)',
    'create sequence signalbox.outbox_seq',
    'create table signalbox.outbox (seq bigint primary key, at bigint not null, job json not null)',
    'create index outbox_at on signalbox.outbox (at)'
  ]
]

/** No statement of a migration is long, but one may wait for another process that migrates. */
const LOCK = 7_204_513_001

export async function migrate (pool: SqlPool): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    await client.query(`select pg_advisory_xact_lock(${LOCK})`)
    await client.query('create schema if not exists signalbox')
    await client.query(
      'create table if not exists signalbox.migration (version int primary key, at timestamptz not null default ' +
      'now())')
    const { rows } = await client.query('select coalesce(max(version), 0) as version from signalbox.migration')
    const version = Number(rows[0]?.['version'])
    if (version > MIGRATIONS.length) {
      throw new Error(`the ledger has version ${version} of its tables; this Signalbox knows ${MIGRATIONS.length}: it is older`)
    }
    for (const [i, statements] of MIGRATIONS.entries()) {
      if (i < version) continue
      for (const statement of statements) await client.query(statement)
      await client.query(`insert into signalbox.migration (version) values (${i + 1})`)
    }
    await client.query(COMMIT_FUNCTION)
    await client.query('commit')
  } catch (error) {
    await client.query('rollback').catch(() => {})
    throw error
  } finally {
    client.release()
  }
}
