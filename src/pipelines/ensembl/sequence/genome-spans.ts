import { errors } from '../../../base/errors.ts'
import { cachePieces } from './pieces.ts'
import type { Genome, Region } from './genome.ts'
import type { ReadSpan } from './splice.ts'

/**
 * Reads spans of a genome that a FASTA came with; coordinates beyond the end of a circular region begin again at 1.
 *
 * @throws FINAL, naming the feature, where a span is not on the genome.
 */
export function createSpanReader (genome: Genome): ReadSpan {
  const read = cachePieces({ read: genome.read, lengthOf: (region) => genome.regions.get(region)!.length })
  let last: Region | undefined
  return ({ region, start, end }, feature) => {
    if (last?.name !== region) last = genome.regions.get(region)
    const length = last?.length
    if (last === undefined || length === undefined) {
      throw errors.final(`${feature} is on ${region}, which the genome does not have`)
    }
    if (end <= length) return read(region, start, end)
    if (!last.isCircular) {
      throw errors.final(`${feature} reaches ${region}:${end}, but ${region} has ${length} bases and is not circular`)
    }
    if (end - start >= length) throw errors.final(`${feature} is longer than ${region}, ${length} bases`)
    const first = (start - 1) % length + 1
    const final = (end - 1) % length + 1
    if (first <= final) return read(region, first, final)
    return Promise.all([read(region, first, length), read(region, 1, final)]).then((parts) => Buffer.concat(parts))
  }
}
