import { errors } from '../../base/errors.ts'
import type { ConsultationMetadata, FullConsultationDocument } from './row.ts'
import type { StoredFile } from './stored-files.ts'
import type { TextPlace } from './text-file.ts'

/** A row whose text lies in the file of texts; as long as it has none, `lack` says why. */
export type ConsultationDocument = Omit<FullConsultationDocument, 'document_content_plain'> & {
  text: TextPlace | undefined
  lack: string
}

/**
 * Each document with its file and its text, in the order of the documents.
 *
 * @throws FINAL where no document at all has a text, or none a file: then two answers do not belong together
 */
export function joinDocuments (
  documents: ConsultationMetadata[],
  contents: Map<string, TextPlace>,
  files: Map<string, StoredFile>
): ConsultationDocument[] {
  const joined = documents.map((document): ConsultationDocument => {
    const file = document.latest_stored_file_uuid === null ? undefined : files.get(document.latest_stored_file_uuid)
    return {
      ...document,
      stored_file_path: file?.path ?? null,
      stored_file_mime_type: file?.mime_type ?? null,
      stored_file_hash: file?.file_hash ?? null,
      text: contents.get(document.document_uuid),
      lack: 'no content from the API'
    }
  })
  if (!joined.some(({ text }) => text !== undefined)) {
    throw errors.final(`join: none of ${joined.length} documents has a content`)
  }
  if (!joined.some(({ stored_file_path: path }) => path !== null)) {
    throw errors.final(`join: none of ${joined.length} documents has a stored file`)
  }
  return joined
}
