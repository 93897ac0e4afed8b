import type { ProcessContext } from '../../sdk/process.ts'
import { openAnnotation } from './annotation/open.ts'
import { gff3Genes, type Gff3Genes } from './genes/from-gff3.ts'
import { openGivenGenome } from './open-sequence.ts'
import type { DumpFlatfileParams, DumpPeptideParams } from './params.ts'
import type { Genome } from './sequence/genome.ts'

type Given = ProcessContext<DumpFlatfileParams | DumpPeptideParams>
type Context = Pick<Given, 'params' | 'inputs' | 'signal' | 'log' | 'step'>

/** Reads the annotation and the sequence that an event gives, and keeps them open for `use`. */
export async function withGivenGenes<T> (
  context: Context,
  folder: string,
  use: (genes: Gff3Genes & { genome: Genome }) => Promise<T>
): Promise<T> {
  const { params, inputs, signal, log, step } = context
  const annotation = await step('read the annotation', async () =>
    await openAnnotation(await inputs.open(params.gff3, { field: 'data/gff3', signal }), {
      folder,
      field: 'data/gff3',
      signal
    }))
  try {
    const genome = await step('read the sequence', async ({ progress }) =>
      await openGivenGenome(context, {
        folder,
        sequence: annotation.sequence,
        progress: (bases) => progress({ complete: 0, message: `${bases} bases read` })
      }))
    try {
      return await use({ genome, ...await gff3Genes(annotation, genome, params, log) })
    } finally {
      await genome.close()
    }
  } finally {
    await annotation.close()
  }
}
