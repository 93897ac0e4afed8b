import { errors } from '../../../base/errors.ts'
import { isNucleotide, upperCase } from '../sequence/letters.ts'
import { createAssembly } from './assembly.ts'
import type { Assembly } from './assembly.ts'
import { createCache } from './cache.ts'
import type { CoreDatabase } from './connection.ts'
import { gaps, readLinks } from './links.ts'
import type { Links } from './links.ts'
import { createRegions } from './regions.ts'
import type { CoreRegion, Regions } from './regions.ts'
import { readSpecies } from './species.ts'
import type { Species } from './species.ts'

/** A species of a core database with its sequence. */
export interface CoreGenome {
  readonly species: Species
  readonly regions: Regions
  readonly links: Links
  readonly assembly: Assembly
  /**
   * The forward strand of a region, 1-based and inclusive, in upper case: through links to other regions, the assembly
   * and the region's own edits. `N` in gaps and beyond the region's end. On a circular region `start` may be greater
   * than `end`. The bytes are the caller's own.
   *
   * @throws FINAL where the species has no such region, or its letters, edits or links are not sound.
   */
  region: (region: number | CoreRegion, start: number, end: number) => Promise<Buffer>
}

export type CoreGenomeOptions = {
  productionName: string
  /** What is read and remembered at once: long for whole regions in their order, short for exons here and there. */
  pieceBases?: number
  /** Bytes of pieces that are remembered. */
  cacheBytes?: number
}

/** A link that leads to a link and so on: more is a circle. */
const mostLinkSteps = 8

/** @throws FINAL where the database has no such species. Specs/ensembl.md 3.2. */
export async function openCoreGenome (
  db: CoreDatabase,
  { productionName, pieceBases = 1 << 17, cacheBytes = 32 << 20 }: CoreGenomeOptions
): Promise<CoreGenome> {
  const species = await readSpecies(db, productionName)
  const regions = createRegions(db, species)
  const [links, edits, circular] = await Promise.all([
    readLinks(db, species),
    regions.attributes('_rna_edit'),
    regions.attributes('circular_seq')
  ])
  const assembly = createAssembly(db, species, regions)
  const pieces = createCache<string, Buffer>({ most: cacheBytes, sizeOf: ({ length }) => length })

  async function read (region: CoreRegion, start: number, end: number): Promise<Buffer> {
    const letters = Buffer.alloc(end - start + 1, 'N')
    const last = Math.min(end, region.length)
    for (let piece = Math.floor((start - 1) / pieceBases); piece * pieceBases < last; piece++) {
      const first = piece * pieceBases + 1
      const bytes = await pieces(
        `${region.id}:${piece}`,
        async () => await make(region, first, Math.min(first + pieceBases - 1, region.length), 0)
      )
      bytes.copy(letters, Math.max(0, first - start), Math.max(0, start - first), Math.max(0, last - first + 1))
    }
    return letters
  }

  /** Links are followed without the pieces: those of one region may depend on each other. */
  async function make (region: CoreRegion, start: number, end: number, steps: number): Promise<Buffer> {
    if (steps > mostLinkSteps) throw errors.final(`region ${region.name} is linked to itself by assembly_exception`)
    const letters = Buffer.alloc(end - start + 1, 'N')
    const linked = links.of(region)
    for (const link of linked) {
      const first = Math.max(start, link.start)
      const last = Math.min(end, link.end)
      if (first > last) continue
      const target = await regions.get(link.target)
      const targetStart = link.targetStart + first - link.start
      const targetEnd = Math.min(targetStart + last - first, target.length)
      if (targetStart <= targetEnd) letters.set(await make(target, targetStart, targetEnd, steps + 1), first - start)
    }
    for (const gap of gaps(linked, start, end)) {
      await assembly.read(region, gap.start, letters.subarray(gap.start - start, gap.end - start + 1))
    }
    if (!toUpperCase(letters)) {
      throw errors.final(`region ${region.name} has letters at ${start}..${end} that are no nucleotides`)
    }
    for (const edit of edits.get(region.id) ?? []) applyEdit(letters, start, edit, region)
    return letters
  }

  return {
    species,
    regions,
    links,
    assembly,
    region: async (given, start, end) => {
      const region = typeof given === 'number' ? await regions.get(given) : given
      if (start < 1) throw errors.final(`region ${region.name} has no base ${start}`)
      if (start <= end) return await read(region, start, end)
      if (!circular.has(region.id)) {
        throw errors.final(`region ${region.name} is not circular: it has no ${start}..${end}`)
      }
      return Buffer.concat([await read(region, start, region.length), await read(region, 1, end)])
    }
  }
}

/** In place; false where there is something else than nucleotides. */
function toUpperCase (letters: Buffer): boolean {
  let sound = 1
  for (let at = 0; at < letters.length; at++) {
    const letter = letters[at]!
    sound &= isNucleotide[letter]!
    letters[at] = upperCase[letter]!
  }
  return sound === 1
}

/** `edit` is `start end BASES`; what of it lies beyond `letters`, which begin at `offset`, is left out. */
function applyEdit (letters: Buffer, offset: number, edit: string, { name }: CoreRegion): void {
  const [, start = '', end = '', bases = ''] = /^(\d+) (\d+) ?(\S*)$/.exec(edit) ?? []
  const first = Number(start)
  if (start === '' || Number(end) - first + 1 !== bases.length) {
    throw errors.final(`region ${name} has an edit that changes its length: ${JSON.stringify(edit.slice(0, 100))}`)
  }
  const bytes = Buffer.from(bases, 'latin1')
  for (let at = Math.max(first, offset); at < Math.min(first + bytes.length, offset + letters.length); at++) {
    letters[at - offset] = bytes[at - first]!
  }
}
