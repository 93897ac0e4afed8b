import { errors } from '../../../base/errors.ts'
import { createBiotypes } from '../sequence/biotype.ts'
import { createCodonTables } from '../sequence/codon-tables.ts'
import { createSpanReader } from '../sequence/genome-spans.ts'
import type { Genome, Region } from '../sequence/genome.ts'
import { findOrphans } from '../sequence/gff3-annotation.ts'
import type { Annotation, RegionNotes } from '../sequence/gff3-annotation.ts'
import { countTranscripts, readTranscripts } from '../sequence/gff3-genes.ts'
import type { GeneSource } from './genes.ts'
import { describeRegions } from '../dna/regions.ts'

type Given = { assembly?: string, coord_system?: string | Record<string, string>, codon_tables?: Record<string, number>, circular?: string[] }

/** The genes of a GFF3, with the genome that its FASTA holds. The genome stays open for as long as it is read. */
export function gff3Genes (annotation: Annotation, genome: Genome, given: Given, log: (line: string) => void): { assembly: string, source: GeneSource } {
  const { assembly, regions } = describeRegions(genome.regions.values(), given, annotation.regions)
  const places = new Map(regions.map(({ name, coordSystem }) => [name, { name, coordSystem }]))
  const tables = new Map(Object.entries(given.codon_tables ?? {}))
  for (const region of [...tables.keys(), ...given.circular ?? []]) {
    if (!genome.regions.has(region)) log(`warning: the genome has no region ${region}, which the event names`)
  }
  const [orphan, ...more] = findOrphans(annotation)
  if (orphan !== undefined) log(`warning: exons or CDS name ${orphan} as their parent, which no row is the ID of${more.length === 0 ? '' : `, and so ${more.length} others`}; they are left out`)
  const findTable = createCodonTables((region, number) => errors.inputRefused(tables.has(region) ? `data/codon_tables/${region}` : 'data/gff3',
    `names codon table ${number} for region ${region}, which is not in NCBI's list`))
  const source: GeneSource = {
    biotypes: createBiotypes(),
    transcripts: countTranscripts(annotation),
    predictions: 0,
    readTranscripts: async function * () {
      for (const transcript of readTranscripts(annotation)) yield [transcript]
    },
    readPredictions: async function * () {},
    refusesNothing: 'data/gff3',
    read: createSpanReader(genome, circularRegions(genome.regions, given.circular ?? [], annotation.regions)),
    place: (region, feature) => {
      const place = places.get(region)
      if (place === undefined) throw errors.inputRefused('data/gff3', `has ${feature} on ${region}, which the FASTA does not have`)
      return place
    },
    codonTable: (region, _, annotated) => findTable(region, tables.get(region) ?? annotated ?? 1)
  }
  return { assembly, source }
}

/** Those that the event names, those with `Is_circular=true`, and those whose `##sequence-region` is longer than they are. */
function circularRegions (regions: ReadonlyMap<string, Region>, given: string[], notes: RegionNotes): Set<string> {
  const wrapped = [...notes.declaredEnds].filter(([name, end]) => end > (regions.get(name)?.length ?? Infinity)).map(([name]) => name)
  return new Set([...given, ...notes.circular, ...wrapped])
}
