import { errors } from '../../../base/errors.ts'
import { cacheBlocks } from './blocks.ts'
import type { Genome } from './genome.ts'
import type { ReadSpan } from './splice.ts'

/**
 * Reads spans of a genome that a FASTA came with; coordinates beyond the end of a `circular` region begin again at 1.
 *
 * @throws FINAL, naming the feature, where a span is not on the genome.
 */
export function createSpanReader (genome: Genome, circular: ReadonlySet<string>): ReadSpan {
  const read = cacheBlocks({ read: genome.read, lengthOf: (region) => genome.regions.get(region)!.length })
  return ({ region, start, end }, feature) => {
    const length = genome.regions.get(region)?.length
    if (length === undefined) throw errors.final(`${feature} is on ${region}, which the genome does not have`)
    if (end <= length) return read(region, start, end)
    if (!circular.has(region)) throw errors.final(`${feature} reaches ${region}:${end}, but ${region} has ${length} bases and is not circular`)
    if (end - start >= length) throw errors.final(`${feature} is longer than ${region}, ${length} bases`)
    const first = (start - 1) % length + 1
    const last = (end - 1) % length + 1
    if (first <= last) return read(region, first, last)
    return Promise.all([read(region, first, length), read(region, 1, last)]).then((parts) => Buffer.concat(parts))
  }
}
