import { errors } from '../../base/errors.ts'
import type { ProcessContext } from '../../sdk/process.ts'
import { openRegionNotes } from './annotation/open-notes.ts'
import type { NotedRegions } from './annotation/open-notes.ts'
import { applyRegionNotes } from './dna/region-notes.ts'
import { describeRegions, needsNotes } from './dna/regions.ts'
import type { DescribeRegion } from './dna/regions.ts'
import { openGenome } from './sequence/genome.ts'
import type { Genome } from './sequence/genome.ts'

type Given = { fasta?: string, gff3?: string, assembly?: string, coord_system?: string | Record<string, string> }

type Context = Pick<ProcessContext, 'inputs' | 'signal' | 'log'> & { params: Given }

export type Opened = { genome: Genome, assembly: string, describe: DescribeRegion }

export type GenomeFrom = {
  folder: string
  progress: (bases: number) => void
  /** The FASTA behind the rows of the GFF3, where that was read before. */
  sequence?: AsyncIterable<Uint8Array> | undefined
}

/**
 * The genome of the event's FASTA; without one, of the sequence in its GFF3. @throws INPUT_REFUSED where there is
 * neither.
 */
export async function openGivenGenome (
  { params, inputs, signal, log }: Context,
  { folder, progress, sequence }: GenomeFrom
): Promise<Genome> {
  if (params.fasta === undefined) {
    if (sequence === undefined) throw errors.inputRefused('data/fasta', 'is required: the GFF3 has no ##FASTA')
    return await openGenome(sequence, { folder, field: 'data/gff3', signal, progress })
  }
  if (sequence !== undefined) log('the sequence in the GFF3 is not read: data.fasta is given')
  return await openGenome(await inputs.open(params.fasta, { field: 'data/fasta', signal }), {
    folder,
    field: 'data/fasta',
    signal,
    progress
  })
}

/**
 * The genome with what names its regions: the GFF3 is read where it has the sequence, or where nothing else tells the
 * names.
 */
export async function openNamedGenome (context: Context, from: GenomeFrom): Promise<Opened> {
  const { params } = context
  let noted = params.fasta === undefined ? await readNotes(context, from.folder) : undefined
  let genome: Genome | undefined
  try {
    genome = await openGivenGenome(context, { ...from, sequence: noted?.sequence })
    if (noted === undefined && needsNotes(genome.regions, params)) noted = await readNotes(context, from.folder)
    if (noted !== undefined) await applyRegionNotes(genome, noted.regions)
    return { genome, ...describeRegions(genome.regions, params, noted?.regions.version) }
  } catch (error) {
    await genome?.close()
    throw error
  } finally {
    await noted?.close()
  }
}

async function readNotes ({ params, inputs, signal }: Context, folder: string): Promise<NotedRegions | undefined> {
  if (params.gff3 === undefined) return undefined
  return await openRegionNotes(await inputs.open(params.gff3, { field: 'data/gff3', signal }), {
    folder,
    field: 'data/gff3',
    signal
  })
}
