import { join } from 'node:path'
import type { Transcript } from '../sequence/gene.ts'
import { gatherRows } from './annotation.ts'
import { createComponents } from './components.ts'
import type { Components } from './components.ts'
import { openGff3 } from './gff3.ts'
import { nodeOf } from './links.ts'
import type { Names } from './names.ts'
import { isOfRegion, takeRegionNotes } from './region-notes.ts'
import type { RegionNotes, RegionNoteTaker } from './region-notes.ts'
import { whyIgnored } from './row-kinds.ts'
import { createRowReader, toRow } from './rows.ts'
import type { Gff3Row, RowBytes } from './rows.ts'
import { createSections } from './sections.ts'
import { openBlockSpool, openSpool } from './spool.ts'
import type { BlockSpool } from './spool.ts'
import { createTally } from './tally.ts'
import type { RowCounts, Tally } from './tally.ts'
import { readTranscripts } from './transcripts.ts'

/** A GFF3 or GTF that was read once; whatever its size, memory is that of one section. */
export interface AnnotationFile {
  readonly regions: RegionNotes
  /** The FASTA behind its rows, to be read once. */
  readonly sequence: AsyncIterable<Uint8Array> | undefined
  /** In the order of their first rows; of a file of several sections, in that of their genes. */
  transcripts: (names: Names) => AsyncGenerator<Transcript[]>
  /** Parents that rows name and that no row is, some of them; those of all sections when the transcripts are read. */
  readonly missing: ReadonlySet<string>
  /** Complete when the transcripts are read. */
  counts: () => RowCounts
  close: () => Promise<void>
}

export type AnnotationFileOptions = { folder: string, field: string, signal: AbortSignal, mostRows?: number }

const BATCH = 100
const MOST_MISSING = 1000

/**
 * Reads all rows, which may come in any order: once to learn which belong together, and once more, from a copy on the
 * disk, to put those together. Every row is used or counted. @throws INPUT_REFUSED, naming the line.
 */
export async function openAnnotation (
  source: AsyncIterable<Uint8Array>,
  options: AnnotationFileOptions
): Promise<AnnotationFile> {
  const { folder, field, signal } = options
  const tally = createTally()
  const noted = openSpool(join(folder, 'region-notes'))
  const regions = takeRegionNotes(noted)
  const kept = openBlockSpool(join(folder, 'rows'))
  const components = createComponents()
  const reader = openGff3(source, field)
  const readRows = createRowReader(field)
  const visitor = { row: learn.bind(null, { tally, regions, components }), directive: regions.takeDirective }
  for await (const block of reader.blocks()) {
    signal.throwIfAborted()
    readRows(block, visitor)
    await regions.flush()
    await kept.add(block)
  }
  const missing = new Set<string>()
  return {
    regions,
    sequence: reader.sequence(),
    missing,
    transcripts: async function * (names) {
      for await (const rows of sectionsOf(kept, components, options)) {
        const annotation = gatherRows(rows, { field, leaveOut: tally.leaveOut })
        for (const id of annotation.missing) if (missing.size < MOST_MISSING) missing.add(id)
        yield * batches(readTranscripts(annotation, { field, names, leaveOut: tally.leaveOut }))
      }
    },
    counts: tally.counts,
    close: async () => {
      await kept.close()
      await noted.close()
    }
  }
}

type Learning = { tally: Tally, regions: RegionNoteTaker, components: Components }

/** What becomes of a row, and what it belongs to. */
function learn ({ tally, regions, components }: Learning, row: RowBytes): void {
  tally.count()
  if (row.kind === 'ignored') tally.leaveOut(row.type, whyIgnored(row.type))
  else if (row.kind !== 'feature' || !regions.takeRow(toRow(row))) components.addRow(nodeOf(components, row))
}

/** The rows that `learn` has counted for what they belong to. */
async function * sectionsOf (
  kept: BlockSpool,
  components: Components,
  { field, signal, ...options }: AnnotationFileOptions
): AsyncGenerator<Gff3Row[]> {
  const sections = createSections(components, options)
  const readRows = createRowReader(field)
  const visitor = {
    row: (bytes: RowBytes): void => {
      if (bytes.kind === 'ignored') return
      const row = toRow(bytes)
      if (bytes.kind !== 'feature' || !isOfRegion(row)) sections.add(nodeOf(components, bytes), row)
    }
  }
  try {
    for await (const block of kept.blocks()) {
      signal.throwIfAborted()
      readRows(block, visitor)
      yield * sections.takeWhole()
    }
  } finally {
    await sections.close()
  }
}

function * batches (transcripts: Iterable<Transcript>): Generator<Transcript[]> {
  let batch: Transcript[] = []
  for (const transcript of transcripts) {
    batch.push(transcript)
    if (batch.length === BATCH) {
      yield batch
      batch = []
    }
  }
  yield batch
}
