import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { apiCredentials } from './blocks/api_credentials.ts'
import { objectStore } from '../../sdk/blocks/kinds/object_store.ts'
import { createAnswers, type Answers } from './answers.ts'
import { fetchEarlierOutput, readEarlierTexts } from './bootstrap.ts'
import { readContents } from './contents.ts'
import { dropWithoutText } from './drop.ts'
import { MissingFile, addFederalTexts, type FederalCounts } from './federal-texts.ts'
import { joinDocuments, type ConsultationDocument } from './join.ts'
import { detectLanguages } from './language.ts'
import { readMetadata, type MetadataDrops } from './metadata.ts'
import { outputName } from './output-name.ts'
import { writeOutput } from './output.ts'
import { percentOf } from './percent.ts'
import { readStoredFiles } from './stored-files.ts'
import { openTextFile, type TextFile } from './text-file.ts'
import { together } from './together.ts'
import { openStore, type OpenStore, type Store } from '../../sdk/store/open.ts'
import { jobFolder } from '../../sdk/store/names.ts'
import type { ProcessContext, ProcessFunction, ProcessOutcome } from '../../sdk/process.ts'
import { checkParams } from '../../sdk/check-params.ts'
import { withJobFolder } from '../../sdk/job-folder.ts'
import { PreprocessParamsSchema, readPreprocessParams, type PreprocessParams, type PreprocessSettings } from './preprocess_params.ts'

const API_URL = 'https://www.demokratis.ch/api/v0.1'
const ENDPOINTS = ['documents-metadata', 'documents-content', 'stored-files'] as const
const FOLDER = 'dataframes'
const CACHE_FOLDER = 'cache/preprocess_consultation_documents'
const FINAL: ReadonlySet<string> = new Set(['FINAL', 'INPUT_REFUSED'])

/** What stands while a run is under way. `storage` is where the output goes and where an earlier one is looked for. */
type Run = Pick<ProcessContext, 'store' | 'log' | 'progress' | 'signal'> & { settings: PreprocessSettings, storage: Store, platform: Store, texts: TextFile, answers: Answers, temporaryFolder: string }

/**
 * Makes the daily Parquet file of all consultation documents with their texts, `dataframes/<prefix>-<UTC date>.parquet`.
 * Output: `{ path, url, bytes, rows, dropped, … }`, with the same path in the event that follows.
 *
 * A second run on the same day replaces the file in one step; no run leaves part of one.
 */
export const preprocessConsultationDocuments: ProcessFunction<PreprocessParams> = async (context) => {
  checkParams(PreprocessParamsSchema, context.params)
  const settings = readPreprocessParams(context.params, availableParallelism())
  const name = `${FOLDER}/${outputName(new Date())}`
  const opened: OpenStore[] = []
  const open = async (block: string): Promise<Store> => {
    const store = openStore(await context.block(objectStore, block))
    opened.push(store)
    return store
  }
  try {
    const { base_url: url = API_URL, ...user } = await context.block(apiCredentials, settings.api)
    const platform = await open(settings.platformStorage)
    const storage = settings.isRemote ? await open(settings.remoteStorage) : context.store
    return await withJobFolder(context.jobId, context.signal, async (temporaryFolder, signal) => {
      const texts = await openTextFile(join(temporaryFolder, 'texts'))
      try {
        const { retryDelaysMs, timeoutMs, cacheMs } = settings
        const answers = createAnswers({ credentials: { base_url: url, ...user }, store: context.store, folder: CACHE_FOLDER, temporaryFolder, retryDelaysMs, timeoutMs, cacheMs, log: context.log })
        return await preprocess({ ...context, signal, settings, storage, platform, texts, answers, temporaryFolder }, name, `${jobFolder(context)}/dropped.json`)
      } finally {
        await texts.close()
      }
    })
  } finally {
    for (const store of opened) store.close()
  }
}

async function preprocess (run: Run, name: string, droppedName: string): Promise<ProcessOutcome> {
  try {
    return await write(run, await gather(run), name, droppedName)
  } catch (error) {
    // What the API answered is at fault: once it is mended, the next run must not find the old answers.
    if (FINAL.has(String((error as { code?: unknown }).code))) await run.answers.discard()
    throw error
  }
}

type Gathered = { documents: ConsultationDocument[], dropped: MetadataDrops, federal: FederalCounts }

/** Steps 2 to 9: all documents, with the texts that there are. */
async function gather (run: Run): Promise<Gathered> {
  const { settings, storage, texts, answers, temporaryFolder, signal, log } = run
  const [earlier] = await together(signal,
    async (signal) => settings.isBootstrapped ? await fetchEarlierOutput({ store: storage, folder: FOLDER, temporaryFolder, signal, log }) : undefined,
    async (signal) => { for (const [done, endpoint] of ENDPOINTS.entries()) await answers.fetch(endpoint, signal).then(() => { run.progress({ complete: done + 1, total: ENDPOINTS.length, message: 'answers of the API' }) }) })
  const { documents, dropped } = await readAnswers(run)
  const { detected, changed, unknown } = await detectLanguages(documents, { texts, signal, onRow: progressOf(run, 'languages detected') })
  log(`language: detected for ${percentOf(detected, documents.length, 'rows')}; ${changed} differ from what the API says${unknown === 0 ? '' : `, ${unknown} cannot be told and keep it`}`)
  const federalUuids = new Set(documents.filter(({ document_source: source }) => source === 'fedlex').map(({ document_uuid: uuid }) => uuid))
  const bootstrap = earlier === undefined ? new Map() : await readEarlierTexts(earlier, federalUuids, { texts, signal, log })
  const federal = await addFederalTexts(documents, { bootstrap, readFile: (path) => readPlatformFile(run.platform, path), texts, temporaryFolder, parallel: settings.parallel, limits: settings.pdf, signal, log, onRow: progressOf(run, 'PDFs read') })
  return { documents, dropped, federal }
}

/** Steps 4 to 7. */
async function readAnswers ({ texts, answers, signal, log }: Run): Promise<Pick<Gathered, 'documents' | 'dropped'>> {
  const rows: Array<Record<string, unknown>> = []
  for await (const row of answers.rows('documents-metadata', signal)) rows.push(row)
  const { documents, dropped } = readMetadata(rows, log)
  const contents = await readContents(answers.rows('documents-content', signal), texts)
  const files = await readStoredFiles(answers.rows('stored-files', signal), log)
  return { documents: joinDocuments(documents, contents, files), dropped }
}

/** Steps 10 and 11. */
async function write (run: Run, { documents, dropped: droppedBefore, federal }: Gathered, name: string, droppedName: string): Promise<ProcessOutcome> {
  const { store, storage, texts, signal, log } = run
  const { kept, dropped: withoutText, bySource } = dropWithoutText(documents, log)
  await store.write(droppedName, Readable.from([JSON.stringify(withoutText, null, 1)]), signal)
  if ((await storage.list(FOLDER)).includes(name)) log(`warning: ${name} is there already: it is replaced`)
  const bytes = await writeOutput(kept, { store: storage, name, texts, signal, log, onRow: progressOf(run, 'rows written') })
  log(`${kept.length} rows, ${bytes} bytes in ${storage.url(name)}`)
  const dropped = { ...droppedBefore, no_content: withoutText.length }
  return {
    output: { path: name, url: storage.url(name), bytes, rows: kept.length, dropped, no_content_by_source: bySource, ...federal, dropped_rows: droppedName },
    events: [{ type: 'consultation_documents_preprocessed', data: { path: name, rows: kept.length, dropped } }]
  }
}

const progressOf = ({ progress }: Run, message: string) => (complete: number, total: number): void => { progress({ complete, total, message }) }

async function * readPlatformFile (platform: Store, path: string): AsyncGenerator<Uint8Array> {
  try {
    yield * platform.read(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new MissingFile('it is not in the platform storage')
    throw error
  }
}
