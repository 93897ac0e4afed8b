import { errors } from '../../../base/errors.ts'
import type { Region, Regions } from '../sequence/genome.ts'
import type { CoordSystem } from '../sequence/headers.ts'

type Given = { assembly?: string, coord_system?: string | Record<string, string> }

/** `kind` is REF or the type of an assembly exception, such as PATCH_FIX, in an Ensembl-style header. */
export type DescribedRegion = Region & { coordSystem: CoordSystem, kind: string }

export type DescribeRegion = (region: Region) => DescribedRegion

const word = /^[A-Za-z][A-Za-z0-9_]*$/
const ensemblHeader = /^dna(?:_sm|_rm)?:\S+ ([^\s:]+):([^\s:]*):(\S+):\d+:\d+:-?1(?:\s+(\S+))?$/

/**
 * Says of a region what its headers and files are named by. What the event gives comes first, then an Ensembl-style
 * FASTA header, then the annotation, whose version is `noted`, then `primary_assembly`. Specs/ensembl.md 4.
 *
 * @throws INPUT_REFUSED where nothing tells the assembly.
 */
export function describeRegions (
  regions: Regions,
  given: Given,
  noted: string | undefined
): { assembly: string, describe: DescribeRegion } {
  const assembly = given.assembly ?? findVersion(regions) ?? noted
  if (assembly === undefined) {
    throw errors.inputRefused('data/assembly', 'is required: neither the FASTA headers nor the GFF3 tell it')
  }
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(assembly)) {
    throw errors.inputRefused('data/assembly', `cannot be ${JSON.stringify(assembly)}, as the input tells it`)
  }
  const words = givenNames(given)
  return {
    assembly,
    describe: (region) => {
      const header = readHeader(region)
      const ofAnnotation = region.word !== undefined && word.test(region.word) ? region.word : 'primary_assembly'
      return {
        ...region,
        coordSystem: { name: words(region.name) ?? header?.coordSystem ?? ofAnnotation, version: assembly },
        kind: header?.kind ?? 'REF'
      }
    }
  }
}

/** Whether the FASTA headers and the event leave it to a GFF3 to tell something. */
export function needsNotes (regions: Regions, given: Given): boolean {
  const words = givenNames(given)
  for (const region of regions.values()) {
    if (words(region.name) === undefined && readHeader(region) === undefined) {
      return true
    }
  }
  return false
}

function findVersion (regions: Regions): string | undefined {
  for (const region of regions.values()) {
    const version = readHeader(region)?.version
    if (version !== undefined) return version
  }
  return undefined
}

function givenNames ({ coord_system: given }: Given): (region: string) => string | undefined {
  if (typeof given !== 'object') return () => given
  const words = new Map(Object.entries(given))
  return (region) => words.get(region)
}

function readHeader ({
  name,
  description
}: Region): { coordSystem: string, version: string | undefined, kind: string } | undefined {
  if (!description.startsWith('dna')) return undefined
  const [, coordSystem = '', version = '', region, kind = 'REF'] = ensemblHeader.exec(description) ?? []
  if (region !== name || !word.test(coordSystem)) return undefined
  return { coordSystem, version: version === '' ? undefined : version, kind }
}
