import type { CoreDatabase } from './connection.ts'
import type { CoreGenome } from './genome.ts'
import type { Interval } from './links.ts'
import type { CoreRegion, RegionRow } from './regions.ts'

/** A region that stands for itself in a dump of the genome. */
export type ToplevelRegion = {
  region: CoreRegion
  /** What of it is no other region's, by start; never empty. */
  pieces: Interval[]
  /** Undefined for what is no chromosome. */
  karyotypeRank: number | undefined
  isReference: boolean
  /** REF, or the type of the first exception of what is no reference: empty where the database tells none. */
  kind: string
}

/** In the order of their ids; without Locus Reference Genomic records, and without regions that are all linked. */
export async function readToplevel (
  db: CoreDatabase,
  { species, regions, links }: CoreGenome
): Promise<ToplevelRegion[]> {
  const [nonReference, karyotype, lrg] = await Promise.all(
    ['non_ref', 'karyotype_rank', 'LRG'].map(async (code) => await regions.attributes(code))
  )
  const withExceptions = new Set(
    (
      await db.rows<{ id: number }>(
        "SELECT coord_system_id AS id FROM meta_coord WHERE table_name = 'assembly_exception'"
      )
    ).map(({ id }) => id)
  )
  const rows = db.stream<RegionRow>(
    `SELECT DISTINCT r.seq_region_id, r.name, r.length, r.coord_system_id
     FROM seq_region r
     JOIN coord_system c ON c.coord_system_id = r.coord_system_id
     JOIN seq_region_attrib a ON a.seq_region_id = r.seq_region_id
     JOIN attrib_type t ON t.attrib_type_id = a.attrib_type_id
     WHERE t.code = 'toplevel' AND c.species_id = ?
     ORDER BY r.seq_region_id`,
    [species.id]
  )
  const found: ToplevelRegion[] = []
  for await (const row of rows) {
    if (lrg!.has(row.seq_region_id)) continue
    const region = regions.fromRow(row)
    const pieces = links.ownPieces(region)
    if (pieces.length === 0) continue
    const isReference = !nonReference!.has(region.id)
    const rank = karyotype!.get(region.id)?.[0]
    found.push({
      region,
      pieces,
      karyotypeRank: rank === undefined ? undefined : Number(rank),
      isReference,
      kind: isReference ? 'REF' : withExceptions.has(region.coordSystem.id) ? (links.typeOf(region) ?? '') : ''
    })
  }
  return found
}
