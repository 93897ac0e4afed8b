import { errors } from '../../../base/errors.ts'
import { readAttribute, readValue } from './attributes.ts'
import { saysTransSpliced } from './feature.ts'
import type { Feature, LeaveOut, Part, Parts } from './feature.ts'
import type { Gff3Row } from './rows.ts'
import { kindOf } from './row-kinds.ts'
import type { PartKind } from './row-kinds.ts'

/** Rows that belong together, by ID: features in the order of their first rows, and what lies in them. */
export type Annotation = {
  features: Map<string, Feature>
  parts: Map<string, Parts>
  /** IDs that rows name as their parent and that no row has. */
  missing: Set<string>
}

export type AnnotationOptions = { field: string, leaveOut: LeaveOut }

type State = Annotation & AnnotationOptions

/**
 * Puts rows together, in whatever order they come. A row whose parents are all missing makes a transcript of their
 * ID; a CDS without a parent is a gene of its own.
 *
 * @throws INPUT_REFUSED, naming line and ID, where one ID stands for two things.
 */
export function gatherRows (rows: Iterable<Gff3Row>, options: AnnotationOptions): Annotation {
  const state: State = { features: new Map(), parts: new Map(), missing: new Set(), ...options }
  const orphans: Gff3Row[] = []
  const held: Gff3Row[] = []
  for (const row of rows) {
    if (kindOf(row.type) === 'feature') addFeature(state, row)
    else held.push(row)
  }
  for (const row of held) if (!addPart(state, row)) orphans.push(row)
  for (const row of orphans) adopt(state, row)
  return state
}

function addFeature (state: State, row: Gff3Row): void {
  const id = readValue(row.attributes, 'ID')
  if (id === undefined) return state.leaveOut(row.type, 'has no ID')
  const known = state.features.get(id)
  if (known === undefined) state.features.set(id, toFeature(id, row))
  else addToFeature(state, known, row)
}

function toFeature (id: string, { type, region, start, end, strand, attributes, line }: Gff3Row): Feature {
  const parents = (readAttribute(attributes, 'Parent') ?? []).filter((parent) => parent !== '' && parent !== id)
  return { id, type, parents, region, start, end, strand, attributes, line, rows: 1, isScattered: false }
}

/** One ID is one feature: a gene with its transcript, or the rows of one that is in several places. */
function addToFeature ({ field }: State, known: Feature, row: Gff3Row): void {
  known.rows++
  const parents = readAttribute(row.attributes, 'Parent') ?? []
  if (row.type !== known.type && parents.includes(known.id)) {
    known.ownTranscript = row.attributes
    return
  }
  const others = parents.filter((parent) => parent !== known.id)
  const isSpliced = saysTransSpliced(row.attributes) || saysTransSpliced(known.attributes)
  const problem = others.join() !== known.parents.join() && others.length > 0 && known.parents.length > 0
    ? 'under another parent'
    : row.region !== known.region && !isSpliced ? `on ${known.region}` : undefined
  if (problem !== undefined) {
    throw errors.inputRefused(field, `line ${row.line} has the ID ${known.id}, which line ${known.line} has ${problem}`)
  }
  if (row.region !== known.region) return
  if (!isSpliced && kindOf(row.type) === 'feature' && (row.start > known.end || row.end < known.start)) {
    known.isScattered = true
  }
  known.start = Math.min(known.start, row.start)
  known.end = Math.max(known.end, row.end)
  if (known.strand !== row.strand) known.strand = '.'
}

/** Whether the row has found a parent, or needs none. */
function addPart (state: State, row: Gff3Row): boolean {
  const parents = readAttribute(row.attributes, 'Parent')?.filter((parent) => parent !== '') ?? []
  if (parents.length === 0) return addWithoutParent(state, row)
  const found = parents.filter((parent) => state.features.has(parent))
  for (const parent of parents) if (!state.features.has(parent) && found.length > 0) state.missing.add(parent)
  for (const parent of found) put(state, parent, row)
  return found.length > 0
}

/** Prokka, Bakta and Prodigal write CDS rows alone. In GTF a row without a transcript is no gene. */
function addWithoutParent (state: State, row: Gff3Row): boolean {
  if (kindOf(row.type) !== 'cds' || row.form === 'gtf') {
    state.leaveOut(row.type, row.form === 'gtf' ? 'names no transcript' : 'names no parent')
    return true
  }
  const id = readValue(row.attributes, 'ID') ?? `CDS_of_line_${row.line}`
  const known = state.features.get(id)
  if (known === undefined) state.features.set(id, { ...toFeature(id, row), rows: 0 })
  else if (known.type === row.type) addToFeature(state, known, row)
  else {
    throw errors.inputRefused(
      state.field,
      `line ${row.line} has the ID ${id}, which line ${known.line} has for a ${known.type}`
    )
  }
  put(state, id, row)
  return true
}

/** Makes the transcript that a row names and no row is. */
function adopt (state: State, row: Gff3Row): void {
  const { field, features } = state
  for (const id of readAttribute(row.attributes, 'Parent')!.filter((parent) => parent !== '')) {
    const known = features.get(id)
    if (known === undefined) {
      const attributes = row.form === 'gtf' ? row.attributes : `ID=${id}`
      const gene = row.form === 'gtf' ? readValue(row.attributes, 'gene_id') : undefined
      features.set(id, {
        ...toFeature(id, { ...row, attributes }),
        type: 'transcript',
        parents: gene === undefined ? [] : [`gene:${gene}`],
        rows: 0
      })
      if (row.form === 'gff3') state.missing.add(id)
    } else {
      const gene = readValue(row.attributes, 'gene_id')
      if (row.form === 'gtf' && gene !== readValue(known.attributes, 'gene_id')) {
        throw errors.inputRefused(
          field,
          `line ${row.line} has ${id} in the gene ${gene}, and line ${known.line} in another`
        )
      }
      if (row.region === known.region) {
        known.start = Math.min(known.start, row.start)
        known.end = Math.max(known.end, row.end)
      }
    }
    put(state, id, row)
  }
}

const LISTS: Record<PartKind, keyof Parts> = {
  exon: 'exons', cds: 'cds', untranslated: 'untranslated', stop: 'stops', selenocysteine: 'selenocysteines'
}

function put ({ parts }: State, parent: string, row: Gff3Row): void {
  let own = parts.get(parent)
  if (own === undefined) {
    own = { exons: [], cds: [], untranslated: [], stops: [], selenocysteines: [] }
    parts.set(parent, own)
  }
  own[LISTS[kindOf(row.type) as PartKind]].push(toPart(row))
}

function toPart ({ line, type, region, start, end, strand, phase, attributes }: Gff3Row): Part {
  const rank = Number(readValue(attributes, 'rank'))
  return {
    line,
    type,
    region,
    start,
    end,
    strand,
    phase: phase ?? 0,
    rank: Number.isInteger(rank) ? rank : undefined,
    isSpliced: saysTransSpliced(attributes),
    attributes
  }
}
