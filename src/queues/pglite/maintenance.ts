import { setTimeout as sleep } from 'node:timers/promises'
import type { PgliteSession } from './session.ts'
import type { PgliteNotice } from './messages.ts'
import { decodeReply } from './wire.ts'

type Settings = {
  session: PgliteSession
  everyMs: number
  onNotice: (notice: PgliteNotice) => void
}

const MB = 1024 * 1024
/** So much write-ahead log is written down early, so little not before it is worth it. */
const MUCH_BYTES = 32 * MB
const LITTLE_BYTES = 256 * 1024
/** How long a step waits for a moment without queries before it takes one. */
const PATIENCE_MS = 2000

/**
 * PGlite has neither autovacuum nor checkpointer: without this the log and the tables grow for ever. Each step is a
 * query of its own, so that the others wait for one step at most.
 */
export function startPgliteMaintenance ({ session, everyMs, onNotice }: Settings): { stop: () => Promise<void> } {
  const stopping = new AbortController()
  const { signal } = stopping

  async function loop (): Promise<void> {
    let mark = await position()
    let doneAt = performance.now()
    while (!signal.aborted) {
      await sleep(everyMs / 4, undefined, { signal })
      try {
        const written = await position() - mark
        const isDue = written > LITTLE_BYTES && performance.now() - doneAt >= everyMs
        if (!isDue && written < MUCH_BYTES) continue
        const times = await maintain()
        onNotice({ kind: 'maintenance', ...times, walBytes: written })
        mark = await position()
      } catch (error) {
        if (signal.aborted) return
        onNotice({ kind: 'log', text: `maintenance failed: ${(error as Error).message}` })
      }
      doneAt = performance.now()
    }
  }

  async function maintain (): Promise<{ totalMs: number, pauseMs: number }> {
    const startedAt = performance.now()
    const tables = await column(`SELECT quote_ident(nspname) || '.' || quote_ident(relname) AS value FROM pg_class
      JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema' AND relkind = 'r' AND relpages + pg_relation_size(pg_class.oid) > 0`)
    let pauseMs = 0
    for (const step of [...tables.map((table) => `VACUUM ${table}`), 'CHECKPOINT']) {
      await quiet()
      const stepAt = performance.now()
      await read(step)
      pauseMs = Math.max(pauseMs, performance.now() - stepAt)
    }
    return { totalMs: Math.round(performance.now() - startedAt), pauseMs: Math.round(pauseMs) }
  }

  async function quiet (): Promise<void> {
    const until = performance.now() + PATIENCE_MS
    do await sleep(5, undefined, { signal })
    while (session.isBusy() && performance.now() < until)
  }

  async function position (): Promise<number> {
    return Number((await column("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') AS value"))[0])
  }

  async function column (text: string): Promise<string[]> {
    return (await read(text)).map((row) => String(row['value']))
  }

  async function read (text: string): Promise<Array<Record<string, unknown>>> {
    const { result, error } = decodeReply(await session.run(text))
    if (error !== undefined) throw error
    return result.rows
  }

  const done = loop().catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
  return {
    stop: () => {
      stopping.abort()
      return done
    }
  }
}
