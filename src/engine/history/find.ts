import { DEFAULT_SOURCE, eventKey } from '../../base/event.ts'
import type { Ledger } from '../../ledger/contract.ts'
import { readEvents } from '../dispatch/facts.ts'
import type { EventDocument } from '../documents/event.ts'

/** An event as it is kept, by its key, with its counters. */
export type StoredEvent = { key: string, value: EventDocument, counts: Record<string, number> }

/** Events by their keys, or by the ids (and source) that their sender gave them. */
export async function findEvents (
  ledger: Pick<Ledger, 'get'>,
  ids: string[],
  source = DEFAULT_SOURCE
): Promise<Array<StoredEvent | undefined>> {
  const keys = ids.flatMap((id) => [isKey(id) ? id : 'none', eventKey(source, id)])
  const found = await readStoredEvents(ledger, keys)
  return ids.map((_, i) => found[2 * i] ?? found[2 * i + 1])
}

export async function readStoredEvents (
  ledger: Pick<Ledger, 'get'>,
  keys: string[]
): Promise<Array<StoredEvent | undefined>> {
  const found = await readEvents(ledger, keys)
  return keys.map((key, i) => {
    const stored = found[i]
    return stored === undefined ? undefined : { key, value: stored.value, counts: stored.counts }
  })
}

/** What cannot be a key is not asked of the datastore, which may not even take it. */
const isKey = (id: string): boolean => /^[a-z0-9-]{1,64}$/.test(id)
