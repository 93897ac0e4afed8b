import type { CoreDatabase } from '../core-db/connection.ts'
import { openCoreGenes } from '../core-db/genes.ts'
import type { CoreGenome } from '../core-db/genome.ts'
import { errors } from '../errors.ts'
import { readAhead } from '../sequence/read-ahead.ts'
import { createCodonTables } from '../sequence/codon-tables.ts'
import type { GeneSource } from './dump_genes.ts'

type Given = { process_logic_names?: string[], skip_logic_names?: string[] }

/** The genes of a species of a core database. */
export async function openCoreGeneSource (db: CoreDatabase, genome: CoreGenome, given: Given, log: (line: string) => void): Promise<GeneSource> {
  const { species, regions } = genome
  const genes = await openCoreGenes(db, species, { only: given.process_logic_names ?? [], without: given.skip_logic_names ?? [] })
  if (genes.unseen > 0) log(`warning: ${genes.unseen} transcripts lie on coordinate systems that meta_coord does not name for transcripts; they are left out`)
  const numbers = await regions.attributes('codon_table')
  const findTable = createCodonTables((region, number) => errors.final(`region ${region} has codon table ${number}, which is not in NCBI's list`))
  return {
    total: genes.transcripts + genes.predictions,
    biotypes: genes.biotypes,
    transcripts: () => readAhead(genes.readTranscripts()),
    predictions: () => genes.readPredictions(),
    read: async ({ region, start, end }) => await genome.region(Number(region), start, end),
    place: async (region) => await regions.get(Number(region)),
    codonTable: (region, { name }) => findTable(name, Number(numbers.get(Number(region))?.[0] ?? 1))
  }
}
