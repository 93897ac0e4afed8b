import type { Gff3Row } from './gff3.ts'
import { readGff3 } from './gff3.ts'

/** A row that has an ID and may have parts: a gene or a transcript. */
export type Feature = Omit<Gff3Row, 'phase'> & { id: string, parents: readonly string[] }

/** What an annotation tells of regions; names are those of column 1. */
export type RegionNotes = {
  /** `chromosome`, `scaffold`… from a row such as `ID=chromosome:1`. */
  coordSystems: Map<string, string>
  /** By `Is_circular=true`. */
  circular: Set<string>
  /** By `##sequence-region`: where it ends. */
  declaredEnds: Map<string, number>
  /** `#!genome-version`, where there is one. */
  version: string | undefined
}

export type Annotation = {
  regions: RegionNotes
  features: Map<string, Feature>
  /** Exons and CDS rows by the ID of their parent, in file order. */
  exons: Map<string, Gff3Row[]>
  cds: Map<string, Gff3Row[]>
}

/** Reads all of a GFF3; rows may come in any order. Memory grows with the number of exons, not with the genome. */
export async function readAnnotation (source: AsyncIterable<Uint8Array>, field: string, signal: AbortSignal): Promise<Annotation> {
  const annotation: Annotation = { regions: createRegionNotes(), features: new Map(), exons: new Map(), cds: new Map() }
  for await (const parts of readGff3(source, field)) {
    signal.throwIfAborted()
    for (const part of parts) {
      if ('directive' in part) noteDirective(annotation.regions, part)
      else addRow(annotation, part.row)
    }
  }
  return annotation
}

/** Reads what a GFF3 tells of regions and keeps nothing else. */
export async function readRegionNotes (source: AsyncIterable<Uint8Array>, field: string, signal: AbortSignal): Promise<RegionNotes> {
  const regions = createRegionNotes()
  for await (const parts of readGff3(source, field)) {
    signal.throwIfAborted()
    for (const part of parts) {
      if ('directive' in part) noteDirective(regions, part)
      else noteRegion(regions, part.row)
    }
  }
  return regions
}

export function createRegionNotes (): RegionNotes {
  return { coordSystems: new Map(), circular: new Set(), declaredEnds: new Map(), version: undefined }
}

function addRow ({ regions, features, exons, cds }: Annotation, row: Gff3Row): void {
  const parents = row.attributes.get('Parent') ?? []
  if (row.type === 'exon' || row.type === 'CDS') {
    const parts = row.type === 'exon' ? exons : cds
    for (const parent of parents) {
      const siblings = parts.get(parent)
      if (siblings === undefined) parts.set(parent, [row])
      else siblings.push(row)
    }
    return
  }
  const id = row.attributes.get('ID')?.[0]
  if (id === undefined || noteRegion(regions, row)) return
  const known = features.get(id)
  if (known === undefined) {
    features.set(id, { ...row, id, parents })
  } else {
    // A feature in several rows, such as a trans-spliced gene.
    known.start = Math.min(known.start, row.start)
    known.end = Math.max(known.end, row.end)
    if (known.strand !== row.strand) known.strand = '.'
  }
}

function noteRegion (regions: RegionNotes, { type, region, attributes }: Gff3Row): boolean {
  const id = attributes.get('ID')?.[0]
  const isNamed = id === `${type}:${region}`
  if (!isNamed && type !== 'region') return false
  if (isNamed && type !== 'region') regions.coordSystems.set(region, type)
  if (attributes.get('Is_circular')?.[0]?.toLowerCase() === 'true') regions.circular.add(region)
  return true
}

function noteDirective (regions: RegionNotes, { directive, words }: { directive: string, words: string[] }): void {
  const [first, , third] = words
  if (first === undefined) return
  if (directive === '#!genome-version') regions.version = first
  if (directive === '##sequence-region' && third !== undefined) regions.declaredEnds.set(first, Number(third))
}
