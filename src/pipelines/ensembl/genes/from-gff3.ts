import { errors } from '../../../base/errors.ts'
import type { AnnotationFile } from '../annotation/open.ts'
import { createNames } from '../annotation/names.ts'
import type { RowCounts } from '../annotation/tally.ts'
import { describeRegions } from '../dna/regions.ts'
import type { DescribeRegion } from '../dna/regions.ts'
import { applyRegionNotes } from '../dna/region-notes.ts'
import { createBiotypes } from '../sequence/biotype.ts'
import { createCodonTables } from '../sequence/codon-tables.ts'
import { createSpanReader } from '../sequence/genome-spans.ts'
import type { Genome } from '../sequence/genome.ts'
import type { Place } from '../sequence/headers.ts'
import type { GeneSource } from './genes.ts'

type Given = {
  assembly?: string
  coord_system?: string | Record<string, string>
  codon_tables?: Record<string, number>
  circular?: string[]
  id_prefixes?: string[]
}

export type Gff3Genes = { assembly: string, source: GeneSource, describe: DescribeRegion }

type Log = (line: string) => void

/** Parents that a warning names. */
const MOST_TOLD = 5

/**
 * The genes of a GFF3 or GTF, with the genome that its FASTA holds. The genome stays open for as long as it is read.
 */
export async function gff3Genes (
  annotation: AnnotationFile,
  genome: Genome,
  given: Given,
  log: Log
): Promise<Gff3Genes> {
  await applyRegionNotes(genome, annotation.regions, given.circular)
  const { assembly, describe } = describeRegions(genome.regions, given, annotation.regions.version)
  const tables = new Map(Object.entries(given.codon_tables ?? {}))
  for (const region of [...tables.keys(), ...(given.circular ?? [])]) {
    if (!genome.regions.has(region)) log(`warning: the genome has no region ${region}, which the event names`)
  }
  warnOfEmpty(genome, log)
  const findTable = createCodonTables((region, number) =>
    errors.inputRefused(
      tables.has(region) ? `data/codon_tables/${region}` : 'data/gff3',
      `names codon table ${number} for region ${region}, which is not in NCBI's list`
    )
  )
  let last: Place | undefined
  const source: GeneSource = {
    biotypes: createBiotypes(),
    transcripts: undefined,
    predictions: 0,
    readTranscripts: () => annotation.transcripts(createNames(given.id_prefixes)),
    readPredictions: async function * () {},
    refusesNothing: 'data/gff3',
    read: createSpanReader(genome),
    place: (name, feature) => {
      if (last?.name === name) return last
      const region = genome.regions.get(name)
      if (region === undefined) {
        throw errors.inputRefused('data/gff3', `has ${feature} on ${name}, which the FASTA does not have`)
      }
      last = { name, coordSystem: describe(region).coordSystem }
      return last
    },
    tableNumber: (region) => tables.get(region),
    codonTable: (region, _, annotated) => findTable(region, tables.get(region) ?? annotated ?? 1),
    rows: () => tellRows(annotation, log)
  }
  return { assembly, source, describe }
}

/** Says that records of the FASTA without sequence are left out. */
export function warnOfEmpty ({ empty }: Genome, log: Log): void {
  if (empty.length > 0) log(`warning: the FASTA has no sequence for ${listed(empty)}; left out`)
}

function tellRows (annotation: AnnotationFile, log: Log): RowCounts {
  const counts = annotation.counts()
  if (annotation.missing.size > 0) {
    log(`warning: rows name ${listed([...annotation.missing])} as their parent, which no row is the ID of`)
  }
  for (const { type, reason, rows } of counts.left_out) log(`${rows} ${type} rows are left out: ${reason}`)
  return counts
}

function listed (names: readonly string[]): string {
  return `${names.slice(0, MOST_TOLD).join(', ')}${names.length > MOST_TOLD ? ` and ${names.length - MOST_TOLD} others` : ''}`
}
