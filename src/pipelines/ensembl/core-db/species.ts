import { errors } from '../../../base/errors.ts'
import type { CoreDatabase } from './connection.ts'
import { grouped } from './grouped.ts'

/** `version` is empty for a coordinate system without one, such as contig. */
export type CoreCoordSystem = { id: number, name: string, version: string, rank: number, isSequenceLevel: boolean }

/** One species of a core database. */
export type Species = {
  id: number
  productionName: string
  /** By rank, the assembly's own first. */
  coordSystems: CoreCoordSystem[]
  /** The values of a key of its meta table, in their order; empty where there is none. */
  meta: (key: string) => string[]
  /** Whether the database holds others beside it. */
  isOneOfSeveral: boolean
}

/** One for each species of the database. */
export async function readProductionNames (db: CoreDatabase): Promise<string[]> {
  return (await readNamed(db)).map(({ meta_value: name }) => name)
}

async function readNamed (db: CoreDatabase): Promise<Array<{ species_id: number, meta_value: string }>> {
  return await db.rows(
    "SELECT species_id, meta_value FROM meta WHERE meta_key = 'species.production_name' AND species_id IS NOT NULL"
  )
}

/** @throws FINAL where the database has no such species, or more than one of that name. */
export async function readSpecies (db: CoreDatabase, productionName: string): Promise<Species> {
  const named = await readNamed(db)
  const own = named.filter(({ meta_value: name }) => name === productionName)
  if (own.length !== 1) {
    throw errors.final(
      `core database ${db.name} has ${own.length === 0 ? 'no' : 'more than one'} species ${productionName}`
    )
  }
  const id = own[0]!.species_id
  const pairs = await db.rows<{ meta_key: string, meta_value: string }>(
    'SELECT meta_key, meta_value FROM meta WHERE species_id = ? ORDER BY meta_id',
    [id]
  )
  const meta = grouped(pairs, (row) => row.meta_key, (row) => row.meta_value)
  const coordSystems = await db.rows<{
    coord_system_id: number
    name: string
    version: string | null
    rank: number
    attrib: string | null
  }>('SELECT coord_system_id, name, version, `rank`, attrib FROM coord_system WHERE species_id = ? ORDER BY `rank`', [
    id
  ])
  if (coordSystems.length === 0) {
    throw errors.final(`core database ${db.name} has no coordinate system for ${productionName}`)
  }
  return {
    id,
    productionName,
    coordSystems: coordSystems.map(({ coord_system_id: id, name, version, rank, attrib }) => ({
      id,
      name,
      version: version ?? '',
      rank,
      isSequenceLevel: (attrib ?? '').split(',').includes('sequence_level')
    })),
    meta: (key) => meta.get(key) ?? [],
    isOneOfSeveral: named.length > 1
  }
}
