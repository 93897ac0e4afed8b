import type { Ledger } from '../../ledger/contract.ts'
import type { EventStatus } from '../../schemas/events.ts'
import { sets } from '../documents/names.ts'
import { readEventStatuses } from './event-status.ts'
import type { StoredEvent } from './find.ts'
import { readTreeCounts, type TreeCounts } from './tree-counts.ts'

/** Which events are asked for; all conditions must be met. */
export type EventFilter = {
  type?: string | undefined
  subject?: string | undefined
  source?: string | undefined
  /** Only what was submitted, not what followed from it. */
  rootsOnly?: boolean | undefined
  /** What the event itself came to. */
  status?: EventStatus | undefined
  /** What a submitted event came to with all that followed from it. */
  treeStatus?: EventStatus | undefined
}

/** An event with what came of it. */
export type SeenEvent = { event: StoredEvent, status: EventStatus, tree: TreeCounts }

/** The lists with the fewest events in which all that are asked for stand; each in one of them at least. */
export function listsOf ({ type, subject, source, rootsOnly, status, treeStatus }: EventFilter): string[] {
  if (subject !== undefined) return [sets.subject(subject)]
  const wanted = treeStatus ?? status
  // One whose work is done by another job comes to what that one comes to.
  if (wanted !== undefined && wanted !== 'complete') return [sets.eventsIn(wanted), sets.eventsIn('absorbed')]
  if (source !== undefined) return [sets.source(source)]
  if (type !== undefined) return [sets.type(type)]
  return [rootsOnly === true || treeStatus !== undefined ? sets.roots : sets.events]
}

/** In the order given; undefined in the place of one that is gone, or does not meet the conditions. */
export async function seeEvents (
  ledger: Pick<Ledger, 'get'>,
  found: Array<StoredEvent | undefined>,
  filter: EventFilter
): Promise<Array<SeenEvent | undefined>> {
  const events = found.filter((one) => one !== undefined && isMeant(one, filter)).filter((one) => one !== undefined)
  const [statuses, trees] = await Promise.all([readEventStatuses(ledger, events), readTreeCounts(ledger, events)])
  const seen = new Map(events.flatMap((event, i): Array<[string, SeenEvent]> => {
    const [status, tree] = [statuses[i], trees[i]]
    if (status === undefined || tree === undefined) return []
    if (filter.status !== undefined && filter.status !== status) return []
    if (filter.treeStatus !== undefined && filter.treeStatus !== tree.status) return []
    return [[event.key, { event, status, tree }]]
  }))
  return found.map((one) => one === undefined ? undefined : seen.get(one.key))
}

/** Whether all is met that the event itself tells. */
export function isMeant ({ key, value: { event, root } }: StoredEvent, filter: EventFilter): boolean {
  const { type, subject, source, rootsOnly, treeStatus } = filter
  if (type !== undefined && event.type !== type) return false
  if (subject !== undefined && event.subject !== subject) return false
  if (source !== undefined && event.source !== source) return false
  return (rootsOnly !== true && treeStatus === undefined) || root === key
}
