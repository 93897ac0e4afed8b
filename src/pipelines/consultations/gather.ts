import type { Answer, Answers } from './answers.ts'
import { fetchEarlierOutput, readEarlierTexts, type EarlierText } from './bootstrap.ts'
import { readContents } from './contents.ts'
import { MissingFile, addFederalTexts, type FederalTexts } from './federal-texts.ts'
import { joinDocuments, type ConsultationDocument } from './join.ts'
import { keepLanguages, readLanguages, type KeptLanguages } from './kept-languages.ts'
import { detectLanguages } from './language.ts'
import { readMetadata, type MetadataDrops } from './metadata.ts'
import { percentOf } from './percent.ts'
import { FOLDER, progressOf, type Run } from './run.ts'
import { readStoredFiles } from './stored-files.ts'
import { together } from './together.ts'
import type { StepContext } from '../../sdk/steps/step.ts'
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
  const [earlier, answers] = await together(run.signal,
    async (signal) => await fetchEarlier(run, signal),
    async (signal) => await askApi(run, signal))
  const { documents, dropped } = await readAnswers(run)
  await tellLanguages(run, documents, answers)
  const federal = await run.step('federal texts', async (step) => {
    const found = await addFederalTexts(documents, {
      bootstrap: await readBootstrap(run, earlier, documents),
      kept: run.kept,
      readFile: (path) => readPlatformFile(run.platform, path),
      texts: run.texts,
      temporaryFolder: run.temporaryFolder,
      parallel: run.settings.parallel,
      limits: run.settings.pdf,
      signal: run.signal,
      log: run.log,
      onRow: progressOf(step, 'PDFs read')
    })
    const { suspicious: _suspicious, ...counts } = found.counts
    for (const [name, count] of Object.entries(counts)) if (count > 0) step.count(name.replaceAll('_', ' '), count)
    return found
  })
  return { documents, dropped, federal }
}

async function fetchEarlier (
  { settings, storage, temporaryFolder, log, step }: Run,
  signal: AbortSignal
): Promise<string | undefined> {
  if (!settings.isBootstrapped) return undefined
  return await step('bootstrap', async () =>
    await fetchEarlierOutput({ store: storage, folder: FOLDER, temporaryFolder, signal, log }), { signal })
}

/**
 * One request after the other, to spare the API. Answers the names of what is kept of them; an answer that an earlier
 * attempt was given is used again.
 */
async function askApi (run: Run, signal: AbortSignal): Promise<Answer[]> {
  const { answers, step, settings: { retryDelaysMs } } = run
  const kept: Answer[] = []
  for (const [done, endpoint] of ENDPOINTS.entries()) {
    kept.push(await step(endpoint, async ({ count, progress }) => {
      const answer = await answers.fetch(endpoint, signal)
      if (answer.rows === undefined) count('taken from the cache')
      else count('rows', answer.rows)
      progressOf({ progress }, 'answers of the API')(done + 1, ENDPOINTS.length)
      return answer
    }, {
      attempts: retryDelaysMs.length + 1,
      backoff: retryDelaysMs,
      signal,
      remember: true,
      isStillGood: async (answer) => await answers.adopt(endpoint, answer)
    }))
  }
  return kept
}

/** Steps 4 to 7. */
async function readAnswers (run: Run): Promise<Pick<Gathered, 'documents' | 'dropped'>> {
  const { texts, answers, signal, log, step } = run
  const { documents, dropped } = await step('metadata', async ({ count }) => {
    const read = readMetadata(await readRows(answers, signal), log)
    count('rows', read.documents.length)
    for (const [reason, rows] of Object.entries(read.dropped)) if (rows > 0) count(`dropped: ${reason}`, rows)
    return read
  })
  const contents = await step('contents', async ({ count }) => {
    const places = await readContents(answers.rows('documents-content', signal), texts)
    count('texts', places.size)
    return places
  })
  const files = await step('stored files', async ({ count }) => {
    const found = await readStoredFiles(answers.rows('stored-files', signal), log)
    count('files', found.size)
    return found
  })
  return { documents: await step('join', () => joinDocuments(documents, contents, files)), dropped }
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

async function tellLanguages (run: Run, documents: ConsultationDocument[], answers: Answer[]): Promise<void> {
  const { texts, signal, log, step } = run
  const detect = async ({ count, progress }: StepContext): Promise<KeptLanguages> => {
    const onRow = progressOf({ progress }, 'languages detected')
    const { detected, changed, unknown } = await detectLanguages(documents, { texts, signal, onRow })
    count('detected', detected)
    count('changed', changed)
    const untold = unknown === 0 ? '' : `, ${unknown} cannot be told and keep it`
    log(`language: detected for ${percentOf(detected, documents.length, 'rows')}; ${changed} differ from what the API says${untold}`)
    return await keepLanguages(run, documents)
  }
  await step('language', detect, {
    // Of other answers other documents are made.
    remember: answers.every(({ kept }) => kept !== undefined),
    key: answers.map(({ kept }) => kept),
    isStillGood: async (kept) => await readLanguages(run, documents, kept)
  })
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
