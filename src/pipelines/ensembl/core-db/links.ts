import type { CoreDatabase } from './connection.ts'
import { grouped } from './grouped.ts'
import type { CoreRegion } from './regions.ts'
import type { Species } from './species.ts'

/** 1-based and inclusive. */
export type Interval = { start: number, end: number }

/** A part of a region whose sequence is that of another region, from `targetStart` on. */
export type Link = Interval & { target: number, targetStart: number }

type ExceptionRow = {
  seq_region_id: number
  seq_region_start: number
  seq_region_end: number
  exc_type: string
  exc_seq_region_id: number
  exc_seq_region_start: number
  exc_seq_region_end: number
}

/** Pseudoautosomal regions, haplotypes and patches: what a region has of others. */
export interface Links {
  /** Sorted by start; they do not overlap. */
  of: (region: CoreRegion) => Link[]
  /** What of the region is in no link. */
  ownPieces: (region: CoreRegion) => Interval[]
  /** The type of the region's first exception, such as PAR or PATCH_FIX; undefined where it has none. */
  typeOf: (region: CoreRegion) => string | undefined
}

/** Reads all of the species at once: they are few. */
export async function readLinks (db: CoreDatabase, species: Species): Promise<Links> {
  const rows = await db.rows<ExceptionRow>(
    `SELECT e.seq_region_id, e.seq_region_start, e.seq_region_end, e.exc_type, e.exc_seq_region_id, e.exc_seq_region_start, e.exc_seq_region_end
     FROM assembly_exception e
     JOIN seq_region r ON r.seq_region_id = e.seq_region_id
     JOIN coord_system c ON c.coord_system_id = r.coord_system_id
     WHERE c.species_id = ?
     ORDER BY e.assembly_exception_id`, [species.id])
  const exceptions = grouped(rows, (row) => row.seq_region_id, (row) => row)
  const of = (region: CoreRegion): Link[] => linksFrom(exceptions.get(region.id) ?? [], region)
  return {
    of,
    ownPieces: (region) => gaps(of(region), 1, region.length),
    typeOf: ({ id }) => exceptions.get(id)?.[0]?.exc_type
  }
}

/** The parts of `start`..`end` that no interval covers; the intervals sorted by start. */
export function gaps (intervals: readonly Interval[], start: number, end: number): Interval[] {
  const found: Interval[] = []
  let next = start
  for (const interval of intervals) {
    if (interval.end < next) continue
    if (interval.start > end) break
    if (interval.start > next) found.push({ start: next, end: interval.start - 1 })
    next = interval.end + 1
  }
  if (next <= end) found.push({ start: next, end })
  return found
}

/** A PAR lists what is linked; a haplotype or patch lists what is its own, and all the rest is linked. */
function linksFrom (rows: ExceptionRow[], region: CoreRegion): Link[] {
  const links: Link[] = []
  const patches = rows
    .filter(({ exc_type: type }) => type !== 'PAR')
    .sort((one, other) => one.seq_region_end - other.seq_region_end)
  const target = patches[0]?.exc_seq_region_id
  let next = 1
  let targetNext = 1
  if (target !== undefined) {
    for (const row of patches) {
      if (row.seq_region_start > next) {
        links.push({ start: next, end: row.seq_region_start - 1, target, targetStart: targetNext })
      }
      next = row.seq_region_end + 1
      targetNext = row.exc_seq_region_end + 1
    }
    if (next <= region.length) links.push({ start: next, end: region.length, target, targetStart: targetNext })
  }
  for (const row of rows.filter(({ exc_type: type }) => type === 'PAR')) {
    links.push({
      start: row.seq_region_start,
      end: row.seq_region_end,
      target: row.exc_seq_region_id,
      targetStart: row.exc_seq_region_start
    })
  }
  return links.sort((one, other) => one.start - other.start)
}
