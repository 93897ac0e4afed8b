import type { Span, Translation } from '../sequence/gene.ts'
import { readAttribute, readValue, readXrefs } from './attributes.ts'
import { isTransSpliced, order } from './exons.ts'
import type { Feature, LeaveOut, Part, Parts } from './feature.ts'
import type { Names } from './names.ts'
import { readTranslExcept } from './transl-except.ts'

export type CodingOptions = { names: Names, leaveOut: LeaveOut }

/**
 * The translation of a transcript. Rows of one ID are one CDS. Rows with an ID each are one CDS too where they do not
 * overlap; those that overlap are several, of which the first in the file is taken and the others are counted.
 */
export function readTranslation (parts: Parts, feature: Feature, { names, leaveOut }: CodingOptions): Translation {
  const rows = chooseRows(parts.cds, feature, leaveOut)
  const ordered = order(withStop(rows, parts.stops, leaveOut), feature)
  const coding = toSpans(ordered, feature)
  // The phases of a trans-spliced CDS are not to be trusted.
  const prefix = isTransSpliced(rows, feature) ? 0 : (3 - ordered[0]!.phase) % 3
  const excepts = [...new Set(rows.flatMap(({ attributes }) => readExcepts(attributes)))]
  for (const { start, end } of parts.selenocysteines) excepts.push(`(pos:${start}..${end},aa:Sec)`)
  const table = rows
    .map(({ attributes }) =>
      attributes.includes('transl_table') ? readValue(attributes, 'transl_table') : undefined
    )
    .find((value) => value !== undefined)
  return {
    id: nameOf(rows, feature, names),
    coding,
    prefix,
    codonTable: table === undefined ? undefined : Number(table),
    isPartial: isPartialStart(rows, feature) || undefined,
    xrefs: readXrefs(...rows.map(({ attributes }) => attributes)),
    edits: excepts.map((except) => readTranslExcept(except, coding, prefix)).filter((edit) => edit !== undefined)
  }
}

/** A part without a strand is on that of its transcript. */
export function toSpans (parts: readonly Part[], feature: Feature): Span[] {
  return parts.map(({ region, start, end, strand }) =>
    ({ region, start, end, strand: (strand === '.' ? feature.strand : strand) === '-' ? -1 : 1 }))
}

type Group = { id: string | undefined, protein: string | undefined, rows: Part[] }

function chooseRows (cds: readonly Part[], feature: Feature, leaveOut: LeaveOut): Part[] {
  const groups = new Map<string | undefined, Group>()
  for (const row of cds) {
    const id = readValue(row.attributes, 'ID')
    const known = groups.get(id)
    if (known?.rows.some((other) => isSame(row, other)) === true) leaveOut(row.type, 'repeats another row')
    else if (known === undefined) groups.set(id, { id, protein: readValue(row.attributes, 'protein_id'), rows: [row] })
    else known.rows.push(row)
  }
  const [first, ...others] = groups.values()
  const chosen = [...first!.rows]
  for (const group of others) {
    if (belongsTo(first!, group, feature) && !overlap(chosen, group.rows)) chosen.push(...group.rows)
    else for (const { type } of group.rows) leaveOut(type, 'is of another translation of its transcript')
  }
  return chosen
}

/** Where an ID has several rows, IDs tell CDS apart, unless the phases go on from one to the other. */
function belongsTo (first: Group, other: Group, feature: Feature): boolean {
  if (first.protein !== undefined && other.protein !== undefined && first.protein !== other.protein) return false
  if (first.rows.length === 1 && other.rows.length === 1) return true
  let bases = 0
  return order([...first.rows, ...other.rows], feature).every(({ start, end, phase }, index) => {
    const isExpected = index === 0 || phase === (3 - bases % 3) % 3
    bases += end - start + 1 - (index === 0 ? phase : 0)
    return isExpected
  })
}

function isSame (one: Part, other: Part): boolean {
  return (
    one.start === other.start && one.end === other.end && one.region === other.region && one.strand === other.strand
  )
}

function overlap (some: readonly Part[], others: readonly Part[]): boolean {
  return others.some((one) =>
    some.some((other) => one.region === other.region && one.start <= other.end && one.end >= other.start)
  )
}

/** GTF leaves the stop codon out of the CDS: it is put where it lies. */
function withStop (rows: readonly Part[], stops: readonly Part[], leaveOut: LeaveOut): Part[] {
  const added: Part[] = []
  for (const stop of stops) {
    const end = rows.find((row) => row.region === stop.region && row.start <= stop.end && row.end >= stop.start)
    if (end === undefined) added.push(stop)
    else if (stop.start < end.start) added.push({ ...stop, end: end.start - 1 })
    else if (stop.end > end.end) added.push({ ...stop, start: end.end + 1 })
    else leaveOut(stop.type, 'is part of the CDS')
  }
  return added.length === 0 ? [...rows] : [...rows, ...added.map((stop) => ({ ...stop, rank: undefined }))]
}

/** The comma inside the value may or may not be escaped. */
function readExcepts (attributes: string): string[] {
  if (!attributes.includes('transl_except')) return []
  const value = readAttribute(attributes, 'transl_except')?.join(',') ?? ''
  return [...value.matchAll(/\(pos:.*?aa:\w+\)/g)].map(([except]) => except)
}

/**
 * Whether the CDS begins before its sequence does: NCBI's `start_range` and `end_range` tell the side, Prodigal's
 * `partial=10` too. What says `partial` alone keeps its first codon as well.
 */
function isPartialStart (rows: readonly Part[], { strand }: Feature): boolean {
  return rows.some(({ attributes }) => {
    if (!attributes.includes('partial') && !attributes.includes('_range')) return false
    const left = readAttribute(attributes, 'start_range')?.[0] === '.'
    const right = readAttribute(attributes, 'end_range')?.[1] === '.'
    const partial = readValue(attributes, 'partial') ?? ''
    if (/^[01]{2}$/.test(partial)) return partial[strand === '-' ? 1 : 0] === '1'
    if (left || right) return strand === '-' ? right : left
    return partial.toLowerCase() === 'true'
  })
}

/** Rows with an ID each name no translation, unless they name its protein. */
function nameOf (rows: readonly Part[], feature: Feature, names: Names): string {
  const withProtein = rows.find(({ attributes }) => readValue(attributes, 'protein_id') !== undefined)
  if (withProtein !== undefined) return names.of(withProtein.attributes, 'protein')
  const ids = new Set(rows.map(({ attributes }) => readValue(attributes, 'ID')))
  const [id] = ids
  return ids.size > 1 || id === undefined
    ? names.of(feature.ownTranscript ?? feature.attributes, 'transcript')
    : names.of(rows[0]!.attributes, 'protein')
}
