import type { Gene, Span, Transcript, Translation } from './gene.ts'
import type { Annotation, CdsRows, Feature, Part } from './gff3-annotation.ts'
import { readAttribute, readValue } from './gff3.ts'
import { readTranslExcept } from './transl-except.ts'

/**
 * The transcripts of an annotation in file order, as Ensembl's GFF3 files mean them. A transcript is a feature with exons or
 * CDS, or one that is named as a transcript; its gene is the topmost of its parents, or itself where it has none.
 */
export function * readTranscripts (annotation: Annotation): Generator<Transcript> {
  const codingGenes = new Set<string>()
  for (const id of annotation.cds.keys()) {
    const feature = annotation.features.get(id)
    if (feature !== undefined) codingGenes.add(topmost(annotation, feature).id)
  }
  for (const feature of annotation.features.values()) {
    if (isTranscript(annotation, feature)) yield readTranscript(annotation, feature, codingGenes)
  }
}

export function countTranscripts (annotation: Annotation): number {
  let transcripts = 0
  for (const feature of annotation.features.values()) if (isTranscript(annotation, feature)) transcripts++
  return transcripts
}

function isTranscript ({ exons, cds }: Annotation, { id, parents, attributes }: Feature): boolean {
  const hasParts = (parent: string): boolean => exons.has(parent) || cds.has(parent)
  // What lies in a transcript bears its name in some files.
  return hasParts(id) || ((id.startsWith('transcript:') || readValue(attributes, 'transcript_id') !== undefined) && !parents.some(hasParts))
}

function readTranscript (annotation: Annotation, feature: Feature, codingGenes: ReadonlySet<string>): Transcript {
  const { region, start, end, strand, attributes } = feature
  const cds = annotation.cds.get(feature.id)
  const gene = readGene(topmost(annotation, feature), codingGenes)
  return {
    id: versioned(attributes, 'transcript_id'),
    biotype: readValue(attributes, 'biotype') ?? gene.biotype,
    gene,
    region,
    start,
    end,
    strand: strand === '-' ? -1 : 1,
    // Prokaryotic annotation often has CDS rows alone.
    exons: toSpans(order(annotation.exons.get(feature.id) ?? cds?.parts ?? [], feature), feature),
    ...cds !== undefined && { translation: readTranslation(cds, feature) }
  }
}

function readGene ({ id, attributes }: Feature, codingGenes: ReadonlySet<string>): Gene {
  const symbol = readValue(attributes, 'Name')
  // A comma that should have been escaped has split it.
  const description = readAttribute(attributes, 'description')?.join(',') ?? ''
  return {
    id: versioned(attributes, 'gene_id'),
    biotype: readValue(attributes, 'biotype') ?? readValue(attributes, 'gene_biotype') ?? (codingGenes.has(id) ? 'protein_coding' : 'unknown'),
    ...symbol !== undefined && { symbol },
    ...description !== '' && { description }
  }
}

function readTranslation ({ id, attributes, parts, table, excepts }: CdsRows, feature: Feature): Translation {
  const ordered = order(parts, feature)
  const coding = toSpans(ordered, feature)
  // The phases of a trans-spliced CDS are not to be trusted.
  const prefix = isTransSpliced(parts, feature) ? 0 : (3 - ordered[0]!.phase) % 3
  return {
    id: id === undefined && readValue(attributes, 'protein_id') === undefined ? versioned(feature.attributes, 'transcript_id') : versioned(attributes, 'protein_id'),
    coding,
    prefix,
    ...table !== undefined && { codonTable: table },
    edits: [...excepts].map((except) => readTranslExcept(except, coding, prefix)).filter((edit) => edit !== undefined)
  }
}

function topmost ({ features }: Annotation, feature: Feature): Feature {
  const seen = new Set<string>()
  let top = feature
  for (;;) {
    const parent = features.get(top.parents[0] ?? '')
    if (parent === undefined || seen.has(parent.id)) return top
    seen.add(parent.id)
    top = parent
  }
}

/** A part without a strand is on that of its transcript. */
function toSpans (parts: Part[], feature: Feature): Span[] {
  return parts.map(({ region, start, end, strand }) => ({ region, start, end, strand: (strand === '.' ? feature.strand : strand) === '-' ? -1 : 1 }))
}

function isTransSpliced (parts: Part[], feature: Feature): boolean {
  return parts.some(({ strand }) => strand !== '.' && strand !== feature.strand)
}

/** By `rank`; else in file order where trans-spliced; else by coordinate in the direction of the strand. */
function order (parts: Part[], feature: Feature): Part[] {
  if (parts.every(({ rank }) => rank !== undefined)) return [...parts].sort((one, other) => one.rank! - other.rank!)
  if (isTransSpliced(parts, feature)) return parts
  const direction = feature.strand === '-' ? -1 : 1
  return [...parts].sort((one, other) => direction * (one.start - other.start))
}

/** The `*_id` attribute, else the ID without its prefix; `.version` only where there is one. */
function versioned (attributes: string, idAttribute: string): string {
  const name = readValue(attributes, idAttribute) ?? (readValue(attributes, 'ID') ?? '').replace(/^(?:gene|transcript|CDS):/, '')
  const version = readValue(attributes, 'version')
  return version === undefined || version === '0' ? name : `${name}.${version}`
}
