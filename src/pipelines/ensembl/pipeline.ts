import type { Pipeline } from '../../sdk/pipeline.ts'
import { defineProcess } from '../../sdk/process.ts'
import {
  DumpDnaEventSchema, DumpFlatfileEventSchema, DumpPeptideEventSchema, OPERATORS_OWN, withoutGenes
} from './params.ts'

/** Dumps of genomes as Ensembl publishes them, from FASTA and GFF3 or from a core database. */
export const ensembl: Pipeline = {
  name: 'ensembl',
  processes: [
    defineProcess({
      name: 'dump_dna',
      params: DumpDnaEventSchema,
      operatorsOwn: OPERATORS_OWN,
      load: async () => (await import('./dump_dna.ts')).dumpDna
    }),
    defineProcess({
      name: 'dump_peptide',
      params: DumpPeptideEventSchema,
      operatorsOwn: OPERATORS_OWN,
      nothingToDo: withoutGenes,
      load: async () => (await import('./dump_peptide.ts')).dumpPeptide
    }),
    defineProcess({
      name: 'dump_flatfile',
      params: DumpFlatfileEventSchema,
      operatorsOwn: OPERATORS_OWN,
      nothingToDo: withoutGenes,
      load: async () => (await import('./dump_flatfile.ts')).dumpFlatfile
    })
  ]
}
