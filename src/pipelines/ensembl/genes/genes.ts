import type { RowCounts } from '../annotation/tally.ts'
import type { Biotypes } from '../sequence/biotype.ts'
import type { CodonTable } from '../sequence/codon-table.ts'
import { fastaRecord } from '../sequence/fasta.ts'
import type { Prediction, Transcript } from '../sequence/gene.ts'
import { peptideHeader, predictionHeader, transcriptHeader } from '../sequence/headers.ts'
import type { Place } from '../sequence/headers.ts'
import { splice, spliceTranscript } from '../sequence/splice.ts'
import type { ReadSpan } from '../sequence/splice.ts'
import { translate } from '../sequence/translate.ts'
import type { Level } from './files.ts'

/** Where genes and their sequence come from: a GFF3 with a FASTA, or a core database. */
export interface GeneSource {
  readonly biotypes: Biotypes
  /** How many there are, where that is known before they are read. */
  readonly transcripts: number | undefined
  readonly predictions: number
  /** In batches, in the order of the dumps. */
  readTranscripts: () => AsyncIterable<readonly Transcript[]>
  readPredictions: () => AsyncIterable<readonly Prediction[]>
  /** What has become of the rows of a file; complete when all is read. */
  rows?: () => RowCounts
  /** The field of the event that is at fault where nothing of it comes to be dumped. */
  readonly refusesNothing?: string
  readonly read: ReadSpan
  /** `feature` names for a failure what lies there. */
  place: (region: string, feature: string) => Promise<Place> | Place
  /** The genetic code of a feature; `annotated` is the number that the annotation of its CDS names. */
  codonTable: (region: string, place: Place, annotated?: number) => CodonTable
  /** The number that is given for a region, whatever the annotation says. */
  tableNumber: (region: string) => number | undefined
}

export type Output = {
  write: (level: Level, record: Uint8Array) => Promise<void> | undefined
  signal: AbortSignal
  wrote: (transcripts: number) => void
}

/** How many transcripts were read, and how many of them are in no dump, by the biotype of their genes. */
export type Dumped = { transcripts: number, skipped: Map<string, number> }

/** Writes all records of a source, by the rules of release 114. One CDS without a whole codon fails it all. */
export async function dumpGenes (source: GeneSource, output: Output): Promise<Dumped> {
  const skipped = new Map<string, number>()
  let transcripts = 0
  let complete = 0
  for await (const batch of source.readTranscripts()) {
    for (const transcript of batch) {
      output.signal.throwIfAborted()
      const { biotype } = transcript.gene
      const dumps = source.biotypes.dumpsOf(biotype)
      if (dumps.length === 0) skipped.set(biotype, (skipped.get(biotype) ?? 0) + 1)
      else await dumpTranscript(source, transcript, dumps, output)
      transcripts++
      output.wrote(++complete)
    }
  }
  for await (const batch of source.readPredictions()) {
    for (const prediction of batch) {
      output.signal.throwIfAborted()
      await dumpPrediction(source, prediction, output)
      output.wrote(++complete)
    }
  }
  return { transcripts, skipped }
}

async function dumpTranscript (
  source: GeneSource,
  transcript: Transcript,
  dumps: ReadonlyArray<'cdna' | 'ncrna'>,
  { write }: Output
): Promise<void> {
  const { id, region, biotype } = transcript
  const place = await source.place(region, `transcript ${id}`)
  const translation = dumps.includes('cdna') && source.biotypes.isCoding(biotype) ? transcript.translation : undefined
  const { sequence, coding } = await spliceTranscript(source.read, transcript, translation)
  if (dumps.includes('ncrna')) {
    await write('ncrna', fastaRecord(transcriptHeader('ncrna', transcript, place), sequence))
  }
  if (!dumps.includes('cdna')) return
  await write('cdna.all', fastaRecord(transcriptHeader('cdna', transcript, place), sequence))
  if (translation === undefined || coding === undefined) return
  await write('cds.all', fastaRecord(transcriptHeader('cds', transcript, place), coding))
  const { edits, isPartial } = translation
  const protein = translate(coding, source.codonTable(region, place, translation.codonTable), {
    name: translation.id,
    edits,
    isPartial
  })
  await write('pep.all', fastaRecord(peptideHeader(translation.id, transcript, place), protein))
}

async function dumpPrediction (source: GeneSource, prediction: Prediction, { write }: Output): Promise<void> {
  const { id, region, exons, prefix } = prediction
  const feature = `prediction ${id}`
  const place = await source.place(region, feature)
  const sequence = await splice(source.read, exons, feature)
  await write('cdna.abinitio', fastaRecord(predictionHeader('cdna', prediction, place), sequence))
  const protein = translate(Buffer.concat([Buffer.alloc(prefix, 'N'), sequence]), source.codonTable(region, place), {
    name: id,
    rules: 'abinitio'
  })
  await write('pep.abinitio', fastaRecord(predictionHeader('pep', prediction, place), protein))
}
