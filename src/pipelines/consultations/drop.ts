import type { ConsultationDocument } from './join.ts'
import { percentOf } from './percent.ts'
import type { DocumentSource } from './row.ts'

/** A document that is left out, for the table of them. */
export type DroppedDocument = Pick<
  ConsultationDocument,
  'document_uuid' | 'document_source' | 'political_body' | 'stored_file_path'
> & { reason: string }

export type Kept = {
  kept: ConsultationDocument[]
  dropped: DroppedDocument[]
  bySource: Record<DocumentSource, number>
}

/** Leaves out the documents without a text. An empty text is one. */
export function dropWithoutText (documents: ConsultationDocument[], log: (line: string) => void): Kept {
  const without = documents.filter(({ text }) => text === undefined)
  const bySource: Kept['bySource'] = { fedlex: 0, openparldata: 0 }
  for (const { document_source: source } of without) bySource[source]++
  if (without.length > 0) {
    log(
      `warning: ${percentOf(without.length, documents.length, 'rows')} dropped: no content (openparldata ${bySource.openparldata}, fedlex ${bySource.fedlex})`
    )
  }
  return {
    kept: documents.filter(({ text }) => text !== undefined),
    dropped: without.map(
      ({ document_uuid: uuid, document_source: source, political_body: body, stored_file_path: path, lack }) => ({
        document_uuid: uuid,
        document_source: source,
        political_body: body,
        stored_file_path: path,
        reason: lack
      })
    ),
    bySource
  }
}
