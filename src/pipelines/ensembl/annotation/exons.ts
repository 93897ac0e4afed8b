import type { Feature, LeaveOut, Part, Parts } from './feature.ts'
import { saysTransSpliced } from './feature.ts'

/**
 * Whether the parts are read in the order of the file: it is said, or they lie on another strand than their
 * transcript.
 */
export function isTransSpliced (parts: readonly Part[], feature: Feature): boolean {
  return (
    saysTransSpliced(feature.attributes) ||
    parts.some(({ strand, isSpliced }) => (strand !== '.' && strand !== feature.strand) || isSpliced)
  )
}

/** By `rank`; else in file order where trans-spliced; else by coordinate in the direction of the strand. */
export function order (parts: readonly Part[], feature: Feature): Part[] {
  if (parts.every(({ rank }) => rank !== undefined)) return [...parts].sort((one, other) => one.rank! - other.rank!)
  if (isTransSpliced(parts, feature)) return [...parts]
  const direction = feature.strand === '-' ? -1 : 1
  return [...parts].sort((one, other) => direction * (one.start - other.start))
}

/**
 * The exons of a transcript in the order in which they are joined. Without exon rows, CDS and untranslated parts make
 * them; what overlaps or touches is one then. Exons that overlap are one.
 */
export function exonsOf ({ exons, cds, untranslated, stops }: Parts, feature: Feature, leaveOut: LeaveOut): Part[] {
  if (exons.length > 0) {
    for (const { type } of untranslated) leaveOut(type, 'tells what exons and CDS tell')
    const ordered = order(exons, feature)
    return isTransSpliced(exons, feature) ? ordered : unite(ordered, 0)
  }
  const made = [...cds, ...untranslated, ...stops]
  const ordered = order(made, feature)
  return isTransSpliced(made, feature) ? ordered : unite(ordered, 1)
}

/** Neighbours that overlap become one, with a reach of 1 those that touch too. */
function unite (ordered: readonly Part[], reach: number): Part[] {
  const united: Part[] = []
  for (const part of ordered) {
    const last = united.at(-1)
    if (last !== undefined && part.start <= last.end + reach && part.end >= last.start - reach) {
      united[united.length - 1] = {
        ...last,
        start: Math.min(last.start, part.start),
        end: Math.max(last.end, part.end)
      }
    } else {
      united.push(part)
    }
  }
  return united
}
