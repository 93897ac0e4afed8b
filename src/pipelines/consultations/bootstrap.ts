import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import { measureText } from './pdf/text.ts'
import { suspicionOf } from './pdf/suspicion.ts'
import { OUTPUT_PREFIX, OUTPUT_SUFFIX } from './output-name.ts'
import { readSuspicious } from './suspicious.ts'
import type { Store } from '../../sdk/store/store.ts'
import type { TextFile, TextPlace } from './text-file.ts'

type Options = {
  store: Pick<Store, 'list' | 'read'>
  folder: string
  temporaryFolder: string
  signal: AbortSignal
  log: (line: string) => void
}

/** A text that is suspicious is only used where the document cannot be read again. */
export type EarlierText = { place: TextPlace, isSuspicious: boolean }

type Texts = { texts: TextFile, signal: AbortSignal, log: (line: string) => void }

/** A copy of the newest earlier output in the folder, that is the last by name; undefined where there is none. */
export async function fetchEarlierOutput ({
  store, folder, temporaryFolder, signal, log
}: Options): Promise<string | undefined> {
  const isOutput = (name: string): boolean =>
    name.startsWith(`${folder}/${OUTPUT_PREFIX}`) && name.endsWith(OUTPUT_SUFFIX)
  const newest = (await store.list(folder)).filter(isOutput).sort().at(-1)
  if (newest === undefined) {
    log('warning: bootstrap: there is no earlier output; all texts are extracted anew')
    return undefined
  }
  const path = join(temporaryFolder, 'earlier.parquet')
  await pipeline(store.read(newest), createWriteStream(path, { flags: 'wx' }), { signal })
  log(`bootstrap: from ${newest}`)
  return path
}

/**
 * The texts that an earlier output has of the documents that are wanted, put into the file of
 * texts; empty where it cannot be read.
 */
export async function readEarlierTexts (
  path: string,
  wanted: ReadonlySet<string>,
  options: Texts
): Promise<Map<string, EarlierText>> {
  const { texts, signal, log } = options
  const earlier = new Map<string, EarlierText>()
  try {
    const file = await asyncBufferFromFile(path)
    const metadata = await parquetMetadataAsync(file)
    const listed = new Set(readSuspicious(metadata.key_value_metadata))
    let rowStart = 0
    // A group of rows at a time: all texts together may be more than memory.
    for (const { num_rows: count } of metadata.row_groups) {
      signal.throwIfAborted()
      const rowEnd = rowStart + Number(count)
      const rows = await parquetReadObjects({
        file,
        metadata,
        columns: ['document_uuid', 'document_content_plain'],
        rowStart,
        rowEnd
      })
      for (const { document_uuid: uuid, document_content_plain: content } of rows) {
        if (typeof uuid !== 'string' || typeof content !== 'string' || !wanted.has(uuid)) continue
        const isSuspicious = listed.has(uuid) || suspicionOf(measureText(content)) !== undefined
        earlier.set(uuid, { place: await texts.append(content), isSuspicious })
      }
      rowStart = rowEnd
    }
    return earlier
  } catch (error) {
    signal.throwIfAborted()
    log(
      `warning: bootstrap: the earlier output cannot be read, and all texts are extracted anew: ${(error as Error).message}`
    )
    return new Map()
  }
}
