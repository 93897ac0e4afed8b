import { join } from 'node:path'
import { openGff3 } from './gff3.ts'
import { takeRegionNotes } from './region-notes.ts'
import type { RegionNotes } from './region-notes.ts'
import { createRowReader, toRow } from './rows.ts'
import type { RowBytes } from './rows.ts'
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
  const readRows = createRowReader(field)
  const row = (row: RowBytes): void => { if (row.kind === 'feature') regions.takeRow(toRow(row)) }
  for await (const block of reader.blocks()) {
    signal.throwIfAborted()
    readRows(block, { row, directive: regions.takeDirective })
    await regions.flush()
  }
  return { regions, sequence: reader.sequence(), close: spool.close }
}
