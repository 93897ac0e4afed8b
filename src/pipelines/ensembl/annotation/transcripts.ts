import { errors } from '../../../base/errors.ts'
import type { Gene, Transcript } from '../sequence/gene.ts'
import type { Annotation } from './annotation.ts'
import { readFirst, readText, readValue, readXrefs } from './attributes.ts'
import { biotypeOfType, readGeneBiotype, readTranscriptBiotype, UNKNOWN_BIOTYPE } from './biotypes.ts'
import { readTranslation, toSpans } from './coding.ts'
import { exonsOf, isTransSpliced } from './exons.ts'
import { saysTransSpliced } from './feature.ts'
import type { Feature, LeaveOut, Part, Parts } from './feature.ts'
import type { Names } from './names.ts'

export type TranscriptOptions = { field: string, names: Names, leaveOut: LeaveOut }

/**
 * The transcripts of an annotation in the order of their first rows. A transcript is a feature with exons or CDS, or
 * one that is named or typed as a transcript; its gene is the topmost of its parents, or itself where it has none.
 * Rows of other features are counted.
 *
 * @throws INPUT_REFUSED where a transcript lies in two places and nothing says that it is trans-spliced.
 */
export function * readTranscripts (annotation: Annotation, options: TranscriptOptions): Generator<Transcript> {
  const features = [...annotation.features.values()].sort((one, other) => one.line - other.line)
  const transcripts = features.filter((feature) => isTranscript(annotation, feature))
  const coding = new Set<string>()
  const used = new Set<Feature>(transcripts)
  for (const transcript of transcripts) {
    for (const ancestor of ancestors(annotation, transcript)) used.add(ancestor)
    if ((annotation.parts.get(transcript.id)?.cds.length ?? 0) > 0) coding.add(geneKey(annotation, transcript))
  }
  for (const feature of features) {
    if (!used.has(feature)) {
      options.leaveOut(feature.type, whyUnused(feature), feature.rows)
    }
  }
  for (const transcript of transcripts) yield readTranscript(annotation, transcript, coding, options)
}

const TRANSCRIPT_TYPE = /RNA$|transcript$/
const GENE_TYPE = /gene$/i

function isTranscript ({ parts }: Annotation, { id, parents, type, attributes, ownTranscript }: Feature): boolean {
  if (parts.has(id)) return true
  // What lies in a transcript bears its name in some files.
  if (parents.some((parent) => parts.has(parent)) || GENE_TYPE.test(type)) return false
  return (
    id.startsWith('transcript:') ||
    ownTranscript !== undefined ||
    TRANSCRIPT_TYPE.test(type) ||
    readValue(attributes, 'transcript_id') !== undefined
  )
}

function whyUnused ({ type }: Feature): string {
  return GENE_TYPE.test(type) ? 'has no transcript' : 'is no gene, and no transcript'
}

function readTranscript (
  annotation: Annotation,
  feature: Feature,
  coding: ReadonlySet<string>,
  options: TranscriptOptions
): Transcript {
  const { region, start, end, strand, attributes, ownTranscript = attributes } = feature
  const parts = annotation.parts.get(feature.id)
  checkPlace(feature, parts, options)
  const gene = readGene(annotation, feature, coding, options.names)
  return {
    id: options.names.of(ownTranscript, 'transcript', feature.id),
    biotype: readTranscriptBiotype(ownTranscript) ?? gene.biotype,
    gene,
    region,
    start,
    end,
    strand: strand === '-' ? -1 : 1,
    xrefs: xrefsOf(annotation, feature),
    exons: parts === undefined ? wholeSpan(feature) : toSpans(exonsOf(parts, feature, options.leaveOut), feature),
    translation: parts === undefined || parts.cds.length === 0 ? undefined : readTranslation(parts, feature, options)
  }
}

/** Not those of what is a gene itself, or a CDS without a parent. */
function xrefsOf (annotation: Annotation, feature: Feature): string[] | undefined {
  if (feature.ownTranscript !== undefined) return readXrefs(feature.ownTranscript)
  return isCds(annotation, feature) || GENE_TYPE.test(feature.type) ? undefined : readXrefs(feature.attributes)
}

function isCds ({ parts }: Annotation, { id, type }: Feature): boolean {
  return parts.get(id)?.cds[0]?.type === type
}

/** Ensembl writes all exons; others leave out that of a transcript of one, such as a tRNA. */
function wholeSpan (feature: Feature): Transcript['exons'] {
  if (feature.id.startsWith('transcript:')) return []
  return [{ region: feature.region, start: feature.start, end: feature.end, strand: feature.strand === '-' ? -1 : 1 }]
}

function checkPlace (feature: Feature, parts: Parts | undefined, { field }: TranscriptOptions): void {
  const all = parts === undefined ? [] : [...parts.exons, ...parts.cds, ...parts.untranslated, ...parts.stops]
  if (saysTransSpliced(feature.attributes) || all.some(({ isSpliced }) => isSpliced)) return
  if (feature.isScattered && !isTransSpliced(all, feature)) throw inTwoPlaces(feature, 'its rows lie apart', field)
  const elsewhere = all.find(({ region }) => region !== feature.region)
  if (elsewhere !== undefined) throw inTwoPlaces(feature, `line ${elsewhere.line} is on ${elsewhere.region}`, field)
  // Of a transcript that no row is, nothing tells that it is on both strands.
  const backwards = feature.rows > 0 ? undefined : all.find(({ strand }) => strand !== feature.strand)
  if (backwards !== undefined) throw inTwoPlaces(feature, `line ${backwards.line} is on the other strand`, field)
  const again = findRepeatedNumber(parts?.exons ?? [])
  if (again !== undefined) throw inTwoPlaces(feature, `line ${again.line} has the number of another exon`, field)
}

/** Exons are numbered by `rank` or `exon_number`. */
function findRepeatedNumber (exons: readonly Part[]): Part | undefined {
  const numbers = new Map<number, Part>()
  return exons.find((exon) => {
    const number = exon.rank ?? Number(readValue(exon.attributes, 'exon_number') ?? NaN)
    const known = numbers.get(number)
    if (!Number.isNaN(number)) numbers.set(number, exon)
    return known !== undefined && (exon.start > known.end || exon.end < known.start)
  })
}

function inTwoPlaces ({ id, line, region }: Feature, where: string, field: string): Error {
  return errors.inputRefused(
    field,
    `has ${id} of line ${line} on ${region} in a second place: ${where}, and nothing says that it is trans-spliced`
  )
}

function readGene (annotation: Annotation, feature: Feature, coding: ReadonlySet<string>, names: Names): Gene {
  const gene = [feature, ...ancestors(annotation, feature)].at(-1)!
  const { attributes } = gene
  const isAlone = gene === feature && feature.ownTranscript === undefined
  const ofCds = isAlone && isCds(annotation, gene)
  const isCoding = coding.has(geneKey(annotation, feature))
  return {
    id: names.of(attributes, 'gene', gene.id),
    biotype:
      readGeneBiotype(attributes) ??
      (isCoding ? 'protein_coding' : (biotypeOfType(feature.type) ?? biotypeOfType(gene.type) ?? UNKNOWN_BIOTYPE)),
    symbol: ofCds
      ? readFirst(attributes, 'gene', 'gene_name')
      : readFirst(attributes, 'Name', 'gene_name', 'ref_gene_name'),
    // Those of a transcript or CDS without a gene are its own.
    xrefs: isAlone && !GENE_TYPE.test(gene.type) ? undefined : readXrefs(attributes),
    // Gene finders of bacteria have the product on the CDS.
    description: readText(attributes, 'description') ?? (ofCds ? readText(attributes, 'product') : undefined)
  }
}

function ancestors ({ features }: Annotation, feature: Feature): Feature[] {
  const found: Feature[] = []
  for (
    let parent = features.get(feature.parents[0] ?? '');
    parent !== undefined;
    parent = features.get(parent.parents[0] ?? '')
  ) {
    if (parent === feature || found.includes(parent)) break
    found.push(parent)
  }
  return found
}

/** The ID of the gene; also where no row is the gene. */
function geneKey (annotation: Annotation, feature: Feature): string {
  const top = [feature, ...ancestors(annotation, feature)].at(-1)!
  return top.parents[0] ?? top.id
}
