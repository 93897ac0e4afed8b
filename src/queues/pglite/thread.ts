import { parentPort, workerData } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'
import { startPgliteMaintenance } from './maintenance.ts'
import type { PgliteReport, PgliteRequest, PgliteThreadData } from './messages.ts'
import { createPgliteSession } from './session.ts'

/** The entry of the thread that holds the database: requests come in as arrays, replies go out one message per turn. */

if (parentPort === null) throw new Error('pglite-thread.ts runs in a worker thread')
const port = parentPort
const { dataFolder, schema, maintenanceMs, createOnly } = workerData as PgliteThreadData

const report = (message: PgliteReport, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer)

const db = await PGlite.create({
  dataDir: dataFolder ?? 'memory://',
  startParams: [
    ...PGlite.defaultStartParams,
    // PostgreSQL's 128 MB are more than a queue's tables ever fill.
    '-c', 'shared_buffers=32MB',
    '-c', `search_path="${schema}"`,
    // An error goes to whoever asked; only the end of the database is news.
    '-c', 'log_min_messages=fatal',
    '-c', 'log_min_error_statement=panic'
  ],
  // Small segments: the log on disk keeps at least five of them, and a new folder is made sooner.
  initDbStartParams: ['--wal-segsize=4'],
  onStderr: (text) => {
    report({ kind: 'notice', notice: { kind: 'log', text } })
    return false
  }
})
await db.exec(`CREATE SCHEMA IF NOT EXISTS "${schema}"`)

if (createOnly) {
  await db.close()
} else {
  serve()
}

function serve (): void {
  let replies: Buffer[] = []
  let marks: number[] = []
  let size = 0

  const session = createPgliteSession({
    execute: async (batch) => {
      const chunks: Uint8Array[] = []
      // Syncing to the file system does nothing on Node's; what is given here is a window on memory that will change.
      await db.execProtocolRawStream(batch, { syncToFs: false, onRawData: (bytes) => chunks.push(bytes.slice()) })
      return Buffer.concat(chunks)
    },
    reply: (id, bytes) => {
      replies.push(bytes)
      size += bytes.length
      marks.push(id, size)
    },
    flush: () => {
      if (replies.length === 0) return
      const data = new Uint8Array(size)
      let at = 0
      for (const bytes of replies) {
        data.set(bytes, at)
        at += bytes.length
      }
      report({ kind: 'replies', data: data.buffer, marks }, [data.buffer])
      replies = []
      marks = []
      size = 0
    },
    fail: (error) => setImmediate(() => { throw error })
  })
  const maintenance = startPgliteMaintenance({
    session,
    everyMs: maintenanceMs,
    onNotice: (notice) => report({ kind: 'notice', notice })
  })

  async function end (): Promise<void> {
    await maintenance.stop()
    // Behind all that was asked before.
    await session.run('SELECT 1')
    session.stop()
    await db.close()
    report({ kind: 'ended' })
    port.close()
  }

  port.on('message', (requests: PgliteRequest[]) => {
    for (const request of requests) {
      switch (request.kind) {
        case 'query':
          session.query(request)
          break
        case 'release':
          session.release(request.client)
          break
        case 'end':
          end().catch((error: unknown) => setImmediate(() => { throw error }))
      }
    }
  })
  report({ kind: 'open' })
}
