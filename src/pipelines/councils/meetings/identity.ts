import { createHash } from 'node:crypto'
import type { Store } from '../../../sdk/store/open.ts'
import { documentId } from '../model/document-id.ts'
import { idOf, readJson } from '../model/documents.ts'

/** A meeting by its id in the system that it comes from: whatever is corrected of it, it stays the same document. */
export type Identity = { source: string, external_source_id: string, event_id: string }

/** What is known of a meeting before its document is. */
export type Told = { source: string, externalId: string | null, body: string, datetime: number }

/** What is kept of a meeting, as far as it matters here. */
type Known = { event: { external_source_id: string | null } }

export const identityFile = ({
  source,
  external_source_id: id
}: Pick<Identity, 'source' | 'external_source_id'>): string =>
  `documents/identity/${createHash('sha256')
    .update(JSON.stringify([source, id]))
    .digest('hex')
    .slice(0, 16)}.json`

/**
 * The id of the document of a meeting: the one that it has had since it was first seen, by the id of its source; else
 * that of the original, made of body and time. Where another meeting of the source has that one, it gets one of its
 * own.
 */
export async function resolveIdentity (
  store: Store,
  { source, externalId, body, datetime }: Told,
  read: (eventId: string) => Promise<Known | undefined>
): Promise<{ eventId: string, identity: Identity | undefined }> {
  const bodyRef = idOf('body', { name: body })
  const original = idOf('event', { body_ref: bodyRef, event_datetime: datetime })
  if (externalId === null) return { eventId: original, identity: undefined }
  const known = (await readJson(store, identityFile({ source, external_source_id: externalId }))) as
    Identity | undefined
  if (known !== undefined) return { eventId: known.event_id, identity: known }
  const other = (await read(original))?.event.external_source_id ?? null
  const eventId =
    other === null || other === externalId ? original : documentId([bodyRef, datetime, source, externalId])
  return { eventId, identity: { source, external_source_id: externalId, event_id: eventId } }
}
