import { openCoreGenes } from '../core-db/genes.ts'
import { errors } from '../../../base/errors.ts'
import { createCodonTables } from '../sequence/codon-tables.ts'
import { readAhead } from '../sequence/read-ahead.ts'
import type { CoreSource } from '../core-database.ts'
import type { DumpPeptideDatabaseParams } from '../params.ts'
import type { GeneSource } from './genes.ts'

/** The genes of a species of a core database, with its sequence. */
export async function databaseGenes (
  { db, genome }: CoreSource,
  given: DumpPeptideDatabaseParams,
  log: (line: string) => void,
  xrefs = false
): Promise<GeneSource> {
  const { species, regions } = genome
  const logicNames = { only: given.process_logic_names ?? [], without: given.skip_logic_names ?? [] }
  const genes = await openCoreGenes(db, species, { logicNames, xrefs })
  if (genes.unseen > 0) {
    log(
      `warning: ${genes.unseen} transcripts lie on coordinate systems that meta_coord does not name for transcripts; they are left out`
    )
  }
  const numbers = await regions.attributes('codon_table')
  const findTable = createCodonTables((region, number) =>
    errors.final(`region ${region} has codon table ${number}, which is not in NCBI's list`)
  )
  const numberOf = (region: string): number => Number(numbers.get(Number(region))?.[0] ?? 1)
  return {
    ...genes,
    readTranscripts: () => readAhead(genes.readTranscripts()),
    read: async ({ region, start, end }) => await genome.region(await regions.get(Number(region)), start, end),
    place: async (region) => await regions.get(Number(region)),
    tableNumber: numberOf,
    codonTable: (region, { name }) => findTable(name, numberOf(region))
  }
}
