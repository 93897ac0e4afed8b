import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Lookups } from '../engine/lookups/lookups.ts'
import { EVENTS_QUEUE, GATES_QUEUE, NOTIFICATIONS_QUEUE, type QueueCounts, type Queues } from '../queues/contract.ts'

/** Pause between two tries while a datastore is away at the start. */
const READY_RETRY_MS = 1000

/** All queues that the lookups use, and our own. */
export function queueNamesOf ({ eventTypes, processes }: Lookups): string[] {
  const notifies = [...processes.values(), ...eventTypes.values()].some(({ notify = [] }) => notify.length > 0)
  const used = [...processes.values()].flatMap(({ queue, rules }) =>
    rules === undefined ? [queue] : [GATES_QUEUE, queue]
  )
  return [...new Set([EVENTS_QUEUE, ...notifies ? [NOTIFICATIONS_QUEUE] : [], ...used])]
}

export async function readDepths (queues: Queues, names: string[]): Promise<Map<string, QueueCounts>> {
  return new Map(await Promise.all(names.map(async (name) => [name, await queues.counts(name)] as const)))
}

/** Waits for a datastore that is not there yet, as after the start of a whole machine, and brings it up to date. */
export async function untilReady (queues: Queues, timeoutMs: number, log: Logger): Promise<void> {
  for (;;) {
    try {
      await queues.migrate()
      return await queues.ping(timeoutMs)
    } catch (error) {
      log.warn({ err: error, backend: queues.address }, 'the datastore does not answer yet')
      await sleep(READY_RETRY_MS)
    }
  }
}
