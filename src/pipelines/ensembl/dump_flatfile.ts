import { errors } from '../../base/errors.ts'
import { checkParams } from '../../sdk/check-params.ts'
import { withJobFolder } from '../../sdk/job-folder.ts'
import type { ProcessContext, ProcessFunction, ProcessOutcome } from '../../sdk/process.ts'
import { showDump } from './artefacts.ts'
import { readToplevel } from './core-db/toplevel.ts'
import { withCoreDatabase } from './core-database.ts'
import type { CoreSource } from './core-database.ts'
import { FLAT_FORMATS, stageFlatFiles } from './flatfile/files.ts'
import type { FlatFormat, FlatSource } from './flatfile/files.ts'
import type { FlatRegion } from './flatfile/model.ts'
import { databaseGenes } from './genes/from-database.ts'
import { withGivenGenes } from './given-genes.ts'
import {
  DumpFlatfileDatabaseParamsSchema, DumpFlatfileParamsSchema, fileStem, genomeFolder, isFromDatabase, readGenomeName
} from './params.ts'
import type { DumpFlatfileDatabaseParams, DumpFlatfileParams } from './params.ts'
import { publishFolder } from './publish.ts'
import type { DumpedFile } from './publish.ts'
import { flatReadme } from './readme.ts'

type Context<Params> = ProcessContext<Params>

/** As for dump_peptide: genes come mostly one beside the other. */
const PIECE_BASES = 1 << 20

/**
 * Writes the genes of a genome, with its sequence where the format has it, below
 * `<division>/gff3|gtf|embl|genbank/<genome>/`, in the order of the regions and of the places on them. Output: `{
 * genome, assembly, counts: { regions, genes, transcripts }, files: [{ name, url, bytes, records }] }`.
 *
 * A second run writes the same bytes under the same names. The store is not touched before all files are whole.
 */
export const dumpFlatfile: ProcessFunction<DumpFlatfileParams | DumpFlatfileDatabaseParams> = async (context) =>
  isFromDatabase(context.params)
    ? await fromDatabase(context as Context<DumpFlatfileDatabaseParams>)
    : await fromGff3(context as Context<DumpFlatfileParams>)

async function fromDatabase (context: Context<DumpFlatfileDatabaseParams>): Promise<ProcessOutcome> {
  const { params, jobId, log } = context
  checkParams(DumpFlatfileDatabaseParamsSchema, params)
  return await withJobFolder(jobId, context.signal, async (temporary, signal) =>
    await withCoreDatabase({ ...context, signal }, { pieceBases: PIECE_BASES }, async (core) => {
      const genes = await context.step('read the genes', async () => await databaseGenes(core, params, log, true))
      const source = {
        genes,
        head: { genome: core.genomeName, assembly: core.assembly, lines: provenance(core) },
        regions: await toplevelRegions(core)
      }
      return await write({ ...context, signal }, source, { folder: core.folder, temporary })
    }))
}

async function fromGff3 (context: Context<DumpFlatfileParams>): Promise<ProcessOutcome> {
  const { params } = context
  const genomeName = readGenomeName(context.event)
  checkParams(DumpFlatfileParamsSchema, params)
  return await withJobFolder(context.jobId, context.signal, async (temporary, signal) =>
    await withGivenGenes({ ...context, signal }, temporary, async ({ genome, assembly, source, describe }) => {
      const regions = function * (): Generator<FlatRegion> {
        for (const region of genome.regions.values()) {
          const { name, length, isCircular, coordSystem } = describe(region)
          yield { key: name, name, word: coordSystem.name, length, isCircular }
        }
      }
      const head = { genome: genomeName, assembly, lines: [['genome-version', assembly]] as Array<[string, string]> }
      return await write(
        { ...context, signal },
        { genes: source, head, regions },
        { folder: genomeFolder(genomeName, params.division), temporary }
      )
    }))
}

/** `folder` is in the store, `temporary` on the disk. */
type Target = { folder: string, temporary: string }

async function write (
  context: Context<{ formats?: FlatFormat[] }>,
  source: FlatSource,
  { folder, temporary }: Target
): Promise<ProcessOutcome> {
  const { params, store, signal, log, step } = context
  const { genome, assembly } = source.head
  const stem = fileStem(genome, assembly)
  const staged = await step('write the files', async ({ progress }) =>
    await stageFlatFiles(source, {
      folder: temporary,
      stem,
      formats: params.formats ?? FLAT_FORMATS,
      signal,
      wrote: (complete) => progress({ complete, total: source.genes.transcripts, message: 'transcripts' })
    }))
  const rows = source.genes.rows?.()
  const { refusesNothing } = source.genes
  if (refusesNothing !== undefined && staged.genes === 0) {
    throw errors.inputRefused(refusesNothing, 'has no gene to dump')
  }
  if (staged.elsewhere.length > 0) {
    log(`warning: genes on ${staged.elsewhere.length} regions that are not toplevel are left out`)
  }
  const dumped: DumpedFile[] = []
  await step('publish the files', async () => {
    for (const [format, file] of staged.files) {
      const target = { store, folder: folder.replace('/fasta/', `/${format}/`), signal }
      dumped.push(...await publishFolder({ ...target, files: [file], readme: flatReadme(stem, format) }))
    }
  })
  const { genes, transcripts, regions } = staged
  log(`${dumped.length} files: ${genes} genes, ${transcripts} transcripts on ${regions} regions`)
  showDump(context, { regions, genes, transcripts }, dumped)
  return {
    output: { genome, assembly, counts: { regions, genes, transcripts }, rows, files: dumped },
    events: [
      { type: 'flatfile_dumped', subject: genome, data: { genome, assembly, files: dumped.map(({ name }) => name) } }
    ]
  }
}

async function toplevelRegions ({ db, genome }: CoreSource): Promise<() => FlatRegion[]> {
  const circular = await genome.regions.attributes('circular_seq')
  const regions = (await readToplevel(db, genome)).map(({ region: { id, name, length, coordSystem } }): FlatRegion =>
    ({ key: String(id), name, word: coordSystem.name, length, isCircular: circular.has(id) }))
  return () => regions
}

/** What Ensembl's files tell of the assembly and the gene build. */
function provenance ({ genome: { species }, assembly }: CoreSource): Array<[name: string, value: string]> {
  const told: Array<[name: string, value: string | undefined]> = [
    ['genome-build', species.meta('assembly.name')[0]],
    ['genome-version', assembly],
    ['genome-date', species.meta('assembly.date')[0]],
    ['genome-build-accession', species.meta('assembly.accession')[0]],
    ['genebuild-last-updated', species.meta('genebuild.last_geneset_update')[0]]
  ]
  return told.filter((line): line is [string, string] => line[1] !== undefined)
}
