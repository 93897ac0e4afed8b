import type { Span } from '../sequence/gene.ts'
import { residueNames } from './residues.ts'
import { isOutOfOrder } from './model.ts'
import type { FlatCoding, FlatGene, FlatHead, FlatRegion, FlatTranscript } from './model.ts'

/** `true` is a qualifier without a value; numbers are not quoted. */
type Qualifiers = Array<[name: string, value: string | number | true]>

/** A feature of the table that EMBL and GenBank share. */
export type TableFeature = { key: string, location: string, qualifiers: Qualifiers }

const RNA_KEYS: ReadonlyMap<string, string> = new Map([
  ['tRNA', 'tRNA'], ['Mt_tRNA', 'tRNA'], ['rRNA', 'rRNA'], ['Mt_rRNA', 'rRNA'], ['tmRNA', 'tmRNA']
])

/** Words of the table for kinds of ncRNA; all others are `other`. */
const NCRNA_CLASSES = new Set([
  'antisense_RNA', 'guide_RNA', 'lncRNA', 'miRNA', 'piRNA', 'ribozyme', 'RNase_P_RNA', 'RNase_MRP_RNA', 'scRNA',
  'snRNA', 'snoRNA', 'SRP_RNA', 'telomerase_RNA', 'vault_RNA', 'Y_RNA'
])

/** The features of a region, in the order of their genes. */
export function * featuresOf (
  { genome }: FlatHead,
  region: FlatRegion,
  genes: readonly FlatGene[]
): Generator<TableFeature> {
  const qualifiers: Qualifiers = [['organism', organismOf(genome)], ['mol_type', 'genomic DNA']]
  if (region.word === 'chromosome') qualifiers.push(['chromosome', region.name])
  yield { key: 'source', location: `1..${region.length}`, qualifiers }
  for (const gene of genes) {
    yield { key: 'gene', location: locationOf([gene], region), qualifiers: geneQualifiers(gene) }
    for (const transcript of gene.transcripts) yield * featuresOfTranscript(region, gene, transcript)
  }
}

export function organismOf (genome: string): string {
  const words = genome.replaceAll('_', ' ')
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`
}

/**
 * `join(1..3,7..9)`, complemented as a whole or part by part; what lies beyond the end of a circle begins again at 1.
 */
export function locationOf (spans: readonly Span[], { key, length }: FlatRegion, isPartial = false): string {
  const parts = spans.flatMap((span) => wrapped(span, span.region === key ? length : Infinity))
  const text = ({ region, start, end }: Span, isFirst: boolean): string => {
    const place = region === key ? '' : `${region}:`
    if (!isFirst || !isPartial) return `${place}${start}..${end}`
    return parts[0]!.strand === 1 ? `${place}<${start}..${end}` : `${place}${start}..>${end}`
  }
  const joined = (texts: string[]): string => texts.length === 1 ? texts[0]! : `join(${texts.join(',')})`
  if (parts.every(({ strand }) => strand === -1) && !isOutOfOrder(spans)) {
    return `complement(${joined(parts.map((part, index) => text(part, index === 0)).reverse())})`
  }
  return joined(parts.map((part, index) => {
    const place = text(part, index === 0)
    return part.strand === 1 ? place : `complement(${place})`
  }))
}

function wrapped (span: Span, length: number): Span[] {
  if (span.end <= length) return [span]
  const start = (span.start - 1) % length + 1
  const end = (span.end - 1) % length + 1
  if (start <= end) return [{ ...span, start, end }]
  const parts = [{ ...span, start, end: length }, { ...span, start: 1, end }]
  return span.strand === 1 ? parts : parts.reverse()
}

function geneQualifiers ({ id, symbol, description, xrefs }: FlatGene): Qualifiers {
  const qualifiers: Qualifiers = [['gene', symbol ?? id], ['locus_tag', id], ...xrefQualifiers(xrefs)]
  return description === undefined ? qualifiers : [...qualifiers, ['note', description]]
}

const xrefQualifiers = (xrefs: string[] = []): Qualifiers => xrefs.map((xref) => ['db_xref', xref])

function * featuresOfTranscript (
  region: FlatRegion,
  gene: FlatGene,
  transcript: FlatTranscript
): Generator<TableFeature> {
  const { id, biotype, exons, xrefs, coding } = transcript
  const named: Qualifiers = [['gene', gene.symbol ?? gene.id], ['locus_tag', gene.id]]
  const spliced: Qualifiers = isOutOfOrder(coding?.spans ?? exons) ? [['trans_splicing', true]] : []
  const key = coding !== undefined ? 'mRNA' : RNA_KEYS.get(biotype) ?? (biotype.endsWith('RNA') ? 'ncRNA' : 'misc_RNA')
  const ncrnaClass = NCRNA_CLASSES.has(biotype) ? biotype : 'other'
  const kind: Qualifiers = key === 'ncRNA' ? [['ncRNA_class', ncrnaClass]] : []
  if (exons.length > 0) {
    const about: Qualifiers = [['standard_name', id], ...xrefQualifiers(xrefs), ['note', `biotype=${biotype}`]]
    yield { key, location: locationOf(exons, region), qualifiers: [...named, ...kind, ...spliced, ...about] }
  }
  if (coding === undefined) return
  yield {
    key: 'CDS',
    location: locationOf(coding.spans, region, coding.isPartial || coding.phase > 0),
    qualifiers: [...named, ...spliced, ...codingQualifiers(coding, transcript)]
  }
}

function codingQualifiers (coding: FlatCoding, transcript: FlatTranscript): Qualifiers {
  const { id, phase, table, protein, excepts, xrefs } = coding
  return [
    ['codon_start', phase + 1],
    ['transl_table', table],
    ...excepts.map(({ start, end, strand, letter }): [string, string] => {
      const place = strand === 1 ? `${start}..${end}` : `complement(${start}..${end})`
      return ['transl_except', `(pos:${place},aa:${residueNames.get(letter) ?? 'OTHER'})`]
    }),
    ['protein_id', id],
    ...xrefQualifiers(xrefs),
    ['note', `transcript_id=${transcript.id}`],
    // The bases before the first whole codon are no residue there.
    ['translation', phase > 0 ? protein.replace(/^X/, '') : protein]
  ]
}

/** Qualifiers whose value is written without quotes. */
const UNQUOTED = new Set(['transl_except'])

/** The lines of a feature, each with `margin` in front; `keyMargin` stands before the key. At most 80 columns. */
export function * featureLines (
  { key, location, qualifiers }: TableFeature,
  keyMargin: string,
  margin: string
): Generator<string> {
  const width = 80 - margin.length
  const [first, ...more] = wrap(location, width, ',')
  yield `${keyMargin}${key.padEnd(16)}${first}\n`
  for (const line of more) yield `${margin}${line}\n`
  for (const qualifier of qualifiers) {
    for (const line of wrap(qualifierText(...qualifier), width, ' ')) yield `${margin}${line}\n`
  }
}

function qualifierText (name: string, value: string | number | true): string {
  if (value === true) return `/${name}`
  if (typeof value === 'number' || UNQUOTED.has(name)) return `/${name}=${value}`
  return `/${name}="${value.replaceAll('"', '""')}"`
}

/** Breaks behind `at` where there is one, else anywhere. A blank at a break is left out: who reads puts it back. */
function wrap (text: string, width: number, at: string): string[] {
  const lines: string[] = []
  let rest = text
  while (rest.length > width) {
    const place = rest.lastIndexOf(at, at === ' ' ? width : width - 1)
    const end = place < 1 ? width : at === ' ' ? place : place + 1
    lines.push(rest.slice(0, end))
    rest = rest.slice(at === ' ' && place >= 1 ? end + 1 : end)
  }
  lines.push(rest)
  return lines
}
