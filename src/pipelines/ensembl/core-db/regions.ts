import { errors } from '../../../base/errors.ts'
import { createCache } from './cache.ts'
import type { CoreDatabase } from './connection.ts'
import { grouped } from './grouped.ts'
import type { CoreCoordSystem, Species } from './species.ts'

export type CoreRegion = { id: number, name: string, length: number, coordSystem: CoreCoordSystem }

export type RegionRow = { seq_region_id: number, name: string, length: number, coord_system_id: number }

/** The regions of one species. */
export interface Regions {
  /** @throws FINAL where the species has no such region. */
  get: (id: number) => Promise<CoreRegion>
  fromRow: (row: RegionRow) => CoreRegion
  /** Region → the values of one of its attributes, by the attribute's code; regions without it are not there. */
  attributes: (code: string) => Promise<Map<number, string[]>>
}

const keptRegions = 20_000

export function createRegions (db: CoreDatabase, species: Species): Regions {
  const coordSystems = new Map(species.coordSystems.map((coordSystem) => [coordSystem.id, coordSystem]))
  const fromRow = ({ seq_region_id: id, name, length, coord_system_id: coordSystemId }: RegionRow): CoreRegion => {
    const coordSystem = coordSystems.get(coordSystemId)
    if (coordSystem === undefined) {
      throw errors.final(`region ${name} of core database ${db.name} is not of ${species.productionName}`)
    }
    return { id, name, length, coordSystem }
  }
  const cached = createCache<number, CoreRegion>({ most: keptRegions, sizeOf: () => 1 })
  return {
    fromRow,
    get: async (id) => await cached(id, async () => {
      const [row] = await db.rows<RegionRow>(
        'SELECT seq_region_id, name, length, coord_system_id FROM seq_region WHERE seq_region_id = ?',
        [id]
      )
      if (row === undefined) throw errors.final(`core database ${db.name} has no seq_region ${id}`)
      return fromRow(row)
    }),
    attributes: async (code) => {
      const rows = await db.rows<{ seq_region_id: number, value: string }>(
        `SELECT a.seq_region_id, a.value
         FROM seq_region_attrib a
         JOIN attrib_type t ON t.attrib_type_id = a.attrib_type_id
         JOIN seq_region r ON r.seq_region_id = a.seq_region_id
         JOIN coord_system c ON c.coord_system_id = r.coord_system_id
         WHERE t.code = ? AND c.species_id = ?`, [code, species.id])
      return grouped(rows, (row) => row.seq_region_id, (row) => row.value)
    }
  }
}
