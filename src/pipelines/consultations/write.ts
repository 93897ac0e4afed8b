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
  const { storage, texts, signal, log, step } = run
  const { kept, dropped: withoutText, bySource } = await step('drop', async ({ count, artefact }) => {
    const sorted = dropWithoutText(documents, log)
    count('kept', sorted.kept.length)
    count('dropped', sorted.dropped.length)
    if (sorted.dropped.length > 0) artefact({ name: 'dropped rows', table: sorted.dropped })
    if (federal.suspicious.length > 0) artefact({ name: 'suspicious texts', table: federal.suspicious })
    return sorted
  })
  const droppedName = await writeTable(run, 'dropped', withoutText)
  const suspiciousName = await writeTable(run, 'suspicious', federal.suspicious)
  const bytes = await step('check and write', async ({ progress, count }) => {
    if ((await storage.list(FOLDER)).includes(name)) log(`warning: ${name} is there already: it is replaced`)
    const written = await writeOutput(kept, {
      store: storage,
      name,
      suspicious: federal.toReadAnew,
      texts,
      signal,
      log,
      onRow: progressOf({ progress }, 'rows written')
    })
    count('rows', kept.length)
    count('bytes', written)
    return written
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
