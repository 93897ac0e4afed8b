import type { Gff3Row } from './gff3.ts'
import { readAttribute, readGff3, readValue } from './gff3.ts'

type Strand = Gff3Row['strand']

/** A row that has an ID and may have parts: a gene or a transcript. */
export type Feature = { id: string, parents: readonly string[], region: string, start: number, end: number, strand: Strand, attributes: string }

/** A row of an exon or of a CDS. */
export type Part = { region: string, start: number, end: number, strand: Strand, phase: number, rank: number | undefined }

/** The rows of one CDS in file order. `attributes` are those of its first row; `table` and `excepts` may stand in any. */
export type CdsRows = { id: string | undefined, attributes: string, parts: Part[], table: number | undefined, excepts: Set<string> }

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
  /** Exons by the ID of their parent, in file order. */
  exons: Map<string, Part[]>
  /** The first CDS in the file of each parent: one translation of a transcript is dumped. */
  cds: Map<string, CdsRows>
}

/** They have IDs in some files, and are neither genes nor transcripts. */
const ignoredTypes = new Set(['five_prime_UTR', 'three_prime_UTR', 'UTR', 'intron', 'start_codon', 'stop_codon', 'protein', 'polypeptide', 'match', 'match_part', 'cDNA_match'])

/** Reads all of a GFF3; rows may come in any order. Memory grows with the number of exons, not with the genome. */
export async function readAnnotation (source: AsyncIterable<Uint8Array>, field: string, signal: AbortSignal): Promise<Annotation> {
  const annotation: Annotation = { regions: createRegionNotes(), features: new Map(), exons: new Map(), cds: new Map() }
  const regionNames = new Map<string, string>()
  for await (const parts of readGff3(source, field)) {
    signal.throwIfAborted()
    for (const part of parts) {
      if ('directive' in part) noteDirective(annotation.regions, part)
      else addRow(annotation, { ...part.row, region: shared(regionNames, part.row.region) })
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

/** The IDs that exons and CDS name as their parents and that no row has. */
export function findOrphans ({ features, exons, cds }: Annotation): string[] {
  return [...new Set([...exons.keys(), ...cds.keys()])].filter((parent) => !features.has(parent))
}

function addRow (annotation: Annotation, row: Gff3Row): void {
  if (row.type === 'exon') addExon(annotation.exons, row)
  else if (row.type === 'CDS') addCds(annotation.cds, row)
  else if (!ignoredTypes.has(row.type)) addFeature(annotation, row)
}

function addExon (exons: Annotation['exons'], row: Gff3Row): void {
  const part = toPart(row)
  for (const parent of readAttribute(row.attributes, 'Parent') ?? []) {
    const siblings = exons.get(parent)
    if (siblings === undefined) exons.set(own(parent), [part])
    else siblings.push(part)
  }
}

function addCds (cds: Annotation['cds'], row: Gff3Row): void {
  const id = readValue(row.attributes, 'ID')
  const part = toPart(row)
  for (const parent of readAttribute(row.attributes, 'Parent') ?? []) {
    let rows = cds.get(parent)
    if (rows === undefined) {
      rows = { id: id === undefined ? undefined : own(id), attributes: own(row.attributes), parts: [], table: undefined, excepts: new Set() }
      cds.set(own(parent), rows)
    }
    if (rows.id !== id) continue
    rows.parts.push(part)
    if (row.attributes.includes('transl_')) noteCode(rows, row.attributes)
  }
}

function noteCode (rows: CdsRows, attributes: string): void {
  const table = readValue(attributes, 'transl_table')
  if (table !== undefined) rows.table ??= Number(table)
  // The comma inside the value may or may not be escaped.
  const excepts = readAttribute(attributes, 'transl_except')?.join(',') ?? ''
  for (const [except] of excepts.matchAll(/\(pos:.*?aa:\w+\)/g)) rows.excepts.add(except)
}

function addFeature ({ regions, features }: Annotation, row: Gff3Row): void {
  const id = readValue(row.attributes, 'ID')
  if (id === undefined || noteRegion(regions, row)) return
  const known = features.get(id)
  if (known === undefined) {
    const { region, start, end, strand } = row
    const parents = readAttribute(row.attributes, 'Parent')?.map(own) ?? []
    features.set(own(id), { id: own(id), parents, region, start, end, strand, attributes: own(row.attributes) })
  } else {
    // A feature in several rows, such as a trans-spliced gene.
    known.start = Math.min(known.start, row.start)
    known.end = Math.max(known.end, row.end)
    if (known.strand !== row.strand) known.strand = '.'
  }
}

function toPart ({ region, start, end, strand, phase, attributes }: Gff3Row): Part {
  const rank = Number(readValue(attributes, 'rank'))
  return { region, start, end, strand, phase: phase ?? 0, rank: Number.isInteger(rank) ? rank : undefined }
}

function noteRegion (regions: RegionNotes, { type, region, attributes }: Gff3Row): boolean {
  const id = readValue(attributes, 'ID')
  const isNamed = id === `${type}:${region}`
  if (!isNamed && type !== 'region') return false
  if (isNamed && type !== 'region') regions.coordSystems.set(own(region), own(type))
  if (readValue(attributes, 'Is_circular')?.toLowerCase() === 'true') regions.circular.add(own(region))
  return true
}

function noteDirective (regions: RegionNotes, { directive, words }: { directive: string, words: string[] }): void {
  const [first, , third] = words
  if (first === undefined) return
  if (directive === '#!genome-version') regions.version = own(first)
  if (directive === '##sequence-region' && third !== undefined) regions.declaredEnds.set(own(first), Number(third))
}

/** A copy: a part of a string keeps the whole of it in memory, here some hundred kilobytes of the file. */
function own (text: string): string {
  return Buffer.from(text).toString()
}

function shared (known: Map<string, string>, text: string): string {
  const found = known.get(text)
  if (found !== undefined) return found
  const copy = own(text)
  known.set(copy, copy)
  return copy
}
