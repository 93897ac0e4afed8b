import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fastaRecord } from '../src/pipelines/ensembl/sequence/fasta.ts'
import { reverseComplement } from '../src/pipelines/ensembl/sequence/letters.ts'

// Writes the genome of an invented species, the same bytes on every run: two chromosomes and a scaffold with a few genes
// on both strands. node scripts/make_example_genome.ts [folder] (Node 22.18 or newer runs it as it is; else through jiti)

type Part = { start: number, end: number }
type Kind = 'protein_coding' | 'pseudogene' | 'lncRNA' | 'tRNA'
type GeneSpec = { id: string, at: number, strand: 1 | -1, exons: number[], introns: number[], kind: Kind, symbol?: string, description?: string, utr?: [number, number], phase?: 0 | 1 | 2 }
type RegionSpec = { name: string, type: 'chromosome' | 'scaffold', length: number, genes: GeneSpec[] }

const regions: RegionSpec[] = [
  {
    name: '1',
    type: 'chromosome',
    length: 15_000,
    genes: [
      { id: 'MEXG001', at: 1201, strand: 1, exons: [222, 150, 345], introns: [120, 310], kind: 'protein_coding', symbol: 'sig1', description: 'signal relay protein 1; invented', utr: [60, 90] },
      { id: 'MEXG002', at: 4001, strand: -1, exons: [330, 180, 96, 204], introns: [95, 150, 400], kind: 'protein_coding', symbol: 'pnt1', description: 'points motor, chloroplastic', utr: [45, 120] },
      { id: 'MEXG003', at: 7501, strand: 1, exons: [420], introns: [], kind: 'pseudogene' },
      { id: 'MEXG004', at: 9001, strand: 1, exons: [310, 223], introns: [200], kind: 'protein_coding', symbol: 'brk1', phase: 2 },
      { id: 'MEXG005', at: 11_801, strand: -1, exons: [260, 190], introns: [140], kind: 'lncRNA', symbol: 'MEXLNC1' }
    ]
  },
  {
    name: '2',
    type: 'chromosome',
    length: 10_000,
    genes: [
      { id: 'MEXG006', at: 901, strand: 1, exons: [603], introns: [], kind: 'protein_coding', symbol: 'lvr1', utr: [0, 0] },
      { id: 'MEXG007', at: 3301, strand: -1, exons: [282, 171], introns: [260], kind: 'protein_coding', symbol: 'lvr2', utr: [30, 30] },
      { id: 'MEXG008', at: 6001, strand: 1, exons: [73], introns: [], kind: 'tRNA' }
    ]
  },
  { name: 'MEX_scaffold_1', type: 'scaffold', length: 3000, genes: [{ id: 'MEXG009', at: 601, strand: 1, exons: [150, 201], introns: [88], kind: 'protein_coding', utr: [24, 33] }] }
]

const random = createRandom(20_261_121)
const fasta: string[] = []
const gff3 = ['##gff-version 3', ...regions.map(({ name, length }) => `##sequence-region ${name} 1 ${length}`), '#!genome-build MEX MEX1', '#!genome-version MEX1', '#!genome-date 2026-11']

for (const region of regions) {
  const sequence = randomBases(region.length, 0.36)
  gff3.push(row(region.name, region.type, { start: 1, end: region.length }, '.', '.', [['ID', `${region.type}:${region.name}`]]))
  for (const gene of region.genes) placeGene(region, gene, sequence)
  fasta.push(String(fastaRecord(`${region.name} dna_sm:${region.type} ${region.type}:MEX1:${region.name}:1:${region.length}:1 REF`, Buffer.from(mask(sequence.toString('latin1'), region.genes)))))
  gff3.push('###')
}

const folder = process.argv[2] ?? 'examples/genome'
await mkdir(folder, { recursive: true })
await writeFile(join(folder, 'minimus.fa'), fasta.join(''))
await writeFile(join(folder, 'minimus.gff3'), `${gff3.join('\n')}\n`)

function placeGene (region: RegionSpec, gene: GeneSpec, sequence: Buffer): void {
  const exons: Part[] = []
  let at = gene.at
  // Lengths are in the order of transcription; on the reverse strand the last exon lies first.
  const lengths = gene.strand === 1 ? gene.exons : [...gene.exons].reverse()
  const introns = gene.strand === 1 ? gene.introns : [...gene.introns].reverse()
  for (const [index, length] of lengths.entries()) {
    exons.push({ start: at, end: at + length - 1 })
    at += length + (introns[index] ?? 0)
  }
  const ordered = gene.strand === 1 ? exons : [...exons].reverse()
  const total = gene.exons.reduce((sum, length) => sum + length, 0)
  const [five, three] = gene.phase === undefined ? gene.utr ?? [0, 0] : [0, 30]
  const isCoding = gene.kind === 'protein_coding'
  if (isCoding) write(sequence, ordered, gene.strand, transcriptBases(total, five, three, gene.phase))
  spliceSites(sequence, exons, gene.strand)

  const whole = { start: exons[0]!.start, end: exons.at(-1)!.end }
  const strand = gene.strand === 1 ? '+' : '-'
  const types = isCoding ? ['gene', 'mRNA'] : gene.kind === 'pseudogene' ? ['pseudogene', 'pseudogenic_transcript'] : ['ncRNA_gene', gene.kind === 'tRNA' ? 'tRNA' : 'lnc_RNA']
  const transcript = gene.id.replace('G', 'T')
  gff3.push(row(region.name, types[0]!, whole, strand, '.', [['ID', `gene:${gene.id}`], ['Name', gene.symbol], ['biotype', gene.kind], ['description', gene.description], ['gene_id', gene.id], ['version', '1']]))
  gff3.push(row(region.name, types[1]!, whole, strand, '.', [['ID', `transcript:${transcript}`], ['Parent', `gene:${gene.id}`], ['biotype', gene.kind], ['transcript_id', transcript], ['version', '1']]))
  for (const [index, exon] of ordered.entries()) {
    gff3.push(row(region.name, 'exon', exon, strand, '.', [['Parent', `transcript:${transcript}`], ['exon_id', `${transcript}.E${index + 1}`], ['rank', String(index + 1)], ['version', '1']]))
  }
  if (!isCoding) return
  const protein = gene.id.replace('G', 'P')
  let length = (3 - (gene.phase ?? 0)) % 3
  for (const part of cut(ordered, gene.strand, five, total - three)) {
    gff3.push(row(region.name, 'CDS', part, strand, String((3 - length % 3) % 3), [['ID', `CDS:${protein}`], ['Parent', `transcript:${transcript}`], ['protein_id', protein], ['version', '1']]))
    length += part.end - part.start + 1
  }
}

/** A transcript whose coding part has no stop but its last; with a phase it begins inside a codon. */
function transcriptBases (total: number, five: number, three: number, phase: 0 | 1 | 2 | undefined): string {
  const head = phase === undefined ? 'ATG' : ''
  const rest = total - five - three - (phase ?? 0)
  if (rest % 3 !== 0) throw new Error(`a CDS of ${rest} bases is not whole codons`)
  const codons = Array.from({ length: rest / 3 - (head === '' ? 1 : 2) }, () => randomCodon())
  return randomBases(five, 0.4).toString('latin1') + randomBases(phase ?? 0, 0.5).toString('latin1') + head + codons.join('') + 'TAA' + randomBases(three, 0.36).toString('latin1')
}

function randomCodon (): string {
  for (;;) {
    const codon = randomBases(3, 0.52).toString('latin1')
    if (!['TAA', 'TAG', 'TGA'].includes(codon)) return codon
  }
}

function write (sequence: Buffer, exons: Part[], strand: 1 | -1, bases: string): void {
  let from = 0
  for (const { start, end } of exons) {
    const piece = Buffer.from(bases.slice(from, from += end - start + 1))
    const forward = strand === 1 ? piece : reverseComplement(piece)
    forward.copy(sequence, start - 1)
  }
}

/** GT…AG at the ends of introns, as transcribed. */
function spliceSites (sequence: Buffer, exons: Part[], strand: 1 | -1): void {
  for (const [index, { end }] of exons.slice(0, -1).entries()) {
    sequence.write(strand === 1 ? 'GT' : 'CT', end, 'latin1')
    sequence.write(strand === 1 ? 'AG' : 'AC', exons[index + 1]!.start - 3, 'latin1')
  }
}

/** The part of the exons from base `from` up to base `to` of the transcript, 0-based and half open. */
function cut (exons: Part[], strand: 1 | -1, from: number, to: number): Part[] {
  let offset = 0
  return exons.flatMap(({ start, end }) => {
    const length = end - start + 1
    const first = Math.max(from - offset, 0)
    const last = Math.min(to - offset, length)
    offset += length
    if (first >= last) return []
    return [strand === 1 ? { start: start + first, end: start + last - 1 } : { start: end - last + 1, end: end - first }]
  })
}

/** Repeats between the genes in lower case, and a gap of N. */
function mask (sequence: string, genes: GeneSpec[]): string {
  let masked = sequence
  const lower = (start: number, length: number): void => {
    masked = masked.slice(0, start) + masked.slice(start, start + length).toLowerCase() + masked.slice(start + length)
  }
  for (const gene of genes) lower(gene.at - 400, 120 + Math.floor(random() * 130))
  lower(sequence.length - 300, 200)
  return `${masked.slice(0, 300)}${'N'.repeat(50)}${masked.slice(350)}`
}

function row (region: string, type: string, { start, end }: Part, strand: string, phase: string, attributes: Array<[string, string | undefined]>): string {
  const escape = (text: string): string => text.replace(/[%;=,&\t]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`)
  const column = attributes.filter(([, value]) => value !== undefined).map(([tag, value]) => `${tag}=${escape(value!)}`).join(';')
  return [region, 'mex', type, start, end, '.', strand, phase, column].join('\t')
}

function randomBases (length: number, gc: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random() < gc ? (random() < 0.5 ? 'G' : 'C') : (random() < 0.5 ? 'A' : 'T')).join(''))
}

/** mulberry32: small, seeded, the same everywhere. */
function createRandom (seed: number): () => number {
  let state = seed
  return () => {
    state = state + 0x6d2b79f5 | 0
    let mixed = Math.imul(state ^ state >>> 15, 1 | state)
    mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed
    return ((mixed ^ mixed >>> 14) >>> 0) / 4_294_967_296
  }
}
