import { errors } from '../errors.ts'
import type { Span } from './gene.ts'
import type { Genome } from './genome.ts'
import { reverseComplement, upperCase } from './letters.ts'

/** `feature` names what is joined, for the message; coordinates beyond the end of a `circular` region begin again at 1. */
export type SpliceOptions = { feature: string, circular: ReadonlySet<string> }

/**
 * The spans of a feature joined in the order given, in upper case, each on its own strand.
 *
 * @throws FINAL, naming the feature, where a span is not on the genome.
 */
export async function splice (genome: Genome, spans: Span[], options: SpliceOptions): Promise<string> {
  const pieces: string[] = []
  for (const span of spans) {
    const forward = await readSpan(genome, span, options)
    for (let at = 0; at < forward.length; at++) forward[at] = upperCase[forward[at]!]!
    pieces.push((span.strand === 1 ? forward : reverseComplement(forward)).toString('latin1'))
  }
  return pieces.join('')
}

async function readSpan (genome: Genome, { region, start, end }: Span, { feature, circular }: SpliceOptions): Promise<Buffer> {
  const length = genome.regions.get(region)?.length
  if (length === undefined) throw errors.final(`${feature} is on ${region}, which the genome does not have`)
  if (end <= length) return genome.read(region, start, end)
  if (!circular.has(region)) throw errors.final(`${feature} reaches ${region}:${end}, but ${region} has ${length} bases and is not circular`)
  if (end - start >= length) throw errors.final(`${feature} is longer than ${region}, ${length} bases`)
  const first = (start - 1) % length + 1
  const last = (end - 1) % length + 1
  if (first <= last) return genome.read(region, first, last)
  return Buffer.concat([await genome.read(region, first, length), await genome.read(region, 1, last)])
}
