import type { Span } from '../sequence/gene.ts'
import type { FlatCoding, FlatGene, FlatHead, FlatRegion, FlatTranscript } from './model.ts'
import { splitStop, untranslatedOf } from './rows.ts'

type Tags = Array<[tag: string, value: string | number | undefined]>

export function * gtfHead ({ lines }: FlatHead): Generator<string> {
  for (const [name, value] of lines) yield `#!${name} ${value}\n`
}

/** The genes of a region by place. */
export function * gtfOfRegion ({ name }: FlatRegion, genes: readonly FlatGene[]): Generator<string> {
  for (const gene of genes) {
    const tags: Tags = [['gene_id', gene.id], ['gene_name', gene.symbol], ['gene_biotype', gene.biotype]]
    yield toRow(name, 'gene', gene, '.', [...tags, ...xrefTags(gene.xrefs)])
    for (const transcript of gene.transcripts) yield * gtfOfTranscript(name, tags, transcript)
  }
}

/** A tag each, as NCBI has them. */
const xrefTags = (xrefs: string[] = []): Tags => xrefs.map((xref) => ['db_xref', xref])

/** Exons in the order in which they are read, each with its part of the CDS. */
function * gtfOfTranscript (name: string, [id, ...ofGene]: Tags, transcript: FlatTranscript): Generator<string> {
  const { coding, exons } = transcript
  const tags: Tags = [id!, ['transcript_id', transcript.id], ...ofGene, ['transcript_biotype', transcript.biotype]]
  yield toRow(name, 'transcript', transcript, '.', [...tags, ...xrefTags(transcript.xrefs)])
  const parts = coding === undefined ? undefined : splitStop(coding)
  const start = coding === undefined ? [] : startCodon(coding)
  for (const [index, exon] of exons.entries()) {
    const numbered: Tags = [...tags, ['exon_number', index + 1]]
    yield toRow(name, 'exon', exon, '.', numbered)
    if (coding === undefined || parts === undefined) continue
    for (const span of parts.coding.filter(within(exon))) {
      const ofCoding: Tags = [['protein_id', coding.id], ...xrefTags(coding.xrefs)]
      yield toRow(name, 'CDS', span, span.phase, [...numbered, ...ofCoding])
    }
    for (const span of start.filter(within(exon))) yield toRow(name, 'start_codon', span, 0, numbered)
    for (const span of parts.stop.filter(within(exon))) yield toRow(name, 'stop_codon', span, 0, numbered)
  }
  if (coding === undefined) return
  const { five, three } = untranslatedOf(transcript, coding)
  for (const span of five) yield toRow(name, 'five_prime_utr', span, '.', tags)
  for (const span of three) yield toRow(name, 'three_prime_utr', span, '.', tags)
  for (const except of coding.excepts.filter(({ letter }) => letter === 'U')) {
    yield toRow(name, 'Selenocysteine', except, '.', tags)
  }
}

const within =
  (exon: Span) =>
    (span: Span): boolean =>
      span.region === exon.region && span.start >= exon.start && span.end <= exon.end

/** Of a protein that begins with M and whose first codon is whole and in one exon. */
function startCodon ({ spans: [first], phase, protein, isPartial }: FlatCoding): Span[] {
  if (first === undefined || phase !== 0 || isPartial || !protein.startsWith('M') || first.end - first.start < 2) {
    return []
  }
  return [first.strand === 1 ? { ...first, end: first.start + 2 } : { ...first, start: first.end - 2 }]
}

function toRow (
  region: string,
  type: string,
  { start, end, strand }: { start: number, end: number, strand: 1 | -1 },
  phase: number | '.',
  tags: Tags
): string {
  const attributes = tags
    .filter(([, value]) => value !== undefined && value !== '')
    // No quote can stand in a quoted value.
    .map(([tag, value]) => `${tag} "${String(value).replaceAll('"', "'")}";`)
    .join(' ')
  return `${[region, '.', type, start, end, '.', strand === 1 ? '+' : '-', phase, attributes].join('\t')}\n`
}
