import { errors } from '../../../base/errors.ts'
import type { Region } from '../sequence/genome.ts'
import type { RegionNotes } from '../sequence/gff3-annotation.ts'
import type { CoordSystem } from '../sequence/headers.ts'

type Given = { assembly?: string, coord_system?: string | Record<string, string> }

/** `kind` is REF or the type of an assembly exception, such as PATCH_FIX, in an Ensembl-style header. */
export type DescribedRegion = Region & { coordSystem: CoordSystem, kind: string }

const chromosomeWords = new Set(['chromosome', 'group', 'linkage_group'])
const word = /^[A-Za-z][A-Za-z0-9_]*$/
const ensemblHeader = /^dna(?:_sm|_rm)?:\S+ ([^\s:]+):([^\s:]*):(\S+):\d+:\d+:-?1(?:\s+(\S+))?$/

/**
 * Says of each region what its headers and files are named by. What the event gives comes first, then an Ensembl-style
 * FASTA header, then the GFF3, then `primary_assembly`. Specs/ensembl.md 4.
 *
 * @throws INPUT_REFUSED where nothing tells the assembly.
 */
export function describeRegions (regions: Iterable<Region>, given: Given, notes: RegionNotes): { assembly: string, regions: DescribedRegion[] } {
  const headers = new Map([...regions].map((region) => [region, readHeader(region)]))
  const told = [...headers.values()].find((header) => header?.version !== undefined)?.version
  const assembly = given.assembly ?? told ?? notes.version
  if (assembly === undefined) throw errors.inputRefused('data/assembly', 'is required: neither the FASTA headers nor the GFF3 tell it')
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(assembly)) throw errors.inputRefused('data/assembly', `cannot be ${JSON.stringify(assembly)}, as the input tells it`)
  return {
    assembly,
    regions: [...headers].map(([region, header]) => {
      const noted = notes.coordSystems.get(region.name)
      const name = givenName(given, region.name) ?? header?.coordSystem ?? (noted !== undefined && word.test(noted) ? noted : 'primary_assembly')
      return { ...region, coordSystem: { name, version: assembly }, kind: header?.kind ?? 'REF' }
    })
  }
}

/** Whether the FASTA headers and the event leave it to a GFF3 to tell something. */
export function needsNotes (regions: Iterable<Region>, given: Given): boolean {
  return [...regions].some((region) => givenName(given, region.name) === undefined && readHeader(region) === undefined)
}

/**
 * Whether the region has a file of its own.
 *
 * @throws INPUT_REFUSED where its name cannot be part of a file's name.
 */
export function isChromosome ({ name, coordSystem }: DescribedRegion): boolean {
  if (!chromosomeWords.has(coordSystem.name)) return false
  if (!/^[A-Za-z0-9_][A-Za-z0-9._+-]{0,79}$/.test(name)) throw errors.inputRefused('data/fasta', `has a chromosome whose name cannot be part of a file name: ${JSON.stringify(name)}`)
  return true
}

function givenName ({ coord_system: given }: Given, region: string): string | undefined {
  return typeof given === 'object' ? new Map(Object.entries(given)).get(region) : given
}

function readHeader ({ name, description }: Region): { coordSystem: string, version: string | undefined, kind: string } | undefined {
  const [, coordSystem = '', version = '', region, kind = 'REF'] = ensemblHeader.exec(description) ?? []
  if (region !== name || !word.test(coordSystem)) return undefined
  return { coordSystem, version: version === '' ? undefined : version, kind }
}
