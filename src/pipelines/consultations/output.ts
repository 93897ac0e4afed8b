import type { Store } from '../../sdk/store/store.ts'
import { createRowCheck, refuseFaults, type Fault } from './check.ts'
import type { ConsultationDocument } from './join.ts'
import type { EncodedRow } from './parquet/encode.ts'
import { toParquet } from './parquet/file.ts'
import { FullConsultationDocumentSchemaV1, SCHEMA_NAME } from './row.ts'
import type { TextFile } from './text-file.ts'

type Options = {
  store: Pick<Store, 'write'>
  name: string
  /** Documents that the next run reads anew. */
  suspicious: string[]
  texts: TextFile
  signal: AbortSignal
  log: (line: string) => void
  onRow: (done: number, total: number) => void
}

/**
 * Checks every row and writes those that pass to the store, which shows the file when it is whole. Answers its size.
 *
 * @throws FINAL with all rows that break the schema; then there is no file, or that of before
 */
export async function writeOutput (documents: ConsultationDocument[], options: Options): Promise<number> {
  const { store, name, suspicious, signal } = options
  return await store.write(name, toParquet(checkedRows(documents, options), suspicious), signal)
}

async function * checkedRows (
  documents: ConsultationDocument[],
  { texts, signal, log, onRow }: Options
): AsyncGenerator<EncodedRow> {
  const check = createRowCheck(FullConsultationDocumentSchemaV1)
  const faults: Fault[] = []
  for (const [i, { text, lack: _lack, ...columns }] of documents.entries()) {
    signal.throwIfAborted()
    if (text === undefined) throw new Error(`${columns.document_uuid} has no text`)
    // Of the text the schema asks only that it is one: it need not be decoded to be written.
    faults.push(...check({ ...columns, document_content_plain: '' }))
    // After the first fault nothing is written any more, but all rows are checked.
    if (faults.length === 0) yield { ...columns, document_content_plain: await texts.readBytes(text) }
    onRow(i + 1, documents.length)
  }
  refuseFaults(faults, SCHEMA_NAME, log)
}
