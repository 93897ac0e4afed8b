import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { SignalboxError, errors } from '../base/errors.ts'
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
  // It is asked over the connections that go by it.
  const known: { clock?: Clock } = {}
  const stores = await openStores(config, onError, closers, () => known.clock?.aheadMs() ?? 0)
  await untilReady(stores, config.queues.timeout_ms, log)
  const clock = await openClock(stores.ledger, onError)
  known.clock = clock
  closers.add(clock.close)
  return { ...stores, clock }
}

export async function openStores (
  { backend, queues }: Settings,
  onError: (error: Error) => void,
  closers: Closers,
  aheadMs: () => number = () => 0
): Promise<Stores> {
  const { prefix, connections, timeout_ms: timeoutMs } = queues
  const { work, store } = await openWork({ backend, prefix, connections, timeoutMs, aheadMs, onError })
  closers.add(work.close)
  const ledger = createLedger(store)
  closers.add(ledger.close)
  return { work, ledger }
}

/** Waits for a datastore that is not there yet, as after the start of a whole machine, and brings it up to date. */
async function untilReady ({ work, ledger }: Stores, timeoutMs: number, log: Logger): Promise<void> {
  for (;;) {
    try {
      await bringUpToDate({ work, ledger }).catch((error: unknown) => { throw asDamage(work, error) })
      return await work.ping(timeoutMs)
    } catch (error) {
      if (error instanceof SignalboxError) throw error
      log.warn({ err: error, backend: work.address }, 'the datastore does not answer yet')
      await sleep(READY_RETRY_MS)
    }
  }
}

/** An embedded datastore that is open is never away: what it cannot do now it cannot do later. */
function asDamage ({ backend, address }: Work, error: unknown): unknown {
  if (backend !== 'pglite' || error instanceof SignalboxError) return error
  const reason = `the database is damaged (${(error as Error).message})`
  return errors.dataFolderUnfit(address.slice('pglite:'.length), reason, error)
}

export async function bringUpToDate ({ work, ledger }: Stores): Promise<void> {
  await work.migrate()
  await ledger.migrate()
  await carryOver({ work, ledger })
}
