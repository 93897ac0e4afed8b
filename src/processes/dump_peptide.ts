import { join } from 'node:path'
import { errors } from '../errors.ts'
import { biotypeGroup, isCodingTranscript } from '../sequence/biotype.ts'
import { findCodonTable } from '../sequence/codon-table.ts'
import type { CodonTable } from '../sequence/codon-table.ts'
import { fastaRecord } from '../sequence/fasta.ts'
import type { Transcript, Translation } from '../sequence/gene.ts'
import { openGenome } from '../sequence/genome.ts'
import type { Region } from '../sequence/genome.ts'
import { readAnnotation } from '../sequence/gff3-annotation.ts'
import type { RegionNotes } from '../sequence/gff3-annotation.ts'
import { readTranscripts } from '../sequence/gff3-genes.ts'
import { openGzipFile } from '../sequence/gzip-file.ts'
import { peptideHeader, transcriptHeader } from '../sequence/headers.ts'
import { splice } from '../sequence/splice.ts'
import { translate } from '../sequence/translate.ts'
import type { ProcessFunction } from './definition.ts'
import { checkParams, DumpPeptideParamsSchema, fileStem, genomeFolder, readGenomeName } from './dump_event.ts'
import type { DumpPeptideParams } from './dump_event.ts'
import { publishFolder, withTemporaryFolder } from './dump_folder.ts'
import type { DumpedFile } from './dump_folder.ts'
import { transcriptReadme } from './dump_readme.ts'
import { describeRegions } from './dump_region.ts'

type Type = 'pep' | 'cds' | 'cdna' | 'ncrna'

const levels: Record<Type, string> = { pep: 'pep.all', cds: 'cds.all', cdna: 'cdna.all', ncrna: 'ncrna' }
const types = Object.keys(levels) as Type[]

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
    const transcripts = [...readTranscripts(annotation)]
    log(`${transcripts.length} transcripts`)
    const genome = await openGenome(await inputs.open(params.fasta, { field: 'data/fasta', signal }), {
      folder,
      field: 'data/fasta',
      signal,
      progress: (bases) => progress({ complete: 0, total: transcripts.length, message: `${bases} bases read` })
    })
    try {
      const { assembly, regions } = describeRegions(genome.regions.values(), params, annotation.regions)
      const coordSystems = new Map(regions.map(({ name, coordSystem }) => [name, coordSystem]))
      const circular = circularRegions(genome.regions, params.circular ?? [], annotation.regions)
      const tables = createTables(new Map(Object.entries(params.codon_tables ?? {})))
      for (const region of [...Object.keys(params.codon_tables ?? {}), ...params.circular ?? []]) {
        if (!genome.regions.has(region)) log(`warning: the genome has no region ${region}, which the event names`)
      }

      const outputs = new Map(types.map((type) => {
        const path = join(folder, type)
        return [type, { path, file: openGzipFile(path, signal), records: 0 }]
      }))
      const write = async (type: Type, header: string, sequence: string): Promise<void> => {
        const output = outputs.get(type)!
        output.records++
        await output.file.write(fastaRecord(header, sequence))
      }
      const skipped = new Map<string, number>()
      let complete = 0
      for (const transcript of transcripts) {
        signal.throwIfAborted()
        progress({ complete: complete++, total: transcripts.length, message: 'transcripts' })
        const group = biotypeGroup(transcript.gene.biotype)
        if (group === undefined) {
          skipped.set(transcript.gene.biotype, (skipped.get(transcript.gene.biotype) ?? 0) + 1)
          continue
        }
        const coordSystem = coordSystems.get(transcript.region)
        if (coordSystem === undefined) throw errors.inputRefused('data/gff3', `has transcript ${transcript.id} on ${transcript.region}, which the FASTA does not have`)
        const type = group === 'noncoding' ? 'ncrna' : 'cdna'
        const spliced = await splice(genome, transcript.exons, { feature: `transcript ${transcript.id}`, circular })
        await write(type, transcriptHeader(type, transcript, coordSystem), spliced)
        const { translation } = transcript
        if (type === 'ncrna' || translation === undefined || !isCodingTranscript(transcript.biotype)) continue
        const spans = await splice(genome, translation.spans, { feature: `translation ${translation.id}`, circular })
        const cds = 'N'.repeat(translation.prefix) + spans
        await write('cds', transcriptHeader('cds', transcript, coordSystem), cds)
        const protein = translate(cds, tables(transcript, translation), { name: translation.id, edits: translation.edits })
        await write('pep', peptideHeader(translation.id, transcript, coordSystem), protein)
      }
      await Promise.all([...outputs.values()].map(({ file }) => file.close()))
      for (const [biotype, number] of skipped) log(`${number} transcripts of genes with biotype ${biotype} are in no dump`)
      if ([...outputs.values()].every(({ records }) => records === 0)) throw errors.inputRefused('data/gff3', 'has no transcript to dump')

      const stem = fileStem(genomeName, assembly)
      const dumped: DumpedFile[] = []
      for (const [type, { path, records }] of outputs) {
        const files = records === 0 ? [] : [{ name: `${stem}.${levels[type]}.fa.gz`, parts: [path], records }]
        const target = `${genomeFolder(genomeName, params.division)}/${type}`
        dumped.push(...await publishFolder({ store, folder: target, files, readme: transcriptReadme(stem, type), signal }))
      }
      const counts = Object.fromEntries([...outputs].map(([type, { records }]) => [type, records]))
      log(`${dumped.length} files: ${types.map((type) => `${type} ${counts[type]}`).join(', ')}`)
      progress({ complete: transcripts.length, total: transcripts.length, message: 'transcripts' })
      const skippedTranscripts = [...skipped.values()].reduce((sum, number) => sum + number, 0)
      return {
        output: { genome: genomeName, assembly, counts: { transcripts: transcripts.length, skipped: skippedTranscripts, ...counts }, files: dumped },
        events: [{ type: 'peptide_dumped', subject: genomeName, data: { genome: genomeName, assembly, files: dumped.map(({ name }) => name) } }]
      }
    } finally {
      await genome.close()
    }
  })
}

/** Those that the event names, those with `Is_circular=true`, and those whose `##sequence-region` is longer than they are. */
function circularRegions (regions: ReadonlyMap<string, Region>, given: string[], notes: RegionNotes): Set<string> {
  const wrapped = [...notes.declaredEnds].filter(([name, end]) => end > (regions.get(name)?.length ?? Infinity)).map(([name]) => name)
  return new Set([...given, ...notes.circular, ...wrapped])
}

/** The region's table as given, then the one that the annotation names, then 1. */
function createTables (given: ReadonlyMap<string, number>): (transcript: Transcript, translation: Translation) => CodonTable {
  const tables = new Map<number, CodonTable>()
  return ({ region }, { codonTable }) => {
    const number = given.get(region) ?? codonTable ?? 1
    const table = tables.get(number) ?? findCodonTable(number)
    if (table === undefined) {
      const field = given.has(region) ? `data/codon_tables/${region}` : 'data/gff3'
      throw errors.inputRefused(field, `names codon table ${number} for region ${region}, which is not in NCBI's list`)
    }
    tables.set(number, table)
    return table
  }
}
