import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import t, { type Test } from 'tap'
import { dumpFlatfile } from '../../../src/pipelines/ensembl/dump_flatfile.ts'
import { dumpPeptide } from '../../../src/pipelines/ensembl/dump_peptide.ts'
import type { DumpFlatfileDatabaseParams, DumpFlatfileParams } from '../../../src/pipelines/ensembl/params.ts'
import { givenBlocks } from '../../fixtures/blocks.ts'
import { mariadbMissing, openMariadb } from '../../fixtures/mariadb.ts'
import { DATA } from '../../fixtures/places.ts'
import { dumpContext, fastaRecords, gunzipText, readTree, recordTexts } from './fixtures/dump-context.ts'

const examples = resolve('examples/genome')
const ensembl = join(DATA, 'ensembl')
const noData = existsSync(ensembl) ? false : 'the shared Ensembl data is not on this machine'
/** That of Debian, which has its packages. */
const PYTHON = '/usr/bin/python3'
const noBiopython = spawnSync(PYTHON, ['-c', 'import Bio']).status === 0 ? false : 'no Biopython on this machine (Debian: apt-get install python3-biopython)'
const noGffread = existsSync('/usr/bin/gffread') ? false : 'no gffread on this machine (Debian: apt-get install gffread)'

type Flat = { texts: Record<string, string>, output: Record<string, unknown>, files: Map<string, Buffer> }

/** The four files, by format. */
async function flat (t: Test, genome: string, params: DumpFlatfileParams | DumpFlatfileDatabaseParams, folders: string[], blocks = {}): Promise<Flat> {
  const { context, folder } = await dumpContext(genome, params, folders)
  t.teardown(async () => rm(folder, { recursive: true }))
  const { output } = await dumpFlatfile({ ...context, block: givenBlocks(blocks) })
  const files = await readTree(folder)
  const texts = Object.fromEntries([...files].filter(([name]) => name.endsWith('.gz')).map(([name, bytes]) => [name.split('/')[1]!, gunzipText(bytes)]))
  return { texts, output: output as Record<string, unknown>, files }
}

/** The records of a gene dump, by file. */
async function peptides (t: Test, genome: string, params: object, folders: string[], blocks = {}): Promise<Record<string, string[]>> {
  const { context, folder } = await dumpContext(genome, params, folders)
  t.teardown(async () => rm(folder, { recursive: true }))
  await dumpPeptide({ ...context, params: params as never, block: givenBlocks(blocks) })
  return Object.fromEntries([...await readTree(folder)].filter(([name]) => name.endsWith('.fa.gz')).map(([name, bytes]) => [basename(name), recordTexts(gunzipText(bytes))]))
}

function temporary (t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-test-'))
  t.teardown(() => { rmSync(folder, { recursive: true }) })
  return folder
}

type BioFeature = { type: string, qualifiers: Record<string, string[]>, sequence: string }

/** What Biopython reads. */
function parsed (text: string, format: string): Array<{ id: string, sequence: string, features: BioFeature[] }> {
  const lines = execFileSync(PYTHON, [join(import.meta.dirname, 'fixtures/read-flatfile.py'), format], { input: text, maxBuffer: 1 << 28 })
  return lines.toString().trim().split('\n').map((line) => JSON.parse(line))
}

const proteinsOf = (records: string[]): Record<string, string> => Object.fromEntries(fastaRecords(records.join('')).map(({ header, sequence }) => [header.split(' ')[0]!, sequence]))

const minimus = { assembly: 'MEX1', division: 'EnsemblProtists', fasta: join(examples, 'minimus.fa'), gff3: join(examples, 'minimus.gff3') }

t.test('the example genome as flat files', async (t) => {
  const { texts, output, files } = await flat(t, 'minimus_exemplaris', minimus, [examples])
  t.match(output, { counts: { regions: 3, genes: 9, transcripts: 9 } })
  t.same([...files.keys()].filter((name) => name.endsWith('CHECKSUMS')), ['embl', 'genbank', 'gff3', 'gtf'].map((format) => `protists/${format}/minimus_exemplaris/CHECKSUMS`))
  const before = await peptides(t, 'minimus_exemplaris', minimus, [examples])

  for (const format of ['gff3', 'gtf']) {
    t.test(`${format} read back gives the same records`, async (t) => {
      const folder = temporary(t)
      writeFileSync(join(folder, 'back'), texts[format]!)
      const words = { 1: 'chromosome', 2: 'chromosome', MEX_scaffold_1: 'scaffold' }
      const back = await peptides(t, 'minimus_exemplaris', { ...minimus, coord_system: words, gff3: join(folder, 'back') }, [folder, examples])
      // GTF has no descriptions.
      const plain = (records: Record<string, string[]>): unknown => format === 'gff3' ? records : Object.values(records).map((texts) => texts.map((text) => text.replace(/ description:.*/, '')))
      t.same(plain(back), plain(before))
      const again = await flat(t, 'minimus_exemplaris', { ...minimus, gff3: join(folder, 'back'), formats: [format as 'gff3'] }, [folder, examples])
      if (format === 'gff3') t.equal(again.texts[format], texts[format], 'and written again it is the same')
    })

    t.test(`${format} gives gffread the same proteins`, { skip: noGffread }, async (t) => {
      const folder = temporary(t)
      writeFileSync(join(folder, 'g.fa'), execFileSync('cat', [minimus.fasta]))
      writeFileSync(join(folder, `a.${format}`), texts[format]!)
      execFileSync('/usr/bin/gffread', ['-y', join(folder, 'y.fa'), '-g', join(folder, 'g.fa'), join(folder, `a.${format}`)])
      const theirs = fastaRecords(execFileSync('cat', [join(folder, 'y.fa')]).toString()).map(({ sequence }) => sequence.replace(/\.$/, '')).sort()
      const ours = Object.values(proteinsOf(before['Minimus_exemplaris.MEX1.pep.all.fa.gz']!)).map((protein) => protein.replace(/^X/, '')).sort()
      t.same(theirs, ours)
    })
  }

  for (const format of ['embl', 'genbank']) {
    t.test(`${format} is read by Biopython: the sequence, the proteins and their names`, { skip: noBiopython }, async (t) => {
      const records = parsed(texts[format]!, format === 'genbank' ? 'genbank' : 'embl')
      const dna = fastaRecords(execFileSync('cat', [minimus.fasta]).toString())
      t.same(records.map(({ sequence }) => sequence.toUpperCase()), dna.map(({ sequence }) => sequence.toUpperCase()))
      const coding = records.flatMap(({ features }) => features.filter(({ type }) => type === 'CDS'))
      const proteins = Object.fromEntries(coding.map(({ qualifiers }) => [qualifiers['protein_id']![0]!, qualifiers['translation']![0]!]))
      const ours = Object.entries(proteinsOf(before['Minimus_exemplaris.MEX1.pep.all.fa.gz']!)).map(([id, protein]) => [id, protein.replace(/^X/, '')])
      t.same(proteins, Object.fromEntries(ours))
      const spliced = Object.fromEntries(coding.map(({ qualifiers, sequence }) => [qualifiers['note']![0]!.replace('transcript_id=', ''), sequence.toUpperCase()]))
      const cds = Object.entries(proteinsOf(before['Minimus_exemplaris.MEX1.cds.all.fa.gz']!)).map(([id, sequence]) => [id, sequence.replace(/^N+/, '')])
      t.same(spliced, Object.fromEntries(cds), 'the locations are those of the CDS')
      const gene = records[0]!.features.find(({ type }) => type === 'gene')!
      t.same(gene.qualifiers, { gene: ['sig1'], locus_tag: ['MEXG001.1'], note: ['signal relay protein 1; invented'] })
    })
  }
})

t.test('a core database as flat files', { skip: mariadbMissing !== false ? mariadbMissing : noData }, async (t) => {
  const mariadb = await openMariadb()
  t.teardown(() => mariadb.close())
  await mariadb.load(join(ensembl, 'polyploidy/core'), 'triticum_aestivum_core_1_1')
  const blocks = { core_database: { staging: mariadb.server } }
  const { texts, output } = await flat(t, 'triticum_aestivum', { server: 'staging' }, [], blocks)
  t.match(output, { counts: { genes: 6, transcripts: 6 } })
  t.match(texts['gff3'], /^##gff-version 3\n##sequence-region {3}\S+ 1 \d+\n/)
  const fasta = join(ensembl, 'polyploidy/gff3/genome.fa')
  const before = await peptides(t, 'triticum_aestivum', { server: 'staging' }, [], blocks)
  const folder = temporary(t)
  writeFileSync(join(folder, 'a.gff3'), texts['gff3']!)
  writeFileSync(join(folder, 'a.gtf'), texts['gtf']!)
  for (const name of ['a.gff3', 'a.gtf']) {
    const back = await peptides(t, 'triticum_aestivum', { fasta, gff3: join(folder, name), assembly: 'IWGSC2', coord_system: 'scaffold', division: 'EnsemblPlants' }, [folder, ensembl])
    t.same(proteinsOf(back['Triticum_aestivum.IWGSC2.pep.all.fa.gz']!), proteinsOf(before['Triticum_aestivum.IWGSC2.pep.all.fa.gz']!), name)
    t.same(proteinsOf(back['Triticum_aestivum.IWGSC2.cdna.all.fa.gz']!), proteinsOf(before['Triticum_aestivum.IWGSC2.cdna.all.fa.gz']!), name)
  }
})

t.test('records of other databases are told in GFF3, EMBL and GenBank, and change nothing of what is read back', { skip: mariadbMissing === false ? noData : mariadbMissing }, async (t) => {
  const mariadb = await openMariadb()
  t.teardown(async () => mariadb.close())
  await mariadb.load(join(ensembl, 'polyploidy/core'), 'triticum_aestivum_core_1_1')
  const plain = await flat(t, 'triticum_aestivum', { server: 'test', database: 'triticum_aestivum_core_1_1' }, [], { core_database: { test: mariadb.server } })
  const [row] = await mariadb.run('triticum_aestivum_core_1_1', 'SELECT gene_id, transcript_id, canonical_translation_id AS translation_id FROM transcript WHERE canonical_translation_id IS NOT NULL ORDER BY gene_id LIMIT 1') as Array<Record<string, number>>
  await mariadb.run('triticum_aestivum_core_1_1', `
    CREATE TABLE object_xref (object_xref_id INT PRIMARY KEY, ensembl_id INT, ensembl_object_type VARCHAR(20), xref_id INT) ENGINE=MyISAM;
    REPLACE INTO external_db (external_db_id, db_name, status, type) VALUES (90001, 'GO', 'XREF', 'MISC'), (90002, 'UniProt/SPTREMBL', 'XREF', 'MISC');
    INSERT INTO xref (xref_id, external_db_id, dbprimary_acc, display_label) VALUES (990001, 90001, 'GO:0003674', 'x'), (990002, 90002, 'Q9,X;1', 'x');
    INSERT INTO object_xref VALUES (1, ${row!['gene_id']}, 'Gene', 990001), (2, ${row!['transcript_id']}, 'Transcript', 990001), (3, ${row!['translation_id']}, 'Translation', 990002), (4, ${row!['translation_id']}, 'Translation', 990001), (5, ${row!['translation_id']}, 'Translation', 990001)`)
  const { texts } = await flat(t, 'triticum_aestivum', { server: 'test', database: 'triticum_aestivum_core_1_1' }, [], { core_database: { test: mariadb.server } })
  const lines = (text: string, wanted: RegExp): string[] => text.split('\n').flatMap((line) => wanted.exec(line)?.[0] ?? [])
  t.equal(lines(texts['gff3']!, /\tgene\t.*;Dbxref=GO:0003674/).length, 1)
  t.equal(lines(texts['gff3']!, /\tmRNA\t.*;Dbxref=GO:0003674/).length, 1)
  t.same([...new Set(lines(texts['gff3']!, /Dbxref=GO:0003674,UniProt[^;]*/))], ['Dbxref=GO:0003674,UniProt/SPTREMBL:Q9%2CX%3B1'])
  for (const format of ['embl', 'genbank']) t.same(lines(texts[format]!, /\/db_xref="[^"]*"/), ['/db_xref="GO:0003674"', '/db_xref="GO:0003674"', '/db_xref="GO:0003674"', '/db_xref="UniProt/SPTREMBL:Q9,X;1"'])
  t.same(texts['gff3']!.replace(/;Dbxref=[^;\n]*/g, ''), plain.texts['gff3'])
})

t.test('records of other databases that a GFF3 names are in every format, on what names them, and are read back', async (t) => {
  const folder = temporary(t)
  writeFileSync(join(folder, 'g.fa'), '>c\nATGAAATAACCCATGAAATAACCC\n')
  const row = (type: string, start: number, end: number, phase: string, attributes: string): string => `c\tx\t${type}\t${start}\t${end}\t.\t+\t${phase}\t${attributes}\n`
  writeFileSync(join(folder, 'a.gff3'), '##gff-version 3\n' +
    row('gene', 1, 9, '.', 'ID=g1;Dbxref=GeneID:7,HGNC:HGNC:5') +
    row('mRNA', 1, 9, '.', 'ID=t1;Parent=g1;Dbxref=GeneID:7,Genbank:NM_1.2') +
    row('CDS', 1, 3, '0', 'ID=p1;Parent=t1;Dbxref=GeneID:7,Genbank:NP_1.1') +
    row('CDS', 4, 9, '0', 'ID=p1;Parent=t1;Dbxref=GeneID:7,Genbank:NP_1.1') +
    row('CDS', 13, 21, '0', 'ID=q2;Dbxref=UniProtKB:Q9%2CX'))
  const params = { assembly: 'X1', fasta: join(folder, 'g.fa'), gff3: join(folder, 'a.gff3'), coord_system: 'chromosome' }
  const { texts } = await flat(t, 'made_up', params, [folder])
  const xrefs = ['GeneID:7', 'HGNC:HGNC:5', 'GeneID:7', 'Genbank:NM_1.2', 'GeneID:7', 'Genbank:NP_1.1', 'UniProtKB:Q9,X']
  const told = (text = ''): string[] => [...text.matchAll(/\/db_xref="([^"]*)"/g)].map(([, xref]) => xref!)
  t.same(told(texts['embl']), xrefs)
  t.same(told(texts['genbank']), xrefs)
  const rows = (text = '', tag: RegExp): string[] => [...new Set(text.split('\n').flatMap((line) => {
    const found = [...line.matchAll(tag)].map(([, xref]) => xref)
    return found.length === 0 ? [] : [`${line.split('\t')[2]} ${found.join(' ')}`]
  }))]
  t.same(rows(texts['gff3'], /Dbxref=([^;]*)/g), [
    'gene GeneID:7,HGNC:HGNC:5', 'mRNA GeneID:7,Genbank:NM_1.2', 'CDS GeneID:7,Genbank:NP_1.1', 'CDS UniProtKB:Q9%2CX'
  ])
  t.same(rows(texts['gtf'], /db_xref "([^"]*)"/g), [
    'gene GeneID:7 HGNC:HGNC:5', 'transcript GeneID:7 Genbank:NM_1.2', 'CDS GeneID:7 Genbank:NP_1.1', 'CDS UniProtKB:Q9,X'
  ])
  for (const format of ['gff3', 'gtf']) {
    writeFileSync(join(folder, 'back'), texts[format]!)
    const back = await flat(t, 'made_up', { ...params, gff3: join(folder, 'back') }, [folder])
    t.same(told(back.texts['embl']), xrefs, format)
  }
})
