import { join } from 'node:path'
import { pino } from 'pino'
import { readEvent } from '../src/base/event.ts'
import { createBase } from '../src/roles/base.ts'
import { createClosers } from '../src/roles/closers.ts'
import { loadConfig } from '../src/roles/config.ts'
import { serveOrders } from './child.ts'
import { newEvent } from './event.ts'
import { crowd } from './pace.ts'

/** Submits many events as the service would, without HTTP in between. */

export type FillOrder = { count: number }

const [backend = '', lookups = ''] = process.argv.slice(2)
const env = { SIGNALBOX_BACKEND: backend, SIGNALBOX_LOOKUPS: lookups, SIGNALBOX_BACKEND_TIMEOUT_MS: '60000' }
const config = loadConfig({ file: join(import.meta.dirname, '..', '..', 'config', 'default.json'), env })
const closers = createClosers()
const { dispatch } = await createBase({ config, roles: ['api'], log: pino({ level: 'warn' }), version: 'bench', env }, closers)
let sent = 0

serveOrders<FillOrder>(async ({ count }) => {
  await crowd({ count, concurrency: 200 }, () => dispatch.submit(readEvent(newEvent(`filled-${sent++}`))))
}, closers.closeAll)
