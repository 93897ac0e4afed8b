import type { Lookups } from '../engine/lookups/lookups.ts'
import { NOTIFICATIONS_QUEUE } from '../engine/own-queues.ts'
import { readQueueCounts } from '../engine/jobs/queue-counts.ts'
import type { QueueCounts } from '../queues/work.ts'

/** All queues that the lookups use, and our own for notices. */
export function queueNamesOf ({ eventTypes, processes }: Lookups): string[] {
  const notifies = [...processes.values(), ...eventTypes.values()].some(({ notify = [] }) => notify.length > 0)
  return [...new Set([...notifies ? [NOTIFICATIONS_QUEUE] : [], ...[...processes.values()].map(({ queue }) => queue)])]
}

type Stores = Parameters<typeof readQueueCounts>[0]

export async function readDepths (stores: Stores, names: string[]): Promise<Map<string, QueueCounts>> {
  const counts = await readQueueCounts(stores, names)
  return new Map(names.flatMap((name, i) => {
    const found = counts[i]
    return found === undefined ? [] : [[name, found] as const]
  }))
}
