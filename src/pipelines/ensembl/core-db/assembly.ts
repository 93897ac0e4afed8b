import { reverseComplement } from '../sequence/letters.ts'
import type { CoreDatabase } from './connection.ts'
import type { CoreRegion, Regions } from './regions.ts'
import type { CoreCoordSystem, Species } from './species.ts'

type AssemblyRow = {
  cmp_seq_region_id: number
  asm_start: number
  asm_end: number
  cmp_start: number
  cmp_end: number
  ori: number
}

/** `count` bases of a component from `start` on, to be put at `at`. */
type Part = { component: number, start: number, count: number, at: number, isReversed: boolean }

const partsPerQuestion = 64

/** `start`..`end` of a component, which stands in a region from `at` on. */
export type Step = { component: CoreRegion, start: number, end: number, at: number, isReversed: boolean }

export interface Assembly {
  /**
   * Fills `letters` with the region's bases from `start` on, as the dna table has them by way of the assembly; what is
   * in no component is left as it is.
   */
  read: (region: CoreRegion, start: number, letters: Buffer) => Promise<void>
  /** The components of a region that are themselves made of components; none where its assembly is of one step. */
  steps: (region: CoreRegion) => Promise<Step[]>
}

export function createAssembly (db: CoreDatabase, species: Species, regions: Regions): Assembly {
  const componentSystem = createComponentSystems(species)

  async function assemble (region: CoreRegion, start: number, letters: Buffer): Promise<void> {
    if (region.coordSystem.isSequenceLevel) {
      return await readDna(
        db,
        [{ component: region.id, start, count: letters.length, at: 0, isReversed: false }],
        letters
      )
    }
    const system = componentSystem(region.coordSystem)
    if (system === undefined) return
    const parts = await readParts(db, { region, system, start, end: start + letters.length - 1 })
    if (system.isSequenceLevel) {
      for (let from = 0; from < parts.length; from += partsPerQuestion) {
        await readDna(db, parts.slice(from, from + partsPerQuestion), letters)
      }
      return
    }
    for (const { component, start, count, at, isReversed } of parts) {
      const piece = Buffer.alloc(count, 'N')
      await assemble(await regions.get(component), start, piece)
      letters.set(isReversed ? reverseComplement(piece) : piece, at)
    }
  }

  return {
    read: assemble,
    steps: async (region) => {
      const system = region.coordSystem.isSequenceLevel ? undefined : componentSystem(region.coordSystem)
      if (system === undefined || system.isSequenceLevel) return []
      const parts = await readParts(db, { region, system, start: 1, end: region.length })
      return await Promise.all(parts.map(async ({ component, start, count, at, isReversed }) =>
        ({ component: await regions.get(component), start, end: start + count - 1, at: at + 1, isReversed })))
    }
  }
}

async function readParts (
  db: CoreDatabase,
  { region, system, start, end }: { region: CoreRegion, system: CoreCoordSystem, start: number, end: number }
): Promise<Part[]> {
  const rows = await db.rows<AssemblyRow>(
    `SELECT a.cmp_seq_region_id, a.asm_start, a.asm_end, a.cmp_start, a.cmp_end, a.ori
     FROM assembly a JOIN seq_region r ON r.seq_region_id = a.cmp_seq_region_id
     WHERE a.asm_seq_region_id = ? AND r.coord_system_id = ? AND a.asm_start <= ? AND a.asm_end >= ?
     ORDER BY a.asm_start`,
    [region.id, system.id, end, start]
  )
  return rows.map((row) => {
    const first = Math.max(start, row.asm_start)
    const last = Math.min(end, row.asm_end)
    const isReversed = row.ori === -1
    return {
      component: row.cmp_seq_region_id,
      start: isReversed ? row.cmp_end - (last - row.asm_start) : row.cmp_start + (first - row.asm_start),
      count: last - first + 1,
      at: first - start,
      isReversed
    }
  })
}

/** A part that the table does not have, or not in whole, stays as it is in `letters`. */
async function readDna (db: CoreDatabase, parts: Part[], letters: Buffer): Promise<void> {
  if (parts.length === 0) return
  // A cast, because it then comes as bytes and is not decoded.
  const statement = parts
    .map(
      (_, index) =>
        `SELECT ${index} AS part, CAST(SUBSTRING(sequence, ?, ?) AS BINARY) AS letters FROM dna WHERE seq_region_id = ?`
    )
    .join(' UNION ALL ')
  const rows = await db.rows<{ part: number, letters: Buffer }>(
    statement,
    parts.flatMap(({ start, count, component }) => [start, count, component])
  )
  for (const { part, letters: found } of rows) {
    const { count, at, isReversed } = parts[part]!
    if (isReversed) letters.set(reverseComplement(found), at + count - found.length)
    else letters.set(found, at)
  }
}

/**
 * Which coordinate system the assembly of another is read on: the next on the shortest way to the sequence level, as
 * `assembly.mapping` tells the ways; the sequence level itself where it tells none.
 */
function createComponentSystems ({
  coordSystems,
  meta
}: Species): (system: CoreCoordSystem) => CoreCoordSystem | undefined {
  const find = (text: string): CoreCoordSystem | undefined => {
    const [name = '', version] = text.split(':')
    return coordSystems.find(
      (system) => system.name === name && (version === undefined || system.version === version)
    )
  }
  const steps = meta('assembly.mapping').flatMap((mapping) => {
    const names = mapping.split(/[#|]/)
    return names.slice(1).map((name, index) => [find(names[index]!), find(name)] as const)
  })
  const sequenceLevel = coordSystems.find(({ isSequenceLevel }) => isSequenceLevel)
  return (from) => {
    const seen = new Set([from])
    let ways = steps.filter(([one]) => one === from).map(([, next]) => ({ first: next, last: next }))
    while (ways.length > 0) {
      const found = ways.find(({ last }) => last?.isSequenceLevel === true)
      if (found !== undefined) return found.first
      ways = ways.flatMap(({ first, last }) => {
        if (last === undefined || seen.has(last)) return []
        seen.add(last)
        return steps.filter(([one]) => one === last).map(([, next]) => ({ first, last: next }))
      })
    }
    return sequenceLevel
  }
}
