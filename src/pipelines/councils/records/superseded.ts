import type { Store } from '../../../sdk/store/open.ts'
import { createDocuments, readJson, writeJson } from '../model/documents.ts'

/** The collections whose documents belong to one meeting. */
const OWN = ['event_minutes_item', 'event_minutes_item_file', 'matter_status', 'vote'] as const

type Records = Partial<Record<typeof OWN[number], string[]>>

const fileOf = (eventId: string): string => `documents/record/${eventId}.json`

/**
 * Removes the documents that an earlier record of the meeting had and this one has not: an item that was taken off, a
 * vote that was put right. Where a part of the meeting was not to be had this time, nothing is removed. Answers how
 * many were.
 */
export async function supersedeRecords (
  store: Store,
  eventId: string,
  stored: ReadonlyMap<string, ReadonlySet<string>>,
  { isWhole, signal }: { isWhole: boolean, signal: AbortSignal }
): Promise<number> {
  const before = ((await readJson(store, fileOf(eventId))) as Records | undefined) ?? {}
  const now: Records = Object.fromEntries(OWN.map((name) => [name, [...(stored.get(name) ?? [])].sort()]))
  if (!isWhole) {
    for (const name of OWN) now[name] = [...new Set([...(before[name] ?? []), ...(now[name] ?? [])])].sort()
  }
  const documents = createDocuments(store)
  let removed = 0
  for (const name of OWN) {
    const kept = new Set(now[name])
    for (const id of (before[name] ?? []).filter((one) => !kept.has(one))) {
      await documents.remove(name, id)
      removed++
    }
  }
  await writeJson(store, fileOf(eventId), now, signal)
  return removed
}
