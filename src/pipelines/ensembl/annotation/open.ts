import { join } from 'node:path'
import { gatherRows } from './annotation.ts'
import { openGff3 } from './gff3.ts'
import type { Gff3Part } from './gff3.ts'
import type { Names } from './names.ts'
import { takeRegionNotes } from './region-notes.ts'
import type { RegionNotes } from './region-notes.ts'
import { kindOf, whyIgnored } from './row-kinds.ts'
import { createSections } from './sections.ts'
import { openSpool } from './spool.ts'
import { createTally } from './tally.ts'
import type { RowCounts } from './tally.ts'
import { readTranscripts } from './transcripts.ts'
import type { Transcript } from '../sequence/gene.ts'

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

/** Reads all rows; they may come in any order. Every row is used or counted. @throws INPUT_REFUSED, naming the line. */
export async function openAnnotation (
  source: AsyncIterable<Uint8Array>,
  options: AnnotationFileOptions
): Promise<AnnotationFile> {
  const { folder, field, signal, mostRows } = options
  const tally = createTally()
  const noted = openSpool(join(folder, 'region-notes'))
  const regions = takeRegionNotes(noted)
  const sections = createSections({ folder, field, mostRows })
  const reader = openGff3(source, field)
  const missing = new Set<string>()

  async function take (part: Gff3Part): Promise<void> {
    if ('directive' in part) return await regions.takeDirective(part.directive, part.words)
    const { row, text } = part
    tally.count()
    const kind = kindOf(row.type)
    if (kind === 'ignored') return tally.leaveOut(row.type, whyIgnored(row.type))
    if (kind === 'feature' && (await regions.takeRow(row))) return
    await sections.add(row, text)
  }

  for await (const parts of reader.parts()) {
    signal.throwIfAborted()
    for (const part of parts) await take(part)
  }
  return {
    regions,
    sequence: reader.sequence(),
    missing,
    transcripts: async function * (names) {
      for await (const rows of sections.read()) {
        const annotation = gatherRows(rows, { field, leaveOut: tally.leaveOut })
        for (const id of annotation.missing) if (missing.size < MOST_MISSING) missing.add(id)
        yield * batches(readTranscripts(annotation, { field, names, leaveOut: tally.leaveOut }))
      }
    },
    counts: tally.counts,
    close: async () => {
      await sections.close()
      await noted.close()
    }
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
