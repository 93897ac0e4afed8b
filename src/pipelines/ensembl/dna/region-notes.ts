import { errors } from '../../../base/errors.ts'
import type { RegionNotes } from '../annotation/region-notes.ts'
import type { Genome } from '../sequence/genome.ts'

/**
 * Puts down what an event and an annotation tell of regions.
 *
 * @throws INPUT_REFUSED where the annotation has a region longer than the FASTA has it and nothing says that it is a
 * circle: the two do not belong together.
 */
export async function applyRegionNotes (
  { regions }: Genome,
  notes: RegionNotes,
  circular: readonly string[] = []
): Promise<void> {
  for (const name of circular) if (regions.has(name)) regions.setCircular(regions.indexOf(name))
  for await (const batch of notes.read()) {
    for (const note of batch) {
      const index = regions.indexOf(note.region)
      if (index !== -1 && note.tells === 'word') regions.setWord(index, note.word)
      if (index !== -1 && note.tells === 'circular') regions.setCircular(index)
    }
  }
  for await (const batch of notes.read()) {
    for (const note of batch) {
      const region = note.tells === 'end' ? regions.get(note.region) : undefined
      if (note.tells !== 'end' || region === undefined || region.isCircular || note.end <= region.length) continue
      throw errors.inputRefused(
        'data/gff3',
        `has ${note.region} with ${note.end} bases, the FASTA has ${region.length}, and nothing says that it is circular`
      )
    }
  }
}
