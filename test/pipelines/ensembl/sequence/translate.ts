import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { checksumLine, createBsdSum } from '../../../../src/pipelines/ensembl/sequence/checksum.ts'
import { findCodonTable } from '../../../../src/pipelines/ensembl/sequence/codon-table.ts'
import type { CodonTable } from '../../../../src/pipelines/ensembl/sequence/codon-table.ts'
import { fastaLines, fastaRecord } from '../../../../src/pipelines/ensembl/sequence/fasta.ts'
import { readFasta } from '../../../../src/pipelines/ensembl/sequence/fasta-reader.ts'
import type { Span, Transcript } from '../../../../src/pipelines/ensembl/sequence/gene.ts'
import { openGenome } from '../../../../src/pipelines/ensembl/sequence/genome.ts'
import type { Genome } from '../../../../src/pipelines/ensembl/sequence/genome.ts'
import { createSpanReader } from '../../../../src/pipelines/ensembl/sequence/genome-spans.ts'
import { reverseComplement, toHardMask, toUpperCase } from '../../../../src/pipelines/ensembl/sequence/letters.ts'
import { splice } from '../../../../src/pipelines/ensembl/sequence/splice.ts'
import { translate as translateBytes } from '../../../../src/pipelines/ensembl/sequence/translate.ts'
import type { TranslateOptions } from '../../../../src/pipelines/ensembl/sequence/translate.ts'
import { annotationOf, gff3Of, inPieces } from '../fixtures/annotation.ts'

const signal = new AbortController().signal

const translate = (cds: string, table: CodonTable, options: TranslateOptions): string => String(translateBytes(Buffer.from(cds), table, options))

async function readRecords (text: string, size?: number): Promise<string[]> {
  const records: string[] = []
  for await (const part of readFasta(inPieces(text, size), 'data/fasta')) {
    if ('header' in part) records.push(`${part.header}=`)
    else records.push(`${records.pop()}${part.letters.toString()}`)
  }
  return records
}

async function transcriptsOf (rows: string[]): Promise<Transcript[]> {
  return (await annotationOf(gff3Of(...rows))).transcripts
}

async function withGenome (fasta: string, use: (genome: Genome) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'signalbox-test-'))
  const genome = await openGenome(inPieces(fasta), { folder, field: 'data/fasta', signal })
  await use(genome).finally(async () => {
    await genome.close()
    await rm(folder, { recursive: true })
  })
}

t.test('a CDS becomes a protein by the rules of release 114', async (t) => {
  const cases: Array<[title: string, cds: string, table: number, protein: string]> = [
    ['the last stop is dropped', 'ATGAAATAA', 1, 'MK'],
    ['one stop only is dropped', 'ATGTAATAA', 1, 'M*'],
    ['a stop inside stays', 'ATGTGAAAATAG', 1, 'M*K'],
    ['nothing is dropped without a stop', 'ATGAAA', 1, 'MK'],
    ['bases beyond whole codons are dropped, and no residue is guessed', 'ATGAAACT', 1, 'MK'],
    ['the last whole codon may be a stop although bases follow', 'ATGAAATAAT', 1, 'MK'],
    ['a stop alone gives an empty protein', 'TAA', 1, ''],
    ['NNG is not a start', 'NNGAAATAA', 1, 'XK'],
    ['NTG is not a start, for GTG is none', 'NTGAAATAA', 1, 'XK'],
    ['YTG is a start: CTG and TTG are', 'YTGAAATAA', 1, 'MK'],
    ['CTG becomes M', 'CTGAAACTGTAA', 1, 'MKL'],
    ['TTG becomes M', 'TTGAAATTGTAA', 1, 'MKL'],
    ['GTG stays V in table 1', 'GTGAAATAA', 1, 'VK'],
    ['GTG becomes M in table 11', 'GTGAAATAA', 11, 'MK'],
    ['NTG is a start in table 11', 'NTGAAATAA', 11, 'MK'],
    ['ATA becomes M in table 2', 'ATAAAATAA', 2, 'MK'],
    ['ATT becomes M and TGA reads W in table 2', 'ATTTGAATT', 2, 'MWI'],
    ['AGA and AGG are stops in table 2', 'ATGAGGAGA', 2, 'M*'],
    ['TTG stays L in table 2', 'TTGAAATAA', 2, 'LK'],
    ['a stop completed by poly-A loses its lone T', 'ATGAAAT', 2, 'MK'],
    ['RAY is B, SAR is Z', 'ATGGARRAYSARGGNCTNNNNYTAMGRTAR', 1, 'MEBZGLXLR'],
    ['any other ambiguity is X', 'ATGRAATAY', 1, 'MXY'],
    ['U reads as T', 'AUGAAAUAA', 1, 'MK'],
    ['TRA may be a stop only, and TAN may not', 'ATGTRATAN', 1, 'M*X'],
    ['TRA as the last codon is dropped', 'ATGTRA', 1, 'M'],
    ['CTG is S in table 12', 'ATGCTG', 12, 'MS']
  ]
  for (const [title, cds, number, protein] of cases) {
    t.equal(translate(cds, findCodonTable(number)!, { name: 'T' }), protein, title)
  }
  for (const cds of ['', 'A', 'AT']) t.throws(() => translate(cds, findCodonTable(1)!, { name: 'P1.1' }), { code: 'FINAL', message: /translation P1\.1/ })
  t.equal(findCodonTable(7), undefined)
})

t.test('edits come after the last stop and the first M, the highest first', async (t) => {
  const table = findCodonTable(1)!
  const edit = (start: number, end: number, letters: string) => ({ start, end, letters })
  t.equal(translate('ATGTGAAAATGATAA', table, { name: 'T', edits: [edit(2, 2, 'U'), edit(4, 4, 'U')] }), 'MUKU')
  t.equal(translate('ATGAAATGATAA', table, { name: 'T', edits: [edit(3, 3, 'U')] }), 'MKU', 'just before the stop')
  t.equal(translate('GTGAAATAA', table, { name: 'T', edits: [edit(1, 1, 'M')] }), 'MK', 'initial_met')
  t.equal(translate('ATGAAATAA', table, { name: 'T', edits: [edit(2, 1, 'WW')] }), 'MWWK', 'insertion')
  t.equal(translate('ATGAAATAA', table, { name: 'T', edits: [edit(2, 2, '')] }), 'M', 'deletion')
})

t.test('letters are masked, folded and complemented', async (t) => {
  t.equal(reverseComplement(Buffer.from('ACGTURYKMBVDHSWNacgtrn')).toString(), 'nyacgtNWSDHBVKMRYAACGT')
  const mixed = Buffer.from('--acgtnryACGTNa\nCcNnRr\n')
  for (const [from, to] of [[2, 23], [3, 23], [2, 22], [5, 9], [6, 8]] as const) {
    const text = mixed.subarray(from, to)
    t.equal(toHardMask(text).toString(), text.toString().replace(/[acgtn]/g, 'N'))
    t.equal(toUpperCase(text).toString(), text.toString().toUpperCase())
  }
  t.equal(fastaLines(Buffer.from('a'.repeat(60))).toString(), `${'a'.repeat(60)}\n`)
  t.equal(fastaLines(Buffer.from('a'.repeat(61))).toString(), `${'a'.repeat(60)}\na\n`)
  t.equal(fastaLines(Buffer.alloc(0)).toString(), '')
  t.equal(String(fastaRecord('h', Buffer.from('A'.repeat(60)))), `>h\n${'A'.repeat(60)}\n`)
  t.equal(String(fastaRecord('h', Buffer.from('A'.repeat(61)))), `>h\n${'A'.repeat(60)}\nA\n`)
  t.equal(String(fastaRecord('h', Buffer.from(''))), '>h\n')
})

t.test('FASTA is read in pieces of any size', async (t) => {
  for (const size of [1, 2, 3, 7, 1000]) {
    t.same(await readRecords('\n>one two\r\nACG\r\nTacg\r\n\r\n>b\n>c\nNNN RY', size), ['one two=ACGTacg', 'b=', 'c=NNNRY'], `${size} bytes`)
  }
  const refused: Array<[text: string, message: RegExp]> = [
    ['', /no FASTA record/],
    ['ACGT', /before its first header/],
    ['>a\nAC>GT', /in record a/],
    ['>a\nMEL*', /in record a/]
  ]
  for (const [text, message] of refused) await t.rejects(readRecords(text), { code: 'INPUT_REFUSED', field: 'data/fasta', message })
  await t.rejects(withGenome('>a\nA\n>a\nC', async () => {}), { message: /record a twice/ })
  await t.rejects(withGenome('>a\n>b\n', async () => {}), { message: /no sequence for the record a/ })
  await withGenome('>a\n>b\nC\n>c', async ({ regions, empty }) => {
    t.same([...regions.values()].map(({ name }) => name), ['b'])
    t.same(empty, ['a', 'c'], 'records without sequence are left out')
  })
  await withGenome('>a d e\nACGTac\n>b\nGG\n', async (genome) => {
    t.same([...genome.regions.values()].map(({ name, description, length }) => [name, description, length]), [['a', 'd e', 6], ['b', '', 2]])
    t.equal((await genome.read('a', 3, 6)).toString(), 'GTac')
    t.equal((await genome.read('b', 1, 2)).toString(), 'GG')
    await t.rejects(genome.read('a', 3, 7))
  })
})

t.test('GFF3 rows may be interleaved and out of order, and column 9 is decoded last', async (t) => {
  const [one, two] = await transcriptsOf([
    '1 x exon 31 40 . + . Parent=transcript:T1,transcript:T2',
    '1 x mRNA 11 60 . + . ID=transcript:T1;Parent=gene:G1;version=3;transcript_id=T1.x',
    '# a comment',
    '1 x exon 11 20 . + . Parent=transcript:T1',
    '###',
    '1 x CDS 31 36 . + 1 ID=CDS:P1;Parent=transcript:T1;protein_id=P1;version=2',
    '1 x CDS 13 20 . + 2 ID=CDS:P1;Parent=transcript:T1;protein_id=P1;version=2',
    '1 x gene 11 60 . + . ID=gene:G1;Name=S%3B1;biotype=protein_coding;gene_id=G1;description=a%2Cb%3Dc%09d',
    '1 x mRNA 31 40 . + . ID=transcript:T2;Parent=gene:G1;biotype=retained_intron;version=0'
  ])
  t.same(one, {
    id: 'T1.x.3',
    biotype: 'protein_coding',
    gene: { id: 'G1', biotype: 'protein_coding', symbol: 'S;1', description: 'a,b=c d' },
    region: '1',
    start: 11,
    end: 60,
    strand: 1,
    exons: [{ region: '1', start: 11, end: 20, strand: 1 }, { region: '1', start: 31, end: 40, strand: 1 }],
    translation: { id: 'P1.2', coding: [{ region: '1', start: 13, end: 20, strand: 1 }, { region: '1', start: 31, end: 36, strand: 1 }], prefix: 1, codonTable: undefined, isPartial: undefined, edits: [] }
  })
  t.match(two, { id: 'T2', biotype: 'retained_intron', translation: undefined, exons: [{ start: 31 }] })
  for (const row of ['1 x gene 1', '1 x gene 5 4 . + . ID=a', '1 x gene 0 4 . + . ID=a', '1 x gene 1 4 . * . ID=a']) {
    await t.rejects(transcriptsOf([row]), { code: 'INPUT_REFUSED', field: 'data/gff3', message: /line 2/ })
  }
})

t.test('exons are joined by rank, by coordinate, or in file order where trans-spliced', async (t) => {
  await withGenome('>1\nAAAAACCCCCGGGGGTTTTT\n', async (genome) => {
    const cdna = async (rows: string[]): Promise<string> => String(await splice(createSpanReader(genome), (await transcriptsOf(rows))[0]!.exons, 'T'))
    const parent = (strand: string): string => `1 x mRNA 1 20 . ${strand} . ID=T`
    t.equal(await cdna([parent('+'), '1 x exon 6 7 . + . Parent=T', '1 x exon 1 2 . + . Parent=T']), 'AACC')
    t.equal(await cdna([parent('-'), '1 x exon 1 2 . - . Parent=T', '1 x exon 6 7 . - . Parent=T']), 'GGTT')
    t.equal(await cdna([parent('+'), '1 x exon 1 2 . + . Parent=T;rank=2', '1 x exon 6 7 . + . Parent=T;rank=1']), 'CCAA')
    t.equal(await cdna([parent('+'), '1 x exon 16 17 . - . Parent=T', '1 x exon 1 2 . + . Parent=T']), 'AAAA')
    t.equal(await cdna([parent('.'), '1 x exon 11 12 . + . Parent=T', '1 x exon 1 2 . + . Parent=T']), 'GGAA')
  })
})

t.test('a first phase gives N in front, but never in a trans-spliced CDS', async (t) => {
  const prefix = async (phase: number, strand: string): Promise<number> => (await transcriptsOf([`1 x mRNA 1 20 . ${strand} . ID=T`, `1 x CDS 1 9 . + ${phase} ID=P;Parent=T`]))[0]!.translation!.prefix
  t.same([await prefix(0, '+'), await prefix(1, '+'), await prefix(2, '+')], [0, 2, 1])
  t.same([await prefix(1, '-'), await prefix(2, '.')], [0, 0])
})

t.test('a span over the origin wraps on a circular region, and fails on any other', async (t) => {
  await withGenome('>c\nATGAAACCCG\n', async (genome) => {
    const read = async (rows: string[], circular: string[]): Promise<string> => {
      for (const name of circular) genome.regions.setCircular(genome.regions.indexOf(name))
      return String(await splice(createSpanReader(genome), (await transcriptsOf(['c x mRNA 8 16 . + . ID=T', ...rows]))[0]!.translation!.coding as Span[], 'translation P'))
    }
    await t.rejects(read(['c x CDS 8 13 . + 0 ID=P;Parent=T'], []), { code: 'FINAL', message: /translation P reaches c:13/ })
    t.equal(await read(['c x CDS 8 13 . + 0 ID=P;Parent=T'], ['c']), 'CCGATG')
    t.equal(await read(['c x CDS 9 10 . + 0 ID=P;Parent=T', 'c x CDS 11 13 . + 0 ID=P;Parent=T'], ['c']), 'CGATG')
    t.equal(await read(['c x CDS 9 10 . - 0 ID=P;Parent=T', 'c x CDS 11 13 . - 0 ID=P;Parent=T'], ['c']), 'CGCAT', 'parts against the parent: file order')
    await t.rejects(read(['c x CDS 8 30 . + 0 ID=P;Parent=T'], ['c']), { code: 'FINAL' })
    await t.rejects(read(['d x CDS 8 13 . + 0 ID=P;Parent=T'], ['c']), { message: /line 3 is on d/ })
  })
})

t.test('on the reverse strand of a circular region the unwrapped coordinate decides', async (t) => {
  const [transcript] = await transcriptsOf(['c x mRNA 9 13 . - . ID=T', 'c x CDS 9 10 . - 0 ID=P;Parent=T', 'c x CDS 11 13 . - 0 ID=P;Parent=T'])
  t.same((transcript!.translation!.coding as Span[]).map(({ start }) => start), [11, 9])
})

t.test('transl_table and transl_except of NCBI are read', async (t) => {
  const [forward] = await transcriptsOf(['1 x mRNA 1 60 . + . ID=T', '1 x CDS 1 6 . + 0 ID=P;Parent=T;transl_table=11;transl_except=(pos:14..16%2Caa:Sec),(pos:58..60%2Caa:TERM)', '1 x CDS 11 60 . + 0 ID=P;Parent=T;transl_table=11;transl_except=(pos:14..16%2Caa:Sec)'])
  t.match(forward!.translation, { codonTable: 11, edits: [{ start: 4, end: 4, letters: 'U' }] })
  const [reverse] = await transcriptsOf(['1 x mRNA 1 60 . - . ID=T', '1 x CDS 1 60 . - 0 ID=P;Parent=T;transl_except=(pos:complement(52..54)%2Caa:Pyl)'])
  t.match(reverse!.translation, { edits: [{ start: 3, end: 3, letters: 'O' }] })
})

t.test('the checksum is that of BSD sum', async (t) => {
  const { add, sum } = createBsdSum()
  for (const piece of ['hello', ' wor', 'ld\n']) add(Buffer.from(piece))
  t.equal(checksumLine(sum(), 12, 'x'), '03762     1 x\n')
  t.equal(checksumLine(5, 1025, 'x'), '00005     2 x\n')
})
