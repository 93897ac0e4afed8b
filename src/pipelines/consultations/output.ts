import type { Store } from '../../sdk/store/open.ts'
import { createRowCheck, refuseFaults, type Fault } from './check.ts'
import type { ConsultationDocument } from './join.ts'
import { toParquet } from './parquet-file.ts'
import { FullConsultationDocumentSchemaV1, SCHEMA_NAME, type FullConsultationDocument } from './row.ts'
import type { TextFile } from './text-file.ts'

type Options = { store: Pick<Store, 'write'>, name: string, texts: TextFile, signal: AbortSignal, log: (line: string) => void, onRow: (done: number, total: number) => void }

/**
 * Checks every row and writes those that pass to the store, which shows the file when it is whole. Answers its size.
 *
 * @throws FINAL with all rows that break the schema; then there is no file, or that of before
 */
export async function writeOutput (documents: ConsultationDocument[], { store, name, texts, signal, log, onRow }: Options): Promise<number> {
  const check = createRowCheck(FullConsultationDocumentSchemaV1)
  const faults: Fault[] = []

  async function * checkedRows (): AsyncGenerator<FullConsultationDocument> {
    for (const [i, { text, lack: _lack, ...columns }] of documents.entries()) {
      signal.throwIfAborted()
      if (text === undefined) throw new Error(`${columns.document_uuid} has no text`)
      const row = { ...columns, document_content_plain: await texts.read(text) }
      const found = check(row)
      faults.push(...found)
      // After the first fault nothing is written any more, but all rows are checked.
      if (faults.length === 0) yield row
      onRow(i + 1, documents.length)
    }
    refuseFaults(faults, SCHEMA_NAME, log)
  }

  return await store.write(name, toParquet(checkedRows()), signal)
}
