import { createBiotypes } from '../sequence/biotype.ts'
import { escapeValue } from '../annotation/attributes.ts'
import type { Span } from '../sequence/gene.ts'
import { residueNames } from './residues.ts'
import { isOutOfOrder } from './model.ts'
import type { FlatCoding, FlatGene, FlatHead, FlatRegion, FlatTranscript } from './model.ts'
import { untranslatedOf, withPhases } from './rows.ts'

type Tags = Array<[tag: string, value: string | number | undefined]>

/** Types of rows for biotypes of non-coding transcripts, as the Sequence Ontology has them. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ['tRNA', 'tRNA'],
  ['Mt_tRNA', 'tRNA'],
  ['rRNA', 'rRNA'],
  ['Mt_rRNA', 'rRNA'],
  ['miRNA', 'miRNA'],
  ['snRNA', 'snRNA'],
  ['snoRNA', 'snoRNA'],
  ['scRNA', 'scRNA'],
  ['tmRNA', 'tmRNA'],
  ['ncRNA', 'ncRNA'],
  ['lncRNA', 'lnc_RNA'],
  ['lincRNA', 'lnc_RNA'],
  ['Y_RNA', 'Y_RNA'],
  ['SRP_RNA', 'SRP_RNA'],
  ['RNase_P_RNA', 'RNase_P_RNA'],
  ['RNase_MRP_RNA', 'RNase_MRP_RNA'],
  ['vaultRNA', 'vault_RNA'],
  ['vault_RNA', 'vault_RNA'],
  ['antisense_RNA', 'antisense_RNA'],
  ['telomerase_RNA', 'telomerase_RNA'],
  ['guide_RNA', 'guide_RNA'],
  ['piRNA', 'piRNA']
])

const { dumpsOf } = createBiotypes()

/** What stands above all rows. */
export function * gff3Head ({ lines }: FlatHead, regions: Iterable<FlatRegion>): Generator<string> {
  yield '##gff-version 3\n'
  for (const { name, length } of regions) yield `##sequence-region   ${escapeColumn(name)} 1 ${length}\n`
  for (const [name, value] of lines) yield `#!${name} ${value}\n`
}

/** The rows of a region: itself, then its genes by place, each closed by `###`. */
export function * gff3OfRegion (
  { assembly }: FlatHead,
  region: FlatRegion,
  genes: readonly FlatGene[]
): Generator<string> {
  const tags: Tags = [
    ['ID', `${region.word}:${region.name}`],
    ['Is_circular', region.isCircular ? 'true' : undefined]
  ]
  yield toRow(region.name, region.word, { start: 1, end: region.length, strand: 0 }, '.', tags, assembly)
  yield '###\n'
  for (const gene of genes) {
    yield * gff3OfGene(region.name, gene)
    yield '###\n'
  }
}

function * gff3OfGene (name: string, gene: FlatGene): Generator<string> {
  const tags: Tags = [
    ['ID', `gene:${gene.id}`],
    ['Name', gene.symbol],
    ['biotype', gene.biotype],
    ['description', gene.description],
    ['gene_id', gene.id],
    ['Dbxref', listOf(gene.xrefs)]
  ]
  yield toRow(name, geneType(gene), gene, '.', tags)
  for (const transcript of gene.transcripts) yield * gff3OfTranscript(name, gene, transcript)
}

function * gff3OfTranscript (name: string, gene: FlatGene, transcript: FlatTranscript): Generator<string> {
  const { id, biotype, exons, coding } = transcript
  const spliced = isOutOfOrder(exons) || isOutOfOrder(coding?.spans ?? []) ? 'trans-splicing' : undefined
  const parent: Tags = [['Parent', `transcript:${id}`]]
  const tags: Tags = [
    ['ID', `transcript:${id}`],
    ['Parent', `gene:${gene.id}`],
    ['biotype', biotype],
    ['exception', spliced],
    ['transcript_id', id],
    ['Dbxref', listOf(transcript.xrefs)]
  ]
  yield toRow(name, transcriptType(gene, transcript), transcript, '.', tags)
  const rows: Array<{ span: Span, text: string }> = []
  const add = (type: string, span: Span, phase: number | '.', more: Tags): void => {
    rows.push({
      span,
      text: toRow(span.region === transcript.region ? name : span.region, type, span, phase, [...more])
    })
  }
  for (const [index, exon] of exons.entries()) {
    add('exon', exon, '.', [...parent, ['exception', spliced], ['rank', index + 1]])
  }
  if (coding !== undefined) {
    const codingTags = [...parent, ['exception', spliced], ...tagsOfCoding(coding)] as Tags
    for (const span of withPhases(coding)) add('CDS', span, span.phase, [['ID', `CDS:${coding.id}`], ...codingTags])
    const { five, three } = spliced === undefined ? untranslatedOf(transcript, coding) : { five: [], three: [] }
    for (const span of five) add('five_prime_UTR', span, '.', parent)
    for (const span of three) add('three_prime_UTR', span, '.', parent)
  }
  // What is read in the order of the file stays in it.
  if (spliced === undefined) rows.sort((one, other) => one.span.start - other.span.start)
  for (const { text } of rows) yield text
}

function tagsOfCoding ({ id, table, isPartial, spans, excepts, xrefs }: FlatCoding): Tags {
  const [first] = spans
  const start = first!.strand === 1 ? first!.start : first!.end
  const except = excepts.map(({ start, end, letter, strand }) =>
    `(pos:${strand === 1 ? `${start}..${end}` : `complement(${start}..${end})`},aa:${residueNames.get(letter) ?? 'OTHER'})`)
  return [
    ['partial', isPartial ? 'true' : undefined],
    ['start_range', isPartial && first!.strand === 1 ? `.\u0000${start}` : undefined],
    ['end_range', isPartial && first!.strand === -1 ? `${start}\u0000.` : undefined],
    ['protein_id', id],
    ['Dbxref', listOf(xrefs)],
    ['transl_table', table === 1 ? undefined : table],
    ['transl_except', except.length === 0 ? undefined : except.join(',')]
  ]
}

/** Commas between them are not escaped. */
const listOf = (xrefs: string[] | undefined): string | undefined => xrefs?.join('\u0000')

function geneType ({ biotype, transcripts }: FlatGene): string {
  if (biotype.endsWith('pseudogene')) return 'pseudogene'
  return dumpsOf(biotype).join() === 'ncrna' && transcripts.every(({ coding }) => coding === undefined)
    ? 'ncRNA_gene'
    : 'gene'
}

function transcriptType ({ biotype }: FlatGene, transcript: FlatTranscript): string {
  if (transcript.coding !== undefined) return 'mRNA'
  return biotype.endsWith('pseudogene') ? 'pseudogenic_transcript' : TYPES.get(transcript.biotype) ?? 'transcript'
}

type Place = { start: number, end: number, strand: 1 | -1 | 0 }

function toRow (
  region: string,
  type: string,
  { start, end, strand }: Place,
  phase: number | '.',
  tags: Tags,
  source = '.'
): string {
  const attributes = tags
    .filter(([, value]) => value !== undefined && value !== '')
    // A comma that separates values is not escaped.
    .map(([tag, value]) => `${tag}=${String(value).split('\u0000').map(escapeValue).join(',')}`)
    .join(';')
  return `${[escapeColumn(region), source, type, start, end, '.', strand === 0 ? '.' : strand === 1 ? '+' : '-', phase, attributes].join('\t')}\n`
}

function escapeColumn (text: string): string {
  return text.replace(/[^a-zA-Z0-9.:^*$@!+_?|-]/g, (char) => encodeURIComponent(char))
}
