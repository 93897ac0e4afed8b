import { readJson, writeJson } from '../model/documents.ts'
import type { Store } from '../../../sdk/store/open.ts'

export const MANIFEST = 'index/current.json'
export const FORMAT = 1

/** A meeting of the index. `segment` is the name of a file of the store, which never changes. */
export type ManifestMeeting = {
  event_id: string
  /** Seconds since 1970. */
  event_datetime: number
  body: string
  transcripts: string[]
  segment: string
  /** The grams that tell it best from the others. */
  keywords: string[]
}

export type Skipped = { event_id: string, reason: string }

/** The index that is in force: replaced as a whole by one write. */
export type Manifest = {
  format: number
  generation: string
  built: string
  decay_days: number
  meetings: ManifestMeeting[]
  skipped: Skipped[]
  /** Files of the export. */
  chunks: string[]
}

/** Undefined where no index was built yet, or by another version. */
export async function readManifest (store: Store): Promise<Manifest | undefined> {
  const found = await readJson(store, MANIFEST) as Manifest | undefined
  return found?.format === FORMAT ? found : undefined
}

export async function writeManifest (store: Store, manifest: Manifest, signal?: AbortSignal): Promise<void> {
  await writeJson(store, MANIFEST, manifest, signal)
}
