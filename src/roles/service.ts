import { setTimeout as sleep } from 'node:timers/promises'
import { backendOf } from '../queues/backends.ts'
import { startApi } from './api.ts'
import { createBase, type Base, type Opened, type ServiceOptions } from './base.ts'
import { createClosers } from './closers.ts'
import { refuseOpenDoor } from './open-door.ts'
import { startResults } from './results.ts'
import { startStatus } from './status.ts'
import { startWorkerRole } from './worker.ts'

export interface Service {
  /** The address of the HTTP service, where there is one. */
  address: string | undefined
  /** The datastore as people may see it: no password. */
  backend: string
  reload: () => Promise<boolean>
  /**
   * Says that it is not ready, and goes on for as long as it takes until nobody sends anything here any more; every
   * connection over which it answers is closed with the answer.
   */
  withdraw: () => Promise<void>
  /** In the order of flow: takes in nothing new, finishes what runs, lets go. */
  stop: () => Promise<void>
}

/** Wires the roles that this process plays, and starts them. If any of them fails to start, the others are closed. */
export async function startService (options: ServiceOptions): Promise<Service> {
  const closers = createClosers()
  const { roles, config } = options
  if (roles.includes('api')) refuseOpenDoor(config)
  const start = async (role: (base: Base) => Opened | Promise<Opened>, base: Base): Promise<Opened> => {
    const opened = await role(base)
    closers.add(opened.close)
    return opened
  }
  try {
    const base = await createBase(options, closers)
    const { work, lookupFiles, watch } = base
    let status: Opened | undefined
    // Closed after the roles: while they finish their work, it says that they are not ready.
    closers.add(() => status?.close())
    if (roles.includes('results')) await start(startResults, base)
    if (roles.includes('worker')) await start(startWorkerRole, base)
    const api = roles.includes('api') ? await start(startApi, base) : undefined
    if (api === undefined && config.status.port >= 0) status = await startStatus(base)
    const drainMs = api === undefined || backendOf(config.backend)?.isEmbedded === true ? 0 : config.api.drain_ms
    return {
      address: api?.address,
      backend: work.address,
      reload: lookupFiles.reload,
      withdraw: async () => {
        watch.stopping()
        await sleep(drainMs)
      },
      stop: () => {
        watch.stopping()
        return closers.closeAll()
      }
    }
  } catch (error) {
    await closers.closeAll()
    throw error
  }
}
