import { errors } from '../../base/errors.ts'
import { withJobFolder } from '../../sdk/job-folder.ts'
import { checkParams } from '../../sdk/check-params.ts'
import type { ProcessContext, ProcessFunction, ProcessOutcome } from '../../sdk/process.ts'
import { showDump } from './artefacts.ts'
import { withCoreDatabase } from './core-database.ts'
import {
  DumpPeptideDatabaseParamsSchema, DumpPeptideParamsSchema, fileStem, genomeFolder, isFromDatabase, readGenomeName
} from './params.ts'
import type { DumpPeptideDatabaseParams, DumpPeptideParams } from './params.ts'
import { publishFolder } from './publish.ts'
import type { DumpedFile } from './publish.ts'
import { geneDumps, openGeneFiles } from './genes/files.ts'
import { dumpGenes } from './genes/genes.ts'
import type { GeneSource } from './genes/genes.ts'
import type { RowCounts } from './annotation/tally.ts'
import { databaseGenes } from './genes/from-database.ts'
import { withGivenGenes } from './given-genes.ts'
import { transcriptReadme } from './readme.ts'

type Context<Params> = ProcessContext<Params>

/**
 * Long, because the server reads the whole of a `dna` row for each piece of it, and genes come mostly one beside the
 * other.
 */
const genePieceBases = 1 << 20

/**
 * Writes pep, cds, cdna and ncrna below `<division>/fasta/<genome>/` by the rules of Ensembl release 114, the records
 * in the order of the GFF3, or of gene and transcript ids. Output: `{ genome, assembly, counts: { transcripts,
 * skipped, predictions, pep, cds, cdna, ncrna }, files: [{ name, url, bytes, records }] }`. One CDS without a whole
 * codon fails the job and names its translation.
 *
 * A second run writes the same bytes under the same names. The store is not touched before all files are whole.
 */
export const dumpPeptide: ProcessFunction<DumpPeptideParams | DumpPeptideDatabaseParams> = async (context) =>
  isFromDatabase(context.params)
    ? await fromDatabase(context as Context<DumpPeptideDatabaseParams>)
    : await fromGff3(context as Context<DumpPeptideParams>)

async function fromDatabase (context: Context<DumpPeptideDatabaseParams>): Promise<ProcessOutcome> {
  const { params, jobId, log } = context
  checkParams(DumpPeptideDatabaseParamsSchema, params)
  return await withJobFolder(jobId, context.signal, async (temporary, signal) =>
    await withCoreDatabase({ ...context, signal }, { pieceBases: genePieceBases }, async (core) =>
      await write(
        { ...context, signal },
        await context.step('read the genes', async () => await databaseGenes(core, params, log)),
        { ...core, temporary }
      )))
}

async function fromGff3 (context: Context<DumpPeptideParams>): Promise<ProcessOutcome> {
  const { params } = context
  const genomeName = readGenomeName(context.event)
  checkParams(DumpPeptideParamsSchema, params)
  return await withJobFolder(context.jobId, context.signal, async (temporary, signal) =>
    await withGivenGenes({ ...context, signal }, temporary, async ({ assembly, source }) =>
      await write({ ...context, signal }, source, {
        genomeName,
        assembly,
        folder: genomeFolder(genomeName, params.division),
        temporary
      })))
}

/** `folder` is in the store, `temporary` on the disk. */
type Target = { genomeName: string, assembly: string, folder: string, temporary: string }

async function write (
  context: Context<unknown>,
  source: GeneSource,
  { genomeName, assembly, folder, temporary }: Target
): Promise<ProcessOutcome> {
  const { signal, log, step } = context
  const total = source.transcripts === undefined ? undefined : source.transcripts + source.predictions
  if (total !== undefined) log(`${source.transcripts} transcripts, ${source.predictions} predictions`)
  const files = openGeneFiles(temporary, signal)
  const { transcripts, skipped } = await step('write the transcripts', async ({ progress }) => {
    const written = await dumpGenes(source, {
      signal,
      write: files.write,
      wrote: (complete) => progress({ complete, total, message: 'transcripts' })
    })
    await files.close()
    return written
  })
  const rows = source.rows?.()
  if (rows !== undefined) {
    log(`${transcripts} transcripts of ${rows.used} rows; ${rows.read - rows.used} rows are left out`)
  }
  for (const [biotype, number] of skipped) {
    log(`${number} transcripts of genes with biotype ${biotype} are in no dump`)
  }
  if (source.refusesNothing !== undefined && files.records() === 0) {
    throw errors.inputRefused(source.refusesNothing, `has no transcript to dump${describeRows(rows)}`)
  }

  const stem = fileStem(genomeName, assembly)
  const dumped = await step('publish the files', async () => await publish(context, files, { stem, folder }))
  const counts = Object.fromEntries(geneDumps.map((type) => [type, files.records(type)]))
  log(`${dumped.length} files: ${geneDumps.map((type) => `${type} ${counts[type]}`).join(', ')}`)
  const skippedTranscripts = [...skipped.values()].reduce((sum, number) => sum + number, 0)
  const all = { transcripts, skipped: skippedTranscripts, predictions: source.predictions, ...counts }
  showDump(context, all, dumped)
  return {
    output: {
      genome: genomeName,
      assembly,
      counts: all,
      rows,
      files: dumped
    },
    events: [
      {
        type: 'peptide_dumped',
        subject: genomeName,
        data: { genome: genomeName, assembly, files: dumped.map(({ name }) => name) }
      }
    ]
  }
}

type GeneFiles = Pick<ReturnType<typeof openGeneFiles>, 'staged'>

/** One type after the other: the folder of each is whole before the next one is touched. */
async function publish (
  { store, signal }: Context<unknown>,
  files: GeneFiles,
  { stem, folder }: { stem: string, folder: string }
): Promise<DumpedFile[]> {
  const dumped: DumpedFile[] = []
  for (const type of geneDumps) {
    const staged = files.staged(type, stem)
    const readme = transcriptReadme(stem, type, staged.length > 1)
    dumped.push(...await publishFolder({ store, folder: `${folder}/${type}`, files: staged, readme, signal }))
  }
  return dumped
}

/** What its rows were instead, the most first. */
function describeRows (rows: RowCounts | undefined): string {
  const told = (rows?.left_out ?? [])
    .slice(0, 3)
    .map(({ type, reason, rows }) => `${rows} ${type} ${rows === 1 ? 'row' : 'rows'}: ${reason}`)
  return told.length === 0 ? '' : ` (${told.join('; ')})`
}
