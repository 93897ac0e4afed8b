import type { Interval } from '../core-db/links.ts'
import type { CoreRegion } from '../core-db/regions.ts'
import { createMask } from '../core-db/repeats.ts'
import { readToplevel } from '../core-db/toplevel.ts'
import type { ToplevelRegion } from '../core-db/toplevel.ts'
import { errors } from '../../../base/errors.ts'
import type { CoreSource } from '../core-database.ts'
import { isFileName, levelOf, toLevels } from './levels.ts'
import type { DnaRecord, DnaSource, Level } from './levels.ts'
import type { DumpDnaDatabaseParams } from '../params.ts'

/** `pieces` are read, everything else of the record is N. */
type CoreRecord = DnaRecord & {
  region: CoreRegion
  pieces: Interval[]
  karyotypeRank: number | undefined
  isReference: boolean
}

/** What of human Y is neither pseudoautosomal nor in a gap, on GRCh38. */
const humanY = { start: 2_781_480, end: 56_887_902 }

/** @throws FINAL where the name of a chromosome cannot be part of a file's name. Specs/ensembl.md 3.3. */
export async function databaseSource (
  { db, genome, genomeName, assembly }: CoreSource,
  { par_mode: parMode = 'single' }: DumpDnaDatabaseParams,
  log: (line: string) => void
): Promise<DnaSource<CoreRecord>> {
  const isHuman = genomeName === 'homo_sapiens'
  if (isHuman && assembly !== 'GRCh38') log(`warning: ${assembly} is not GRCh38: all pieces of Y are dumped`)
  const dropsOfY = isHuman && assembly === 'GRCh38'
  const toplevel = (await readToplevel(db, genome)).map((one) => dropsOfY && one.region.name === 'Y'
    ? { ...one, pieces: one.pieces.filter(({ start, end }) => end >= humanY.start && start <= humanY.end) }
    : one)
  const records = toplevel.flatMap((one) => toRecords(one, parMode)).sort((one, other) => longest(other) - longest(one))
  const mask = await createMask(db, genome)
  const levels = toLevels(arrangeChromosomes(records, genome.species.coordSystems[0]!.name), {
    alt: levelOf(
      'alt',
      records.filter(({ isReference }) => !isReference)
    ),
    nonchromosomal: levelOf(
      'nonchromosomal',
      records.filter(({ isReference, karyotypeRank }) => isReference && karyotypeRank === undefined)
    )
  })
  return {
    regions: new Set(records.map(({ region }) => region)).size,
    bases: levels.flatMap((level) => [...level.records()]).reduce((sum, { length }) => sum + length, 0),
    // A patch may be in a chromosome's file and in that of the patches.
    repeatsIds: true,
    levels,
    read: async ({ region, pieces }, start, end) => {
      const letters = Buffer.alloc(end - start + 1, 'N')
      for (const piece of pieces) {
        const first = Math.max(start, piece.start)
        const last = Math.min(end, piece.end)
        if (first > last) continue
        const found = await genome.region(region, first, last)
        await mask(region, first, found)
        if (found.length === letters.length) return found
        letters.set(found, first - start)
      }
      return letters
    }
  }
}

/** One record, or with `upstream` one for each piece. */
function toRecords ({ region, pieces, ...rest }: ToplevelRegion, parMode: 'single' | 'upstream'): CoreRecord[] {
  const { name, length, coordSystem } = region
  const groups = parMode === 'single' ? [pieces] : pieces.map((piece) => [piece])
  return groups.filter((group) => group.length > 0).map((group) => ({
    ...rest,
    region,
    name,
    length,
    coordSystem,
    start: rest.isReference ? group[0]!.start : 1,
    end: rest.isReference ? group.at(-1)!.end : length,
    pieces: group
  }))
}

function longest ({ pieces }: CoreRecord): number {
  return Math.max(...pieces.map(({ start, end }) => end - start))
}

/** A file for each, in the order of the karyotype; those of one rank by the names of their files. */
function arrangeChromosomes (records: CoreRecord[], systemName: string): Array<Level<CoreRecord>> {
  const levels = new Map<string, { name: string, rank: number, records: CoreRecord[] }>()
  for (const record of records) {
    if (record.karyotypeRank === undefined) continue
    if (!isFileName(record.name)) {
      throw errors.final(
        `region ${JSON.stringify(record.name)} has a karyotype_rank, and its name cannot be part of a file name`
      )
    }
    const level = levels.get(record.name) ?? {
      name: `${systemName}.${record.name}`,
      rank: record.karyotypeRank,
      records: []
    }
    level.records.push(record)
    levels.set(record.name, level)
  }
  return [...levels.values()].sort((one, other) => one.rank - other.rank || (one.name < other.name ? -1 : 1))
    .map(({ name, records: own }) => levelOf(name, own))
}
