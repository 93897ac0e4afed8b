import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import { OUTPUT_PREFIX, OUTPUT_SUFFIX } from './output-name.ts'
import type { Store } from '../../sdk/store/open.ts'
import type { TextFile, TextPlace } from './text-file.ts'

type Options = { store: Pick<Store, 'list' | 'read'>, folder: string, temporaryFolder: string, signal: AbortSignal, log: (line: string) => void }

/** A copy of the newest earlier output in the folder, that is the last by name; undefined where there is none. */
export async function fetchEarlierOutput ({ store, folder, temporaryFolder, signal, log }: Options): Promise<string | undefined> {
  const names = (await store.list(folder)).filter((name) => name.startsWith(`${folder}/${OUTPUT_PREFIX}`) && name.endsWith(OUTPUT_SUFFIX)).sort()
  const newest = names.at(-1)
  if (newest === undefined) {
    log('warning: bootstrap: there is no earlier output; all texts are extracted anew')
    return undefined
  }
  const path = join(temporaryFolder, 'earlier.parquet')
  await pipeline(store.read(newest), createWriteStream(path, { flags: 'wx' }), { signal })
  log(`bootstrap: from ${newest}`)
  return path
}

/** The texts that an earlier output has of the documents that are wanted, put into the file of texts; empty where it cannot be read. */
export async function readEarlierTexts (path: string, wanted: ReadonlySet<string>, { texts, signal, log }: { texts: TextFile, signal: AbortSignal, log: (line: string) => void }): Promise<Map<string, TextPlace>> {
  const places = new Map<string, TextPlace>()
  try {
    const file = await asyncBufferFromFile(path)
    const metadata = await parquetMetadataAsync(file)
    let rowStart = 0
    // A group of rows at a time: all texts together may be more than memory.
    for (const { num_rows: count } of metadata.row_groups) {
      signal.throwIfAborted()
      const rowEnd = rowStart + Number(count)
      for (const { document_uuid: uuid, document_content_plain: content } of await parquetReadObjects({ file, metadata, columns: ['document_uuid', 'document_content_plain'], rowStart, rowEnd })) {
        if (typeof uuid === 'string' && typeof content === 'string' && wanted.has(uuid)) places.set(uuid, await texts.append(content))
      }
      rowStart = rowEnd
    }
    return places
  } catch (error) {
    signal.throwIfAborted()
    log(`warning: bootstrap: the earlier output cannot be read, and all texts are extracted anew: ${(error as Error).message}`)
    return new Map()
  }
}
