import { Type, type Static } from 'typebox'
import { errors } from '../../base/errors.ts'
import { createRowCheck, refuseFaults, type Fault } from './check.ts'

const KIND = 'consultation_document'

const StoredFileSchema = Type.Object({
  uuid: Type.String(),
  path: Type.String(),
  size: Type.Integer({ minimum: 0 }),
  mime_type: Type.String(),
  file_hash: Type.String(),
  file_name: Type.String()
})

export type StoredFile = Pick<Static<typeof StoredFileSchema>, 'path' | 'mime_type' | 'file_hash'>

/**
 * The files of consultation documents by their uuid; those of other types are left out.
 *
 * @throws FINAL where one of them lacks a field, or a uuid comes twice
 */
export async function readStoredFiles (
  rows: AsyncIterable<Record<string, unknown>>,
  log: (line: string) => void
): Promise<Map<string, StoredFile>> {
  const check = createRowCheck(StoredFileSchema)
  const files = new Map<string, StoredFile>()
  const twice = new Set<string>()
  const faults: Fault[] = []
  for await (const row of rows) {
    if (row['type'] !== KIND) continue
    const found = check(row)
    faults.push(
      ...found.map((fault) => ({
        ...fault,
        document: typeof row['uuid'] === 'string' ? row['uuid'] : 'without uuid'
      }))
    )
    if (found.length > 0) continue
    const { uuid, path, mime_type: mimeType, file_hash: hash } = row as Static<typeof StoredFileSchema>
    if (files.has(uuid)) twice.add(uuid)
    files.set(uuid, { path, mime_type: mimeType, file_hash: hash })
  }
  refuseFaults(faults, 'stored-files', log)
  if (twice.size > 0) throw errors.final(`stored-files: uuid must be unique; it is not in ${[...twice].join(', ')}`)
  return files
}
