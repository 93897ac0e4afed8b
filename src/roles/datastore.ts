import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { SignalboxError } from '../base/errors.ts'
import { openClock, type Clock } from '../ledger/clock.ts'
import type { Ledger } from '../ledger/contract.ts'
import { createLedger } from '../ledger/open.ts'
import { openWork } from '../queues/open-work.ts'
import type { Work } from '../queues/work.ts'
import type { Closers } from './closers.ts'
import type { Config } from './config.ts'
import { carryOver } from './carry-over.ts'

/** Pause between two tries while a datastore is away at the start. */
const READY_RETRY_MS = 1000

type Stores = { work: Work, ledger: Ledger }
export type Datastore = Stores & { clock: Clock }

type Settings = Pick<Config, 'backend' | 'queues'>

/** Opens the datastore once for the queues and the ledger, and waits until it answers. */
export async function openDatastore (
  config: Settings,
  { log, onError }: { log: Logger, onError: (error: Error) => void },
  closers: Closers
): Promise<Datastore> {
  const stores = await openStores(config, onError, closers)
  await untilReady(stores, config.queues.timeout_ms, log)
  const clock = await openClock(stores.ledger, onError)
  closers.add(clock.close)
  return { ...stores, clock }
}

export async function openStores (
  { backend, queues }: Settings,
  onError: (error: Error) => void,
  closers: Closers
): Promise<Stores> {
  const { prefix, connections, timeout_ms: timeoutMs } = queues
  const { work, store } = await openWork({ backend, prefix, connections, timeoutMs, onError })
  closers.add(work.close)
  const ledger = createLedger(store)
  closers.add(ledger.close)
  return { work, ledger }
}

/** Waits for a datastore that is not there yet, as after the start of a whole machine, and brings it up to date. */
async function untilReady ({ work, ledger }: Stores, timeoutMs: number, log: Logger): Promise<void> {
  for (;;) {
    try {
      await bringUpToDate({ work, ledger })
      return await work.ping(timeoutMs)
    } catch (error) {
      if (error instanceof SignalboxError) throw error
      log.warn({ err: error, backend: work.address }, 'the datastore does not answer yet')
      await sleep(READY_RETRY_MS)
    }
  }
}

export async function bringUpToDate ({ work, ledger }: Stores): Promise<void> {
  await work.migrate()
  await ledger.migrate()
  await carryOver({ work, ledger })
}
