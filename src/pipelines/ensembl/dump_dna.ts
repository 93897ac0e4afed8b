import { openNamedGenome } from './open-sequence.ts'
import { warnOfEmpty } from './genes/from-gff3.ts'
import { withJobFolder } from '../../sdk/job-folder.ts'
import { checkParams } from '../../sdk/check-params.ts'
import type { ProcessContext, ProcessFunction, ProcessOutcome } from '../../sdk/process.ts'
import { showDump } from './artefacts.ts'
import { withCoreDatabase } from './core-database.ts'
import { databaseSource } from './dna/from-database.ts'
import { fastaSource } from './dna/from-fasta.ts'
import { dnaPieceBases, stageDna } from './dna/files.ts'
import { countChromosomes } from './dna/levels.ts'
import type { DnaRecord, DnaSource } from './dna/levels.ts'
import {
  DumpDnaDatabaseParamsSchema, DumpDnaParamsSchema, fileStem, genomeFolder, isFromDatabase, readGenomeName
} from './params.ts'
import type { DumpDnaDatabaseParams, DumpDnaParams } from './params.ts'
import { publishFolder } from './publish.ts'
import { dnaIndexReadme, dnaReadme } from './readme.ts'

type Context<Params> = ProcessContext<Params>

/**
 * Writes the genome below `<division>/fasta/<genome>/`: `dna/` with dna, dna_sm and dna_rm by chromosome,
 * nonchromosomal, alt, toplevel and primary_assembly, and `dna_index/` with the dna toplevel as bgzip. Output: `{
 * genome, assembly, regions, bases, files: [{ name, url, bytes, records }] }`.
 *
 * A second run writes the same bytes under the same names. The store is not touched before all files are whole.
 */
export const dumpDna: ProcessFunction<DumpDnaParams | DumpDnaDatabaseParams> = async (context) =>
  isFromDatabase(context.params)
    ? await fromDatabase(context as Context<DumpDnaDatabaseParams>)
    : await fromFasta(context as Context<DumpDnaParams>)

async function fromDatabase (context: Context<DumpDnaDatabaseParams>): Promise<ProcessOutcome> {
  const { params, jobId, log, step } = context
  checkParams(DumpDnaDatabaseParamsSchema, params)
  return await withJobFolder(jobId, context.signal, async (temporary, signal) =>
    await withCoreDatabase({ ...context, signal }, { pieceBases: dnaPieceBases }, async (core) => {
      const meta = (key: string): string | undefined => core.genome.species.meta(key)[0]
      const accession = meta('assembly.accession')
      const source = await step('read the regions', async () => await databaseSource(core, params, log))
      return await write({ ...context, signal }, source, {
        ...core,
        temporary,
        ...(accession === undefined
          ? {}
          : { accession: `${meta('assembly.web_accession_type') ?? 'Accession'}: ${accession}` })
      })
    }))
}

async function fromFasta (context: Context<DumpDnaParams>): Promise<ProcessOutcome> {
  const { params, step } = context
  const genomeName = readGenomeName(context.event)
  checkParams(DumpDnaParamsSchema, params)
  return await withJobFolder(context.jobId, context.signal, async (temporary, signal) => {
    const { genome, assembly, describe } = await step('read the sequence', async ({ progress }) =>
      await openNamedGenome({ ...context, signal }, {
        folder: temporary,
        progress: (bases) => progress({ complete: bases, message: 'bases read' })
      }))
    try {
      warnOfEmpty(genome, context.log)
      return await write({ ...context, signal }, fastaSource(genome, describe), {
        genomeName,
        assembly,
        folder: genomeFolder(genomeName, params.division),
        temporary
      })
    } finally {
      await genome.close()
    }
  })
}

/** `folder` is in the store, `temporary` on the disk. */
type Target = { genomeName: string, assembly: string, folder: string, temporary: string, accession?: string }

async function write<Record extends DnaRecord> (
  context: Context<unknown>,
  source: DnaSource<Record>,
  { genomeName, assembly, folder, temporary, accession }: Target
): Promise<ProcessOutcome> {
  const { store, signal, log, step } = context
  const total = source.bases
  log(`${source.regions} regions, ${total} bases: ${countChromosomes(source.levels)} chromosomes`)
  const stem = fileStem(genomeName, assembly)
  const staged = await step('write the files', async ({ progress }) => {
    let complete = 0
    return await stageDna(source, {
      folder: temporary,
      stem,
      signal,
      wrote: (bases) => {
        complete += bases
        progress({ complete, total, message: 'bases written' })
      }
    })
  })
  const published = { store, signal }
  const all = await step('publish the files', async () => [
    ...await publishFolder({
      ...published,
      folder: `${folder}/dna`,
      files: staged.files,
      readme: dnaReadme(stem, accession)
    }),
    ...await publishFolder({
      ...published,
      folder: `${folder}/dna_index`,
      files: staged.index,
      readme: dnaIndexReadme(stem, accession)
    })
  ])
  showDump(context, { regions: source.regions, bases: total }, all)
  log(`${all.length} files in ${store.url(`${folder}/dna`)} and dna_index`)
  return {
    output: { genome: genomeName, assembly, regions: source.regions, bases: total, files: all },
    events: [
      {
        type: 'dna_dumped',
        subject: genomeName,
        data: { genome: genomeName, assembly, files: all.map(({ name }) => name) }
      }
    ]
  }
}
