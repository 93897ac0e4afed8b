import { errors } from '../errors.ts'
import { openGenome } from '../sequence/genome.ts'
import { readAnnotation } from '../sequence/gff3-annotation.ts'
import type { ProcessFunction } from './definition.ts'
import { checkParams, DumpPeptideParamsSchema, fileStem, genomeFolder, readGenomeName } from './dump_event.ts'
import type { DumpPeptideParams } from './dump_event.ts'
import { publishFolder, withTemporaryFolder } from './dump_folder.ts'
import type { DumpedFile } from './dump_folder.ts'
import { dumpGenes } from './dump_genes.ts'
import { openGff3Genes } from './dump_genes_gff3.ts'
import { geneDumps, levelsOf, openLevelFiles } from './dump_levels.ts'
import { transcriptReadme } from './dump_readme.ts'

/**
 * Writes pep, cds, cdna and ncrna below `<division>/fasta/<genome>/`, the records in the order of the GFF3,
 * by the rules of Ensembl release 114. Output: `{ genome, assembly, counts: { transcripts, skipped, pep, cds, cdna, ncrna },
 * files: [{ name, url, bytes, records }] }`. One CDS without a whole codon fails the job and names its translation.
 *
 * A second run writes the same bytes under the same names. The store is not touched before all files are whole.
 */
export const dumpPeptide: ProcessFunction<DumpPeptideParams> = async (context) => {
  const { params, store, inputs, log, progress } = context
  const genomeName = readGenomeName(context.event)
  checkParams(DumpPeptideParamsSchema, params)
  return withTemporaryFolder(context.jobId, context.signal, async (folder, signal) => {
    const annotation = await readAnnotation(await inputs.open(params.gff3, { field: 'data/gff3', signal }), 'data/gff3', signal)
    const genome = await openGenome(await inputs.open(params.fasta, { field: 'data/fasta', signal }), {
      folder,
      field: 'data/fasta',
      signal,
      progress: (bases) => progress({ complete: 0, message: `${bases} bases read` })
    })
    try {
      const source = openGff3Genes(annotation, genome, params, log)
      log(`${source.total} transcripts`)
      const files = openLevelFiles(folder, signal)
      const skipped = await dumpGenes(source, {
        signal,
        write: files.write,
        wrote: (complete) => progress({ complete, total: source.total, message: 'transcripts' })
      })
      await files.close()
      for (const [biotype, number] of skipped) log(`${number} transcripts of genes with biotype ${biotype} are in no dump`)
      if (geneDumps.every((dump) => files.staged(dump, '').length === 0)) throw errors.inputRefused('data/gff3', 'has no transcript to dump')

      const stem = fileStem(genomeName, source.assembly)
      const dumped: DumpedFile[] = []
      for (const type of geneDumps) {
        const target = `${genomeFolder(genomeName, params.division)}/${type}`
        dumped.push(...await publishFolder({ store, folder: target, files: files.staged(type, stem), readme: transcriptReadme(stem, type), signal }))
      }
      const counts = Object.fromEntries(geneDumps.map((type) => [type, files.records(levelsOf[type][0])]))
      log(`${dumped.length} files: ${geneDumps.map((type) => `${type} ${counts[type]}`).join(', ')}`)
      const skippedTranscripts = [...skipped.values()].reduce((sum, number) => sum + number, 0)
      return {
        output: { genome: genomeName, assembly: source.assembly, counts: { transcripts: source.total, skipped: skippedTranscripts, ...counts }, files: dumped },
        events: [{ type: 'peptide_dumped', subject: genomeName, data: { genome: genomeName, assembly: source.assembly, files: dumped.map(({ name }) => name) } }]
      }
    } finally {
      await genome.close()
    }
  })
}
