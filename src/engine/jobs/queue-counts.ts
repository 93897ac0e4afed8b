import type { Ledger } from '../../ledger/contract.ts'
import type { QueueCounts, Work } from '../../queues/work.ts'
import { sets } from '../documents/names.ts'
import type { Lookups } from '../lookups/lookups.ts'
import { NOTIFICATIONS_QUEUE } from '../own-queues.ts'

/** Ids of the notices that were given up; score: when. */
export const FAILED_NOTICES = 'notices:failed'

type Dependencies = { ledger: Pick<Ledger, 'count'>, work: Pick<Work, 'counts'>, lookups: () => Lookups }

/**
 * What lies on queues, in their order. What has ended is gone from them: `failed` counts what
 * failed last and was not retried since, of the processes that use a queue by now.
 */
export async function readQueueCounts (
  { ledger, work, lookups }: Dependencies,
  names: string[]
): Promise<QueueCounts[]> {
  const processes = [...lookups().processes.values()]
  const lists = names.map((name) =>
    name === NOTIFICATIONS_QUEUE
      ? [FAILED_NOTICES]
      : processes.filter(({ queue }) => queue === name).map((one) => sets.failedOf(one.name))
  )
  const [counts, failed] = await Promise.all([work.counts(names), ledger.count(lists.flat())])
  return counts.map((one, i) => {
    const mine = lists[i] ?? []
    const before = lists.slice(0, i).flat().length
    return { ...one, failed: failed.slice(before, before + mine.length).reduce((sum, n) => sum + n, 0) }
  })
}
