import { errors } from '../../../base/errors.ts'
import type { Genome } from '../sequence/genome.ts'
import { isFileName, toLevels } from './levels.ts'
import type { DnaRecord, DnaSource } from './levels.ts'
import type { DescribedRegion } from './regions.ts'

const chromosomeWords = new Set(['chromosome', 'group', 'linkage_group'])

/**
 * Chromosomes as the FASTA has them, which stands for their karyotype; the others longest first.
 *
 * @throws INPUT_REFUSED where the name of a chromosome cannot be part of a file's name.
 */
export function fastaSource (genome: Genome, regions: DescribedRegion[]): DnaSource {
  const records = regions.map((region) => ({ ...region, start: 1, end: region.length }))
  const reference = records.filter(({ kind }) => kind === 'REF')
  const longestFirst = (one: DnaRecord, other: DnaRecord): number => other.length - one.length
  return {
    regions: regions.length,
    levels: toLevels(
      reference.filter(isChromosome).map((record) => ({ name: `${record.coordSystem.name}.${record.name}`, records: [record] })),
      {
        alt: records.filter(({ kind }) => kind !== 'REF').sort(longestFirst),
        nonchromosomal: reference.filter((record) => !isChromosome(record)).sort(longestFirst)
      }),
    read: async ({ name }, start, end) => await genome.read(name, start, end)
  }
}

function isChromosome ({ name, coordSystem }: DnaRecord): boolean {
  if (!chromosomeWords.has(coordSystem.name)) return false
  if (!isFileName(name)) throw errors.inputRefused('data/fasta', `has a chromosome whose name cannot be part of a file name: ${JSON.stringify(name)}`)
  return true
}
