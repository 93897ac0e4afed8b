import type { CoreDatabase } from './connection.ts'
import { createCache } from './cache.ts'
import type { CoreGenome } from './genome.ts'
import type { Interval } from './links.ts'
import type { CoreRegion } from './regions.ts'

type RepeatRow = { start: number, end: number }

/** Puts what repeats cover of `letters`, which begin at `start` of the region, into lower case. */
export type Mask = (region: CoreRegion, start: number, letters: Buffer) => Promise<void>

const keptBytes = 32 << 20

/**
 * The repeats are those of the analyses that meta `repeat.analysis` names; without any nothing is masked. They lie on
 * the region itself or on its components. Specs/ensembl.md 3.3.5.
 */
export async function createMask (db: CoreDatabase, { species, assembly }: CoreGenome): Promise<Mask> {
  const names = new Set(species.meta('repeat.analysis'))
  const known = await db.rows<{ id: number, name: string }>(
    'SELECT analysis_id AS id, logic_name AS name FROM analysis'
  )
  const analyses = known.filter(({ name }) => names.has(name)).map(({ id }) => id)
  if (analyses.length === 0) return async () => {}
  const placed = await db.rows<{ id: number }>(
    "SELECT coord_system_id AS id FROM meta_coord WHERE table_name = 'repeat_feature'"
  )
  const source: Source = { db, species, assembly, analyses, systems: new Set(placed.map(({ id }) => id)) }
  const cached = createCache<number, Repeats>({ most: keptBytes, sizeOf: ({ ends }) => 8 * ends.length + 100 })
  return async (region, start, letters) => {
    const repeats = await cached(region.id, async () => {
      const gathered = createGatherer()
      for await (const repeat of ownRepeats(source, region)) gathered.add(repeat)
      for await (const repeat of repeatsOfComponents(source, region)) gathered.add(repeat)
      return gathered.merged()
    })
    lowerCase(letters, start, repeats)
  }
}

type Source = Pick<CoreGenome, 'species' | 'assembly'> & {
  db: CoreDatabase
  /** Ids of the analyses whose repeats are masked. */
  analyses: number[]
  /** Ids of the coordinate systems on which repeats lie. */
  systems: ReadonlySet<number>
}

const featuresOf = ({ analyses }: Source): string =>
  `repeat_feature f JOIN repeat_consensus n ON n.repeat_consensus_id = f.repeat_consensus_id
   AND f.analysis_id IN (${analyses.join(', ')})`

async function * ownRepeats (source: Source, { id, coordSystem }: CoreRegion): AsyncGenerator<RepeatRow> {
  if (!source.systems.has(coordSystem.id)) return
  yield * source.db.stream<RepeatRow>(
    `SELECT f.seq_region_start AS start, f.seq_region_end AS end FROM ${featuresOf(source)}
     WHERE f.seq_region_id = ? ORDER BY f.seq_region_start`, [id])
}

/** One that reaches beyond what is used of its component is left out. */
async function * repeatsOfComponents (source: Source, region: CoreRegion): AsyncGenerator<RepeatRow> {
  const { db, species, assembly, systems } = source
  for (const system of species.coordSystems) {
    if (system === region.coordSystem || !systems.has(system.id)) continue
    yield * db.stream<RepeatRow>(
      `SELECT IF(a.ori = -1, a.asm_start + a.cmp_end - f.seq_region_end,
                             a.asm_start + f.seq_region_start - a.cmp_start) AS start,
              IF(a.ori = -1, a.asm_start + a.cmp_end - f.seq_region_start,
                             a.asm_start + f.seq_region_end - a.cmp_start) AS end
       FROM assembly a
       JOIN seq_region r ON r.seq_region_id = a.cmp_seq_region_id
       JOIN ${featuresOf(source)} ON f.seq_region_id = a.cmp_seq_region_id
       WHERE a.asm_seq_region_id = ? AND r.coord_system_id = ?
         AND f.seq_region_start >= a.cmp_start AND f.seq_region_end <= a.cmp_end`, [region.id, system.id])
  }
  // On the way to the sequence level there may be components of components.
  for (const { component, start, end, at, isReversed } of await assembly.steps(region)) {
    for await (const repeat of repeatsOfComponents(source, component)) {
      if (repeat.start < start || repeat.end > end) continue
      yield isReversed
        ? { start: at + end - repeat.end, end: at + end - repeat.start }
        : { start: at + repeat.start - start, end: at + repeat.end - start }
    }
  }
}

/** Sorted, and none touches another; plain numbers, because a chromosome has a million. */
type Repeats = { starts: Int32Array, ends: Int32Array }

function createGatherer () {
  let starts = new Int32Array(64)
  let ends = new Int32Array(64)
  let count = 0
  return {
    add: ({ start, end }: Interval) => {
      if (count === starts.length) {
        const [fewerStarts, fewerEnds] = [starts, ends]
        starts = new Int32Array(count * 2)
        ends = new Int32Array(count * 2)
        starts.set(fewerStarts)
        ends.set(fewerEnds)
      }
      starts[count] = start
      ends[count++] = end
    },
    merged: (): Repeats => {
      const order = Uint32Array.from({ length: count }, (_, index) => index).sort(
        (one, other) => starts[one]! - starts[other]!
      )
      const merged = { starts: new Int32Array(count), ends: new Int32Array(count) }
      let last = -1
      for (const index of order) {
        if (last >= 0 && starts[index]! <= merged.ends[last]! + 1) {
          merged.ends[last] = Math.max(merged.ends[last]!, ends[index]!)
        } else {
          merged.starts[++last] = starts[index]!
          merged.ends[last] = ends[index]!
        }
      }
      return { starts: merged.starts.slice(0, last + 1), ends: merged.ends.slice(0, last + 1) }
    }
  }
}

function lowerCase (letters: Buffer, offset: number, { starts, ends }: Repeats): void {
  const last = offset + letters.length - 1
  let low = 0
  for (let high = ends.length; low < high;) {
    const middle = (low + high) >> 1
    if (ends[middle]! < offset) low = middle + 1
    else high = middle
  }
  for (let index = low; index < starts.length && starts[index]! <= last; index++) {
    const to = Math.min(ends[index]!, last) - offset
    for (let at = Math.max(starts[index]!, offset) - offset; at <= to; at++) letters[at] = letters[at]! | 0x20
  }
}
