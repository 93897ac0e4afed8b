import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { checkParams } from '../../sdk/check-params.ts'
import { objectStore } from '../../sdk/blocks/kinds/object_store.ts'
import { withJobFolder } from '../../sdk/job-folder.ts'
import type { ProcessContext, ProcessFunction, ProcessOutcome } from '../../sdk/process.ts'
import { jobFolder } from '../../sdk/store/names.ts'
import { openStore, type StoreSettings } from '../../sdk/store/open.ts'
import type { OpenStore, Store } from '../../sdk/store/store.ts'
import { createAnswers } from './answers.ts'
import type { Credentials } from './api.ts'
import { apiCredentials } from './blocks/api_credentials.ts'
import { gather } from './gather.ts'
import { openKeptTexts } from './kept-texts.ts'
import { languagesFile } from './kept-languages.ts'
import { outputName } from './output-name.ts'
import {
  PreprocessParamsSchema, readPreprocessParams, type PreprocessParams, type PreprocessSettings
} from './preprocess_params.ts'
import { FOLDER, type Run } from './run.ts'
import { openTextFile } from './text-file.ts'
import { write } from './write.ts'

const API_URL = 'https://www.demokratis.ch/api/v0.1'
const CACHE_FOLDER = 'cache/preprocess_consultation_documents'
/** What blocks were called before they had the names of the original. */
const FORMER_NAMES: ReadonlyMap<string, string> = new Map([['demokratis-api-credentials', 'demokratis-api']])
/** What is left must still name a folder or a bucket. */
const ADDRESS = /^(?:file:.*[^/:]|s3:\/\/[^/]+.*)$/
const FINAL: ReadonlySet<string> = new Set(['FINAL', 'INPUT_REFUSED'])

type Context = ProcessContext<PreprocessParams>
type Places = { credentials: Credentials, platform: Store, storage: Store }

/**
 * Makes the daily Parquet file of all consultation documents with their texts, `dataframes/<prefix>-<UTC
 * date>.parquet`. Output: `{ path, url, bytes, rows, dropped, … }`, with the same path in the event that follows.
 *
 * A second run on the same day replaces the file in one step; no run leaves part of one. A second attempt of the same
 * job, after whatever ended the first, asks the API for nothing that it has been told, detects no language again, and
 * reads no PDF that has been read.
 */
export const preprocessConsultationDocuments: ProcessFunction<PreprocessParams> = async (context) => {
  checkParams(PreprocessParamsSchema, context.params)
  const settings = readPreprocessParams(context.params, availableParallelism())
  const name = `${FOLDER}/${outputName(new Date())}`
  const opened: OpenStore[] = []
  try {
    const places = await context.step('storage', async () => await openPlaces(context, settings, opened))
    return await withJobFolder(context.jobId, context.signal, async (temporaryFolder, signal) =>
      await runIn(temporaryFolder, { ...context, signal }, settings, places, name))
  } finally {
    for (const store of opened) store.close()
  }
}

async function openPlaces (context: Context, settings: PreprocessSettings, opened: OpenStore[]): Promise<Places> {
  const open = (given: StoreSettings): Store => {
    const store = openStore(given)
    opened.push(store)
    return store
  }
  const { base_url: url = API_URL, ...user } = await readCredentials(context, settings.api)
  const platform = open(await context.block(objectStore, settings.platformStorage))
  const storage = settings.isRemote
    ? open(aboveFolder(await context.block(objectStore, settings.remoteStorage)))
    : context.store
  return { credentials: { base_url: url, ...user }, platform, storage }
}

/** A block that was made under its name of before is as good. */
async function readCredentials (
  context: Context,
  name: string
): Promise<Omit<Credentials, 'base_url'> & Partial<Credentials>> {
  try {
    return await context.block(apiCredentials, name)
  } catch (error) {
    const former = FORMER_NAMES.get(name)
    const found =
      former === undefined ? undefined : await context.block(apiCredentials, former).catch(() => undefined)
    if (found === undefined) throw error
    return found
  }
}

/** The address of the storage may be that of the folder of outputs itself, as the original has it, or the one above. */
export function aboveFolder (given: StoreSettings): StoreSettings {
  const above = given.url.replace(new RegExp(`/${FOLDER}/?$`), '')
  return { ...given, url: ADDRESS.test(above) ? above : given.url }
}

async function runIn (
  temporaryFolder: string,
  context: Context,
  settings: PreprocessSettings,
  places: Places,
  name: string
): Promise<ProcessOutcome> {
  const { store, log, step, artefact, signal } = context
  const { credentials, platform, storage } = places
  const { timeoutMs, cacheMs } = settings
  const folder = jobFolder(context)
  const texts = await openTextFile(join(temporaryFolder, 'texts'))
  try {
    const answers = createAnswers({
      credentials,
      store,
      folder: CACHE_FOLDER,
      temporaryFolder,
      timeoutMs,
      cacheMs,
      log
    })
    const kept = await openKeptTexts(store, folder)
    return await preprocess(
      {
        store,
        log,
        step,
        artefact,
        signal,
        settings,
        storage,
        platform,
        texts,
        answers,
        kept,
        temporaryFolder,
        jobFolder: folder
      },
      name
    )
  } finally {
    await texts.close()
  }
}

async function preprocess (run: Run, name: string): Promise<ProcessOutcome> {
  try {
    const outcome = await write(run, await gather(run), name)
    await run.kept.clear()
    await run.store.remove(languagesFile(run))
    return outcome
  } catch (error) {
    // What the API answered is at fault: once it is mended, the next run must not find the old answers.
    if (FINAL.has(String((error as { code?: unknown }).code))) await run.answers.discard()
    throw error
  }
}
