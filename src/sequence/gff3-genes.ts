import type { Gene, Span, Transcript, Translation } from './gene.ts'
import type { Annotation, Feature } from './gff3-annotation.ts'
import type { Attributes, Gff3Row } from './gff3.ts'
import { readTranslExcept } from './transl-except.ts'

/** A row as a span, and what decides its place among the others of its kind. */
type Part = { span: Span, isUnstranded: boolean, row: Gff3Row }

/**
 * The transcripts of an annotation in file order, as Ensembl's GFF3 files mean them. A transcript is a feature with
 * exons or CDS, or with a `transcript_id`; its gene is the topmost of its parents, or itself where it has none.
 */
export function * readTranscripts (annotation: Annotation): Generator<Transcript> {
  for (const feature of annotation.features.values()) {
    const hasParts = annotation.exons.has(feature.id) || annotation.cds.has(feature.id)
    if (hasParts || feature.attributes.has('transcript_id')) yield readTranscript(annotation, feature)
  }
}

function readTranscript ({ features, exons, cds }: Annotation, feature: Feature): Transcript {
  const cdsRows = firstCds(cds.get(feature.id) ?? [])
  const gene = readGene(topmost(features, feature), cdsRows.length > 0)
  // Prokaryotic annotation often has CDS rows alone.
  const exonParts = toParts(exons.get(feature.id) ?? cdsRows, feature)
  const translation = cdsRows.length === 0 ? undefined : readTranslation(toParts(cdsRows, feature), feature)
  return {
    id: versioned(feature.attributes, 'transcript_id', 'transcript:'),
    biotype: feature.attributes.get('biotype')?.[0] ?? gene.biotype,
    gene,
    region: feature.region,
    start: feature.start,
    end: feature.end,
    strand: feature.strand === '-' ? -1 : 1,
    exons: order(exonParts, feature).map(({ span }) => span),
    ...translation !== undefined && { translation }
  }
}

function readGene ({ attributes }: Feature, isCoding: boolean): Gene {
  const symbol = attributes.get('Name')?.[0]
  // A comma that should have been escaped has split it.
  const description = attributes.get('description')?.join(',')
  return {
    id: versioned(attributes, 'gene_id', 'gene:'),
    biotype: attributes.get('biotype')?.[0] ?? attributes.get('gene_biotype')?.[0] ?? (isCoding ? 'protein_coding' : 'unknown'),
    ...symbol !== undefined && { symbol },
    ...description !== undefined && { description }
  }
}

function readTranslation (parts: Part[], feature: Feature): Translation {
  const ordered = order(parts, feature)
  const { attributes, phase = 0 } = ordered[0]!.row
  const spans = ordered.map(({ span }) => span)
  // The phases of a trans-spliced CDS are not to be trusted.
  const prefix = isTransSpliced(parts, feature) ? 0 : (3 - phase) % 3
  const table = attributes.get('transl_table')?.[0]
  // The comma inside the value may or may not be escaped.
  const excepts = (attributes.get('transl_except') ?? []).join(',').match(/\(pos:.*?aa:\w+\)/g) ?? []
  return {
    id: attributes.has('protein_id') || attributes.has('ID') ? versioned(attributes, 'protein_id', 'CDS:') : versioned(feature.attributes, 'transcript_id', 'transcript:'),
    spans,
    prefix,
    ...table !== undefined && { codonTable: Number(table) },
    edits: excepts.map((value) => readTranslExcept(value, spans, prefix)).filter((edit) => edit !== undefined)
  }
}

/** Only one translation of a transcript is dumped: the first in the file. */
function firstCds (rows: Gff3Row[]): Gff3Row[] {
  const id = rows[0]?.attributes.get('ID')?.[0]
  return rows.filter((row) => row.attributes.get('ID')?.[0] === id)
}

function topmost (features: Map<string, Feature>, feature: Feature): Feature {
  const seen = new Set<string>()
  let top = feature
  for (;;) {
    const parent = features.get(top.parents[0] ?? '')
    if (parent === undefined || seen.has(parent.id)) return top
    seen.add(parent.id)
    top = parent
  }
}

function toParts (rows: Gff3Row[], feature: Feature): Part[] {
  return rows.map((row) => ({
    row,
    isUnstranded: row.strand === '.',
    span: { region: row.region, start: row.start, end: row.end, strand: (row.strand === '.' ? feature.strand : row.strand) === '-' ? -1 : 1 }
  }))
}

function isTransSpliced (parts: Part[], feature: Feature): boolean {
  const strand = feature.strand === '-' ? -1 : 1
  const stranded = parts.filter(({ isUnstranded }) => !isUnstranded)
  return (feature.strand === '.' && stranded.length > 0) || stranded.some(({ span }) => span.strand !== strand)
}

/** By `rank`; else in file order where trans-spliced; else by coordinate in the direction of the strand. */
function order (parts: Part[], feature: Feature): Part[] {
  const ranks = new Map(parts.map((part) => [part, Number(part.row.attributes.get('rank')?.[0])]))
  if (parts.every((part) => Number.isInteger(ranks.get(part)))) return [...parts].sort((one, other) => ranks.get(one)! - ranks.get(other)!)
  if (isTransSpliced(parts, feature)) return parts
  const direction = feature.strand === '-' ? -1 : 1
  return [...parts].sort((one, other) => direction * (one.span.start - other.span.start))
}

/** The `*_id` attribute, else the ID without its prefix; `.version` only where there is one. */
function versioned (attributes: Attributes, idAttribute: string, prefix: string): string {
  const id = attributes.get('ID')?.[0] ?? ''
  const name = attributes.get(idAttribute)?.[0] ?? (id.startsWith(prefix) ? id.slice(prefix.length) : id)
  const version = attributes.get('version')?.[0]
  return version === undefined || version === '0' || version === '' ? name : `${name}.${version}`
}
