import { Readable } from 'node:stream'
import type { ProcessOutcome } from '../../sdk/process.ts'
import { dropWithoutText } from './drop.ts'
import type { Gathered } from './gather.ts'
import { writeOutput } from './output.ts'
import { FOLDER, progressOf, type Run } from './run.ts'

/** Steps 10 and 11. */
export async function write (
  run: Run,
  { documents, dropped: droppedBefore, federal }: Gathered,
  name: string
): Promise<ProcessOutcome> {
  const { storage, texts, signal, log } = run
  const { kept, dropped: withoutText, bySource } = dropWithoutText(documents, log)
  const droppedName = await writeTable(run, 'dropped', withoutText)
  const suspiciousName = await writeTable(run, 'suspicious', federal.suspicious)
  if ((await storage.list(FOLDER)).includes(name)) log(`warning: ${name} is there already: it is replaced`)
  const bytes = await writeOutput(kept, {
    store: storage,
    name,
    suspicious: federal.toReadAnew,
    texts,
    signal,
    log,
    onRow: progressOf(run, 'rows written')
  })
  log(`${kept.length} rows, ${bytes} bytes in ${storage.url(name)}`)
  const dropped = { ...droppedBefore, no_content: withoutText.length }
  // Whoever reads the file next must know which of the two storages it is in.
  const told = { path: name, store_dataframes_remotely: run.settings.isRemote }
  return {
    output: {
      path: name,
      url: storage.url(name),
      bytes,
      rows: kept.length,
      dropped,
      no_content_by_source: bySource,
      ...federal.counts,
      dropped_rows: droppedName,
      suspicious_texts: suspiciousName
    },
    events: [{ type: 'consultation_documents_preprocessed', data: { ...told, rows: kept.length, dropped } }]
  }
}

/** A table of the run in the folder of its job. */
async function writeTable ({ store, jobFolder, signal }: Run, table: string, rows: unknown[]): Promise<string> {
  const name = `${jobFolder}/${table}.json`
  await store.write(name, Readable.from([JSON.stringify(rows, null, 1)]), signal)
  return name
}
