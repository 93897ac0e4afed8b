import type { Answers } from './answers.ts'
import { fetchEarlierOutput, readEarlierTexts, type EarlierText } from './bootstrap.ts'
import { readContents } from './contents.ts'
import { MissingFile, addFederalTexts, type FederalTexts } from './federal-texts.ts'
import { joinDocuments, type ConsultationDocument } from './join.ts'
import { detectLanguages } from './language.ts'
import { readMetadata, type MetadataDrops } from './metadata.ts'
import { percentOf } from './percent.ts'
import { FOLDER, progressOf, type Run } from './run.ts'
import { readStoredFiles } from './stored-files.ts'
import { together } from './together.ts'
import type { Store } from '../../sdk/store/store.ts'

const REPEATED = [
  'consultation_identifier',
  'consultation_title',
  'consultation_description',
  'consultation_url',
  'organisation_uuid',
  'organisation_name'
]
const ENDPOINTS = ['documents-metadata', 'documents-content', 'stored-files'] as const

export type Gathered = { documents: ConsultationDocument[], dropped: MetadataDrops, federal: FederalTexts }

/** Steps 2 to 9: all documents, with the texts that there are. */
export async function gather (run: Run): Promise<Gathered> {
  const [earlier] = await together(run.signal,
    async (signal) => await fetchEarlier(run, signal),
    async (signal) => { await askApi(run, signal) })
  const { documents, dropped } = await readAnswers(run)
  await tellLanguages(run, documents)
  const federal = await addFederalTexts(documents, {
    bootstrap: await readBootstrap(run, earlier, documents),
    kept: run.kept,
    readFile: (path) => readPlatformFile(run.platform, path),
    texts: run.texts,
    temporaryFolder: run.temporaryFolder,
    parallel: run.settings.parallel,
    limits: run.settings.pdf,
    signal: run.signal,
    log: run.log,
    onRow: progressOf(run, 'PDFs read')
  })
  return { documents, dropped, federal }
}

async function fetchEarlier (
  { settings, storage, temporaryFolder, log }: Run,
  signal: AbortSignal
): Promise<string | undefined> {
  if (!settings.isBootstrapped) return undefined
  return await fetchEarlierOutput({ store: storage, folder: FOLDER, temporaryFolder, signal, log })
}

/** One request after the other, to spare the API. */
async function askApi (run: Run, signal: AbortSignal): Promise<void> {
  const tell = progressOf(run, 'answers of the API')
  for (const [done, endpoint] of ENDPOINTS.entries()) {
    await run.answers.fetch(endpoint, signal)
    tell(done + 1, ENDPOINTS.length)
  }
}

/** Steps 4 to 7. */
async function readAnswers ({ texts, answers, signal, log }: Run): Promise<Pick<Gathered, 'documents' | 'dropped'>> {
  const { documents, dropped } = readMetadata(await readRows(answers, signal), log)
  const contents = await readContents(answers.rows('documents-content', signal), texts)
  const files = await readStoredFiles(answers.rows('stored-files', signal), log)
  return { documents: joinDocuments(documents, contents, files), dropped }
}

/** The documents of a consultation repeat what is said of it: each such text is kept once. */
async function readRows (answers: Answers, signal: AbortSignal): Promise<Array<Record<string, unknown>>> {
  const rows: Array<Record<string, unknown>> = []
  const known = new Map<unknown, unknown>()
  for await (const row of answers.rows('documents-metadata', signal)) {
    for (const field of REPEATED) {
      const value = row[field]
      if (known.has(value)) row[field] = known.get(value)
      else known.set(value, value)
    }
    rows.push(row)
  }
  return rows
}

async function tellLanguages (run: Run, documents: ConsultationDocument[]): Promise<void> {
  const { texts, signal, log } = run
  const { detected, changed, unknown } = await detectLanguages(documents, {
    texts,
    signal,
    onRow: progressOf(run, 'languages detected')
  })
  const untold = unknown === 0 ? '' : `, ${unknown} cannot be told and keep it`
  log(`language: detected for ${percentOf(detected, documents.length, 'rows')}; ${changed} differ from what the API says${untold}`)
}

async function readBootstrap (
  { texts, signal, log }: Run,
  earlier: string | undefined,
  documents: ConsultationDocument[]
): Promise<Map<string, EarlierText>> {
  if (earlier === undefined) return new Map()
  const federal = documents.filter(({ document_source: source }) => source === 'fedlex')
  return await readEarlierTexts(earlier, new Set(federal.map(({ document_uuid: uuid }) => uuid)), {
    texts,
    signal,
    log
  })
}

async function * readPlatformFile (platform: Store, path: string): AsyncGenerator<Uint8Array> {
  try {
    yield * platform.read(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new MissingFile('it is not in the platform storage')
    throw error
  }
}
