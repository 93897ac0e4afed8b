import { randomUUID } from 'node:crypto'
import { DEFAULT_SCHEMA } from 'bullmq'
import type { Mark, Note } from '../contract.ts'
import type { Engine } from '../bullmq/engine.ts'
import type { Row } from './job.ts'

/** Beside BullMQ's own. */
export const NOTE_TABLES = [
  `CREATE TABLE IF NOT EXISTS ${DEFAULT_SCHEMA}.signalbox_note (name text PRIMARY KEY, version text NOT NULL, value jsonb NOT NULL, expires_at bigint NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS ${DEFAULT_SCHEMA}.signalbox_mark (set_name text NOT NULL, id text NOT NULL, at bigint NOT NULL, PRIMARY KEY (set_name, id))`,
  `CREATE INDEX IF NOT EXISTS signalbox_mark_idx ON ${DEFAULT_SCHEMA}.signalbox_mark (set_name, at, id)`
]

type SqlNotes = Pick<Engine<unknown>, 'readNotes' | 'writeNote' | 'mark' | 'unmark' | 'marked'> & Required<Pick<Engine<unknown>, 'sweep'>>

/** Notes and marked events in tables of ours. `keepMs`: how long a mark is kept. */
export function createSqlNotes (rows: (text: string, values: unknown[]) => Promise<Row[]>, keepMs: number): SqlNotes {
  async function readNotes (names: string[]): Promise<Array<Note<unknown> | undefined>> {
    const found = await rows('SELECT name, version, value FROM signalbox_note WHERE name = ANY($1::text[]) AND expires_at > $2', [names, Date.now()])
    const byName = new Map(found.map((row) => [String(row['name']), { version: String(row['version']), value: row['value'] }]))
    return names.map((name) => byName.get(name))
  }

  async function writeNote (name: string, read: Note<unknown> | undefined, value: object | undefined, ttlMs: number): Promise<boolean> {
    if (value === undefined && read === undefined) return true
    const now = Date.now()
    const [text, values] = value === undefined
      ? ['DELETE FROM signalbox_note WHERE name = $1 AND version = $2 RETURNING 1', [name, read?.version]]
      : read === undefined
        // One that has expired is as good as none.
        ? [`INSERT INTO signalbox_note (name, version, value, expires_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT (name) DO UPDATE SET version = excluded.version, value = excluded.value, expires_at = excluded.expires_at WHERE signalbox_note.expires_at <= $5 RETURNING 1`, [name, randomUUID(), JSON.stringify(value), now + Math.ceil(ttlMs), now]]
        : ['UPDATE signalbox_note SET version = $3, value = $4, expires_at = $5 WHERE name = $1 AND version = $2 RETURNING 1', [name, read.version, randomUUID(), JSON.stringify(value), now + Math.ceil(ttlMs)]]
    return (await rows(text as string, values as unknown[])).length === 1
  }

  /** Sorted, so that two who add to the same sets do not wait for each other in a circle. */
  async function mark (marks: Mark[]): Promise<void> {
    const sorted = marks.toSorted((a, b) => a.set < b.set ? -1 : a.set > b.set ? 1 : a.id < b.id ? -1 : 1)
    await rows('INSERT INTO signalbox_mark (set_name, id, at) SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[]) ON CONFLICT DO NOTHING',
      [sorted.map((one) => one.set), sorted.map((one) => one.id), sorted.map((one) => one.at)])
  }

  async function marked (set: string, limit: number): Promise<Array<{ id: string, at: number }>> {
    const found = await rows('SELECT id, at FROM signalbox_mark WHERE set_name = $1 ORDER BY at, id LIMIT $2', [set, limit])
    return found.map((row) => ({ id: String(row['id']), at: Number(row['at']) }))
  }

  async function sweep (): Promise<void> {
    const now = Date.now()
    await rows('DELETE FROM signalbox_note WHERE expires_at <= $1', [now])
    await rows('DELETE FROM signalbox_mark WHERE at <= $1', [now - keepMs])
  }

  return {
    readNotes,
    writeNote,
    mark,
    unmark: async (set, ids) => { if (ids.length > 0) await rows('DELETE FROM signalbox_mark WHERE set_name = $1 AND id = ANY($2::text[])', [set, ids]) },
    marked,
    sweep
  }
}
