import { errors } from '../../base/errors.ts'
import type { TextFile, TextPlace } from './text-file.ts'

/**
 * Puts the text of each document into the file, and answers where it lies by document_uuid; a document whose content is
 * null has none.
 *
 * @throws FINAL where a document comes twice, or a row has no uuid or a content that is no text
 */
export async function readContents (
  rows: AsyncIterable<Record<string, unknown>>,
  texts: TextFile
): Promise<Map<string, TextPlace>> {
  const places = new Map<string, TextPlace>()
  const seen = new Set<string>()
  const twice = new Set<string>()
  for await (const { document_uuid: uuid, document_content: content } of rows) {
    if (typeof uuid !== 'string') throw errors.final('documents-content: a row has no document_uuid')
    if (content !== null && typeof content !== 'string') {
      throw errors.final(`documents-content: ${uuid}: document_content must be string or null`)
    }
    if (seen.has(uuid)) twice.add(uuid)
    seen.add(uuid)
    if (content !== null) places.set(uuid, await texts.append(content))
  }
  if (twice.size > 0) {
    throw errors.final(`documents-content: document_uuid must be unique; it is not in ${[...twice].join(', ')}`)
  }
  return places
}
