import { errors } from '../../../base/errors.ts'
import type { Genome } from '../sequence/genome.ts'
import { isFileName, toLevels } from './levels.ts'
import type { DnaRecord, DnaSource, Level } from './levels.ts'
import type { DescribeRegion } from './regions.ts'

const chromosomeWords = new Set(['chromosome', 'group', 'linkage_group'])

/**
 * Chromosomes as the FASTA has them, which stands for their karyotype; the others longest first. Records are numbers
 * until they are written.
 *
 * @throws INPUT_REFUSED where the name of a chromosome cannot be part of a file's name.
 */
export function fastaSource ({ regions, read }: Genome, describe: DescribeRegion): DnaSource {
  const recordAt = (index: number): DnaRecord => {
    const region = describe(regions.at(index))
    return { ...region, start: 1, end: region.length }
  }
  const chromosomes: Array<Level<DnaRecord>> = []
  const kinds = new Uint8Array(regions.size)
  const lengths = new Float64Array(regions.size)
  let bases = 0
  for (let index = 0; index < regions.size; index++) {
    const record = recordAt(index)
    lengths[index] = record.length
    bases += record.length
    if (record.kind !== 'REF') kinds[index] = ALT
    else if (!isChromosome(record)) kinds[index] = NONCHROMOSOMAL
    else {
      chromosomes.push({
        name: `${record.coordSystem.name}.${record.name}`,
        size: 1,
        records: () => [recordAt(index)]
      })
    }
  }
  const longestFirst = (name: string, kind: number): Level => {
    const chosen = Uint32Array.from(indexesOf(kinds, kind)).sort(
      (one, other) => lengths[other]! - lengths[one]! || one - other
    )
    return { name, size: chosen.length, records: function * () { for (const index of chosen) yield recordAt(index) } }
  }
  return {
    regions: regions.size,
    bases,
    repeatsIds: false,
    levels: toLevels(chromosomes, {
      alt: longestFirst('alt', ALT),
      nonchromosomal: longestFirst('nonchromosomal', NONCHROMOSOMAL)
    }),
    read: async ({ name }, start, end) => await read(name, start, end)
  }
}

const ALT = 1
const NONCHROMOSOMAL = 2

function * indexesOf (kinds: Uint8Array, kind: number): Generator<number> {
  for (let index = 0; index < kinds.length; index++) if (kinds[index] === kind) yield index
}

function isChromosome ({ name, coordSystem }: DnaRecord): boolean {
  if (!chromosomeWords.has(coordSystem.name)) return false
  if (!isFileName(name)) {
    throw errors.inputRefused(
      'data/fasta',
      `has a chromosome whose name cannot be part of a file name: ${JSON.stringify(name)}`
    )
  }
  return true
}
