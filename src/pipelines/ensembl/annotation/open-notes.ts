import { join } from 'node:path'
import { openGff3 } from './gff3.ts'
import { takeRegionNotes } from './region-notes.ts'
import type { RegionNotes } from './region-notes.ts'
import { openSpool } from './spool.ts'

/** What an annotation tells of regions, and the FASTA behind its rows. */
export type NotedRegions = {
  regions: RegionNotes
  sequence: AsyncIterable<Uint8Array> | undefined
  close: () => Promise<void>
}

/** Reads what a GFF3 tells of regions and keeps nothing else. */
export async function openRegionNotes (
  source: AsyncIterable<Uint8Array>,
  { folder, field, signal }: { folder: string, field: string, signal: AbortSignal }
): Promise<NotedRegions> {
  const spool = openSpool(join(folder, 'region-notes'))
  const regions = takeRegionNotes(spool)
  const reader = openGff3(source, field)
  for await (const parts of reader.parts()) {
    signal.throwIfAborted()
    for (const part of parts) {
      if ('directive' in part) await regions.takeDirective(part.directive, part.words)
      else await regions.takeRow(part.row)
    }
  }
  return { regions, sequence: reader.sequence(), close: spool.close }
}
