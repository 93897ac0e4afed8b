import { createDispatch } from '../src/engine/dispatch/dispatch.ts'
import { readEvent } from '../src/base/event.ts'
import { loadLookups } from '../src/engine/lookups/lookups.ts'
import { openQueues } from '../src/queues/open.ts'
import { serveOrders } from './child.ts'
import { newEvent } from './event.ts'
import { crowd } from './pace.ts'

/** Submits many events as the service would, without HTTP in between. */

export type FillOrder = { count: number }

const [backend = '', lookupsFolder = ''] = process.argv.slice(2)
const lookups = await loadLookups({ folder: lookupsFolder, checkRun: async () => undefined, builtIns: new Map() })
const queues = await openQueues({ backend, prefix: '{signalbox}', connections: 10, retentionMs: 30 * 24 * 3_600_000, timeoutMs: 60_000, onError: (error) => { process.stderr.write(`fill: ${error.message}\n`) } })
await queues.migrate()
const dispatch = createDispatch({ lookups: () => lookups, queues, timeoutMs: 60_000, batchSize: 50, batches: 2, maxWaiting: 10_000, maxDepth: 16, maxFanOut: 10_000 })
let sent = 0

serveOrders<FillOrder>(async ({ count }) => {
  await crowd({ count, concurrency: 200 }, () => dispatch.submit(readEvent(newEvent(`filled-${sent++}`))))
}, () => queues.close())
