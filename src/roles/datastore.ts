import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { openClock, type Clock } from '../ledger/clock.ts'
import type { Ledger } from '../ledger/contract.ts'
import { createLedger } from '../ledger/open.ts'
import { openWork } from '../queues/open-work.ts'
import type { Work } from '../queues/work.ts'
import type { Closers } from './closers.ts'
import type { Config } from './config.ts'

/** Pause between two tries while a datastore is away at the start. */
const READY_RETRY_MS = 1000

export type Datastore = { work: Work, ledger: Ledger, clock: Clock }

/** Opens the datastore once for the queues and the ledger, and waits until it answers. */
export async function openDatastore (config: Pick<Config, 'backend' | 'queues'>, { log, onError }: { log: Logger, onError: (error: Error) => void }, closers: Closers): Promise<Datastore> {
  const { prefix, connections, timeout_ms: timeoutMs } = config.queues
  const { work, store } = await openWork({ backend: config.backend, prefix, connections, timeoutMs, onError })
  closers.add(work.close)
  const ledger = createLedger(store)
  closers.add(ledger.close)
  await untilReady({ work, ledger }, timeoutMs, log)
  const clock = await openClock(ledger, onError)
  closers.add(clock.close)
  return { work, ledger, clock }
}

/** Waits for a datastore that is not there yet, as after the start of a whole machine, and brings it up to date. */
async function untilReady ({ work, ledger }: Omit<Datastore, 'clock'>, timeoutMs: number, log: Logger): Promise<void> {
  for (;;) {
    try {
      await bringUpToDate({ work, ledger })
      return await work.ping(timeoutMs)
    } catch (error) {
      log.warn({ err: error, backend: work.address }, 'the datastore does not answer yet')
      await sleep(READY_RETRY_MS)
    }
  }
}

export async function bringUpToDate ({ work, ledger }: Omit<Datastore, 'clock'>): Promise<void> {
  await work.migrate()
  await ledger.migrate()
}
