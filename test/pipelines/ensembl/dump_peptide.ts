import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import type { DumpPeptideDatabaseParams, DumpPeptideParams } from '../../../src/pipelines/ensembl/params.ts'
import { dumpPeptide } from '../../../src/pipelines/ensembl/dump_peptide.ts'
import { createBiotypes } from '../../../src/pipelines/ensembl/sequence/biotype.ts'
import { openStore } from '../../../src/sdk/store/open.ts'
import { givenBlocks } from '../../fixtures/blocks.ts'
import { rebound } from '../../fixtures/steps.ts'
import { dumpContext, fastaRecords, gunzipText, JOB, readTree, recordTexts, sha256 } from './fixtures/dump-context.ts'
import { mariadbMissing, openMariadb } from '../../fixtures/mariadb.ts'

const ensembl = resolve('../shared/data/ensembl')
const examples = resolve('examples/genome')
const wheat = join(ensembl, 'polyploidy')
const noData = existsSync(ensembl) ? false : 'the shared Ensembl data is not on this machine'
const noGffread = existsSync('/usr/bin/gffread') ? noData : 'no gffread on this machine (Debian: apt-get install gffread)'
const wheatParams = { assembly: 'IWGSC2', division: 'EnsemblPlants', fasta: join(wheat, 'gff3/genome.fa'), gff3: join(wheat, 'gff3/Triticum_aestivum.IWGSC2.114.gff3') }

type Dumped = { files: Map<string, Buffer>, base: string, lines: string[], output: Record<string, unknown>, texts: Map<string, string> }

/** What a run leaves in its store; `texts` without the folders above the type and without the stem. */
async function dump (t: Test, genome: string, params: DumpPeptideParams | DumpPeptideDatabaseParams, { folders = [], blocks = {} }: { folders?: string[], blocks?: Record<string, Record<string, unknown>> } = {}): Promise<Dumped> {
  const { context, folder, lines } = await dumpContext(genome, params, folders)
  t.teardown(async () => rm(folder, { recursive: true }))
  const { output } = await dumpPeptide({ ...context, block: givenBlocks(blocks) })
  const files = await readTree(folder)
  const texts = new Map([...files].filter(([name]) => name.endsWith('.fa.gz')).map(([name, bytes]) => [basename(name).replace(/^.*?\.((?:pep|cds|cdna)\.\w+|ncrna)\.fa\.gz$/, '$1'), gunzipText(bytes)]))
  return { files, base: folder, lines, output: output as Record<string, unknown>, texts }
}

/** The records of all expected files of the gene dumps, and those of the run, as sets and against records.tsv. */
async function same (t: Test, { texts }: Dumped, data: string): Promise<void> {
  const rows = (await readFile(join(data, 'expected/records.tsv'), 'utf8')).trim().split('\n').map((line) => line.split('\t'))
  const wanted = new Map<string, string>()
  for (const type of ['pep', 'cds', 'cdna', 'ncrna']) {
    const folder = join(data, 'expected', type)
    for (const name of existsSync(folder) ? await readdir(folder) : []) wanted.set(`${type}/${name}`, await readFile(join(folder, name), 'utf8'))
  }
  const level = (name: string): string => name.replace(/^.*?\.((?:pep|cds|cdna)\.\w+|ncrna)\.fa$/, '$1')
  t.same([...texts.keys()].sort(), [...wanted.keys()].map(level).sort(), 'the files')
  for (const [name, text] of wanted) {
    const found = texts.get(level(name)) ?? ''
    t.same(recordTexts(found), recordTexts(text), name)
    const records = fastaRecords(found).map(({ header, sequence }) => [String(sequence.length), sha256(sequence), header]).sort()
    t.same(records, rows.filter(([file]) => file === name).map(([, length, sum, , , header]) => [length, sum, header]).sort(), `${name} against records.tsv`)
  }
}

const peptides = (text: string | undefined): Record<string, string> => Object.fromEntries(fastaRecords(text ?? '').map(({ header, sequence }) => [header.split(' ')[0]!, sequence]))

t.test('a GFF3 with its genome', { skip: noData }, async (t) => {
  const wheatDump = await dump(t, 'triticum_aestivum', wheatParams, { folders: [ensembl] })
  await same(t, wheatDump, wheat)

  const byTranscript = (text: string | undefined): Record<string, string> => Object.fromEntries(fastaRecords(text ?? '').map(({ header, sequence }) =>
    [/ transcript:(\S+)/.exec(header)?.[1] ?? header.split(' ')[0]!, sequence]))
  // Theirs are the IDs of the rows; ours have the version.
  const gffread = (text: string): Record<string, string> => Object.fromEntries(fastaRecords(text).map(({ header, sequence }) => [`${header.split(' ')[0]!.replace('transcript:', '')}.1`, sequence]))
  const letters = { y: 'pep.all', x: 'cds.all', w: 'cdna.all' }
  for (const [letter, level] of Object.entries(letters)) {
    t.same(byTranscript(wheatDump.texts.get(level)), gffread(await readFile(join(wheat, `gff3/gffread.${letter}.fa`), 'utf8')), `${level} as gffread wrote it`)
  }

  t.test('gives what gffread gives for it', { skip: noGffread }, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'signalbox-test-'))
    t.teardown(async () => rm(folder, { recursive: true }))
    // Its index goes beside the genome.
    await writeFile(join(folder, 'genome.fa'), await readFile(wheatParams.fasta))
    await promisify(execFile)('/usr/bin/gffread', [...Object.keys(letters).flatMap((letter) => [`-${letter}`, join(folder, letter)]), '-g', join(folder, 'genome.fa'), wheatParams.gff3])
    for (const [letter, level] of Object.entries(letters)) t.same(byTranscript(wheatDump.texts.get(level)), gffread(await readFile(join(folder, letter), 'utf8')), level)
  })
})

t.test('designed genes', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'signalbox-test-'))
  t.teardown(async () => rm(folder, { recursive: true }))
  const genome = [
    // Of `trans` the first part is read backwards: ATGAAA.
    '>lin', 'TTTCATcccccccgggtaaNNNNNATGTGATGGAAATGAGTGAAATAANN',
    '>ring', 'AAATAACCCATG',
    '>back', 'CATGGGTTATTT',
    '>MT', 'ATTTGAGGGAGA'
  ].join('\n')
  const row = (region: string, type: string, start: number, end: number, strand: string, phase: number | '.', attributes: string): string => [region, 'x', type, start, end, '.', strand, phase, attributes].join('\t')
  const gff3 = [
    '##gff-version 3', '##sequence-region ring 1 18',
    row('back', 'region', 1, 12, '.', '.', 'ID=back;Is_circular=true'),
    row('lin', 'CDS', 1, 6, '-', 1, 'ID=CDS:trans;Parent=transcript:trans'),
    row('ring', 'CDS', 10, 18, '+', 0, 'ID=CDS:ring;Parent=transcript:ring'),
    '###',
    row('lin', 'CDS', 11, 19, '+', 0, 'ID=CDS:trans;Parent=transcript:trans'),
    row('lin', 'mRNA', 1, 19, '+', '.', 'ID=transcript:trans;Parent=gene:one;biotype=protein_coding'),
    row('lin', 'gene', 1, 19, '.', '.', 'ID=gene:one;biotype=protein_coding'),
    '# two parts, the later one first in the file',
    row('back', 'CDS', 7, 12, '-', 0, 'ID=CDS:back;Parent=transcript:back'),
    row('back', 'CDS', 13, 15, '-', 0, 'ID=CDS:back;Parent=transcript:back'),
    row('ring', 'mRNA', 10, 18, '+', '.', 'ID=transcript:ring;Parent=gene:two'),
    row('back', 'mRNA', 7, 15, '-', '.', 'ID=transcript:back;Parent=gene:three'),
    row('ring', 'gene', 10, 18, '+', '.', 'ID=gene:two'),
    row('back', 'gene', 7, 15, '-', '.', 'ID=gene:three'),
    row('MT', 'gene', 1, 12, '+', '.', 'ID=gene:four;biotype=protein_coding;Name=nad1,other'),
    row('MT', 'mRNA', 1, 12, '+', '.', 'ID=transcript:mt;Parent=gene:four'),
    row('MT', 'CDS', 1, 12, '+', 0, 'ID=CDS:mt;Parent=transcript:mt'),
    row('lin', 'gene', 25, 48, '+', '.', 'ID=gene:five;biotype=protein_coding;version=2'),
    row('lin', 'mRNA', 25, 48, '+', '.', 'ID=transcript:sec;Parent=gene:five;biotype=nonsense_mediated_decay'),
    row('lin', 'CDS', 25, 48, '+', 0, 'ID=CDS:sec;Parent=transcript:sec;transl_except=(pos:28..30%2Caa:Sec),(pos:40..42,aa:Trp),(pos:46..48%2Caa:TERM)'),
    row('lin', 'mRNA', 25, 48, '+', '.', 'ID=transcript:kept;Parent=gene:five;biotype=retained_intron'),
    row('lin', 'exon', 25, 30, '+', '.', 'Parent=transcript:kept'),
    row('lin', 'CDS', 25, 30, '+', 0, 'ID=CDS:kept;Parent=transcript:kept'),
    row('lin', 'lnc_RNA', 25, 30, '-', '.', 'ID=transcript:lnc;Parent=gene:six'),
    row('lin', 'exon', 25, 30, '-', '.', 'Parent=transcript:lnc'),
    row('lin', 'CDS', 25, 30, '-', 0, 'Parent=transcript:lnc,transcript:nowhere'),
    row('lin', 'ncRNA_gene', 25, 30, '-', '.', 'ID=gene:six;biotype=lncRNA'),
    row('lin', 'gene', 25, 30, '-', '.', 'ID=gene:seven;biotype=TEC'),
    row('lin', 'transcript', 25, 30, '-', '.', 'ID=transcript:tec;Parent=gene:seven'),
    row('lin', 'transcript', 25, 30, '-', '.', 'ID=transcript:bare;Parent=gene:four')
  ].join('\n')
  // Two members each.
  const zipped = (text: string): Buffer => Buffer.concat([gzipSync(text.slice(0, 25)), gzipSync(text.slice(25))])
  await writeFile(join(folder, 'genome.fa.gz'), zipped(genome))
  await writeFile(join(folder, 'genes.gff3.gz'), zipped(gff3))
  const params = { assembly: 'D1', fasta: join(folder, 'genome.fa.gz'), gff3: join(folder, 'genes.gff3.gz'), codon_tables: { MT: 2 }, circular: ['ring'] }
  const { texts, lines, output } = await dump(t, 'designata', params, { folders: [folder] })

  t.same(peptides(texts.get('pep.all')), {
    // Neither the phase nor the order of coordinates counts.
    trans: 'MKPG',
    ring: 'MK',
    back: 'MK',
    // ATT is a start of table 2, TGA reads W, AGA is a stop.
    mt: 'MWG',
    // A stop inside stays, the last one is NCBI's word.
    sec: 'MUWK*WK'
  })
  t.same(peptides(texts.get('cds.all')), { trans: 'ATGAAACCCGGGTAA', ring: 'ATGAAATAA', back: 'ATGAAATAA', mt: 'ATTTGAGGGAGA', sec: 'ATGTGATGGAAATGAGTGAAATAA' }, 'two gzip members read as one')
  t.same(fastaRecords(texts.get('cdna.all')!).map(({ header }) => header), [
    'trans cdna primary_assembly:D1:lin:1:19:1 gene:one gene_biotype:protein_coding transcript_biotype:protein_coding',
    'ring cdna primary_assembly:D1:ring:10:18:1 gene:two gene_biotype:protein_coding transcript_biotype:protein_coding',
    'back cdna primary_assembly:D1:back:7:15:-1 gene:three gene_biotype:protein_coding transcript_biotype:protein_coding',
    'mt cdna primary_assembly:D1:MT:1:12:1 gene:four gene_biotype:protein_coding transcript_biotype:protein_coding gene_symbol:nad1',
    'sec cdna primary_assembly:D1:lin:25:48:1 gene:five.2 gene_biotype:protein_coding transcript_biotype:nonsense_mediated_decay',
    'kept cdna primary_assembly:D1:lin:25:48:1 gene:five.2 gene_biotype:protein_coding transcript_biotype:retained_intron',
    'bare cdna primary_assembly:D1:lin:25:30:-1 gene:four gene_biotype:protein_coding transcript_biotype:protein_coding gene_symbol:nad1'
  ])
  t.match(texts.get('cdna.all'), /^>bare [^\n]*\n$/m, 'a transcript without exons is a header alone')
  t.same(peptides(texts.get('ncrna')), { lnc: 'TCACAT' })
  t.match(output, { counts: { transcripts: 9, skipped: 1, predictions: 0, pep: 5, cds: 5, cdna: 7, ncrna: 1 } })
  t.ok(lines.some((line) => /warning.*transcript:nowhere/.test(line)), 'a parent that is not there is told')

  const refused = async (change: [from: RegExp, to: string], options: Partial<DumpPeptideParams> = {}): Promise<unknown> => {
    await writeFile(join(folder, 'changed.gff3'), gff3.replace(...change))
    return await dump(t, 'designata', { ...params, gff3: join(folder, 'changed.gff3'), ...options }, { folders: [folder] })
  }
  await t.rejects(refused([/10\t18\t/g, '17\t18\t']), { code: 'FINAL', message: /translation ring .* 2 bases/ })
  await t.rejects(refused([/x^/, ''], { circular: [] }), { code: 'INPUT_REFUSED', field: 'data/gff3', message: /ring with 18 bases, the FASTA has 12/ })
  await t.rejects(refused([/ring 1 18/, 'ring 1 12'], { circular: [] }), { code: 'FINAL', message: /transcript ring reaches ring:18/ })
  await t.rejects(refused([/;transl_except=[^\n]*/, ';transl_table=7']), { code: 'INPUT_REFUSED', field: 'data/gff3', message: /table 7 for region lin/ })
  await t.rejects(refused([/CDS:sec;Parent/g, 'CDS:sec;Parent'], { codon_tables: { lin: 8 } }), { code: 'INPUT_REFUSED', field: 'data/codon_tables/lin' })
  await t.rejects(refused([/^lin/gm, 'lim']), { code: 'INPUT_REFUSED', field: 'data/gff3', message: /on lim, which the FASTA does not have/ })
  await t.rejects(refused([/##gff-version[^]*/, row('lin', 'intron', 25, 30, '-', '.', 'ID=i')]), { code: 'INPUT_REFUSED', field: 'data/gff3', message: /no transcript to dump \(1 intron row: / })
})

t.test('a dump that is killed half way leaves nothing, and the next run gives the same bytes', async (t) => {
  const params = { assembly: 'MEX1', fasta: join(examples, 'minimus.fa'), gff3: join(examples, 'minimus.gff3') }
  const whole = await dump(t, 'minimus_exemplaris', params, { folders: [examples] })
  const store = await mkdtemp(join(tmpdir(), 'signalbox-test-'))
  t.teardown(async () => rm(store, { recursive: true }))
  const child = spawn(process.execPath, [...process.execArgv, fileURLToPath(new URL('./fixtures/killed-dump.ts', import.meta.url)), store, params.fasta, params.gff3, examples], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
  const left = async (): Promise<string[]> => (await readdir(tmpdir())).filter((name) => name.startsWith(`signalbox-job-${sha256(JOB).slice(0, 16)}-`))
  t.equal((await left()).length, 1, 'it was in the middle')
  t.same(await readTree(store), new Map())
  const { context, folder } = await dumpContext('minimus_exemplaris', params, [examples])
  t.teardown(async () => rm(folder, { recursive: true }))
  await dumpPeptide({ ...context, store: openStore(`file:${store}`) })
  t.same(await readTree(store), whole.files)
  t.same(await left(), [])
})

t.test('the biotype groups are those of Ensembl, and a table of one’s own goes before them', { skip: noData }, async (t) => {
  const rows = (await readFile(join(ensembl, 'biotype_groups.tsv'), 'utf8')).trim().split('\n').map((line) => line.split('\t'))
  const dumps: Record<string, string> = { coding: 'cdna', pseudogene: 'cdna', snoncoding: 'ncrna', lnoncoding: 'ncrna', mnoncoding: 'ncrna' }
  const { dumpsOf, isCoding } = createBiotypes()
  t.same(rows.filter(([biotype = '', , group = '']) => dumpsOf(biotype).join() !== (dumps[group] ?? '')), [])
  const coding = new Set(rows.filter(([, objectType, group]) => objectType === 'transcript' && group === 'coding').map(([biotype]) => biotype))
  t.same(rows.filter(([biotype = '']) => isCoding(biotype) !== coding.has(biotype)), [])
  const own = createBiotypes([{ name: 'odd', objectType: 'gene', group: 'coding' }, { name: 'odd', objectType: 'transcript', group: 'lnoncoding' }, { name: 'TEC', objectType: 'transcript', group: 'coding' }, { name: 'protein_coding', objectType: 'transcript', group: 'undefined' }])
  t.same([own.dumpsOf('odd'), own.isCoding('odd'), own.isCoding('TEC'), own.dumpsOf('protein_coding'), own.isCoding('protein_coding'), own.dumpsOf('miRNA')], [['cdna', 'ncrna'], false, true, ['cdna'], false, ['ncrna']])
})

t.test('a core database', { skip: mariadbMissing !== false ? mariadbMissing : noData }, async (t) => {
  const mariadb = await openMariadb()
  t.teardown(mariadb.close)
  const read = async (genome: string, database: string, params: Partial<DumpPeptideDatabaseParams> = {}): Promise<Dumped> =>
    await dump(t, genome, { server: 'staging', databases: ['*'], database, ...params }, { blocks: { core_database: { staging: mariadb.tcp } } })
  const load = async (name: string): Promise<string> => {
    await mariadb.load(join(ensembl, name, 'core'), `${name}_core`)
    return `${name}_core`
  }

  t.test('gives the records that Ensembl gives, hard cases included', async (t) => {
    for (const [name, genome] of [['tricky', 'testus_trickus'], ['polyploidy', 'triticum_aestivum']] as const) {
      const dumped = await read(genome, await load(name))
      await same(t, dumped, join(ensembl, name))
      if (name === 'tricky') t.match(dumped.output, { genome, assembly: 'T1', counts: { transcripts: 49, skipped: 1, predictions: 5, pep: 41, cds: 41, cdna: 45, ncrna: 3 } })
    }
    const { files, output } = await read('mapping', await load('mapping'))
    t.same([...files.keys()], [], 'no genes, no files')
    t.match(output, { counts: { transcripts: 0, pep: 0 } })
  })

  t.test('with several species gives each its own, in a folder of the collection', async (t) => {
    await mariadb.run('tricky_core', secondSpecies)
    const { files, texts, output } = await read('testus_secundus', 'tricky_core')
    const base = 'vertebrates/fasta/tricky/testus_secundus'
    t.same([...files.keys()].filter((name) => !/README|CHECKSUMS/.test(name)), ['cdna', 'cds', 'ncrna', 'pep'].map((type) => `${base}/${type}/Testus_secundus.S1.${type === 'ncrna' ? type : `${type}.all`}.fa.gz`))
    t.same(texts.get('pep.all')!.split('\n'), ['>two_p.3 pep chromosome:S1:1:1:12:1 gene:two_g transcript:two_t gene_biotype:odd transcript_biotype:odd_t description:a line end and é', 'MK', ''])
    t.same(peptides(texts.get('cdna.all')), { two_t: 'ATGAAATAACCC', two_u: '' }, 'a transcript without exons')
    t.same(Object.keys(peptides(texts.get('ncrna'))), ['two_t', 'two_u'], 'a biotype of both kinds by its object types')
    t.match(output, { counts: { transcripts: 2, pep: 1 } })
    await same(t, await read('testus_trickus', 'tricky_core'), join(ensembl, 'tricky'))
  })

  t.test('leaves out what meta_coord and the analyses leave out', async (t) => {
    const database = await load('tricky')
    await mariadb.run(database, `
      DELETE FROM meta_coord WHERE coord_system_id = 3 AND table_name = 'transcript'; DELETE FROM meta_coord WHERE table_name = 'prediction_transcript';
      UPDATE transcript SET analysis_id = 10 WHERE stable_id = 'TSTT_fwd3ex'; UPDATE transcript SET analysis_id = 999 WHERE stable_id = 'TSTT_sc2';
      UPDATE transcript SET is_current = 0 WHERE stable_id = 'TSTT_nmd'; DELETE FROM biotype;
      UPDATE translation SET end_exon_id = 1 WHERE stable_id = 'TSTP_lnc_with_tl'`)
    const names = ({ texts }: Dumped): string[] => fastaRecords([...texts.values()].join('')).map(({ header }) => header.split(' ')[0]!)
    const all = await read('testus_trickus', database)
    t.notOk(names(all).some((name) => /onctg|GENSCAN/.test(name)))
    t.ok(all.lines.some((line) => /^warning: 1 transcripts/.test(line)))
    t.ok(['TSTT_nmd.1', 'TSTP_nmd.1', 'TSTT_mirna', 'TSTT_sc2.1', 'TSTT_fwd3ex.1'].every((name) => names(all).includes(name)), 'with an empty table of biotypes, and whether or not a transcript is current')
    t.same(new Set(names(await read('testus_trickus', database, { process_logic_names: ['repeatmask'] }))), new Set(['TSTP_fwd3ex.1', 'TSTT_fwd3ex.1']))
    const without = names(await read('testus_trickus', database, { skip_logic_names: ['repeatmask'] }))
    t.same([without.includes('TSTT_fwd3ex.1'), without.includes('TSTT_sc2.1')], [false, true])
  })

  t.test('that is not sound fails the job, which names what is wrong and leaves the store as it was', async (t) => {
    const database = await load('tricky')
    const { context, folder } = await dumpContext<DumpPeptideDatabaseParams>('testus_trickus', { server: 'staging', databases: ['*'], database }, [])
    t.teardown(async () => rm(folder, { recursive: true }))
    const run = async (): Promise<unknown> => await dumpPeptide({ ...context, block: givenBlocks({ core_database: { staging: mariadb.tcp } }) })
    await run()
    const before = await readTree(folder)
    const cases: Array<[statement: string, undo: string, message: RegExp]> = [
      ["UPDATE translation SET seq_end = 5, seq_start = 4 WHERE stable_id = 'TSTP_rev_1ex'", "UPDATE translation SET seq_start = 9, seq_end = 50 WHERE stable_id = 'TSTP_rev_1ex'", /translation TSTP_rev_1ex\.1 has a CDS of 2 bases/],
      ["UPDATE translation SET end_exon_id = 1 WHERE stable_id = 'TSTP_rev_1ex'", "UPDATE translation SET end_exon_id = start_exon_id WHERE stable_id = 'TSTP_rev_1ex'", /translation TSTP_rev_1ex\.1 begins or ends in exon 1/],
      ["UPDATE transcript_attrib SET value = '4 x' WHERE value = '4 3 ACGT'", "UPDATE transcript_attrib SET value = '4 3 ACGT' WHERE value = '4 x'", /transcript TSTT_edit_utr_ins\.1 has the attribute _rna_edit "4 x"/],
      ["UPDATE transcript_attrib SET value = '-3' WHERE value = '12'", "UPDATE transcript_attrib SET value = '12' WHERE value = '-3'", /transcript TSTT_edit_transl\.1 has the attribute _transl_start "-3"/],
      ['UPDATE seq_region_attrib SET value = 17 WHERE attrib_type_id = 11', 'UPDATE seq_region_attrib SET value = 2 WHERE attrib_type_id = 11', /region MT has codon table 17/]
    ]
    for (const [statement, undo, message] of cases) {
      await mariadb.run(database, statement)
      await t.rejects(run(), { code: 'FINAL', message })
      await mariadb.run(database, undo)
      t.same(await readTree(folder), before)
    }
    const abort = new AbortController()
    const stopped = dumpPeptide(rebound({ ...context, block: givenBlocks({ core_database: { staging: mariadb.tcp } }), signal: abort.signal, progress: () => abort.abort(new Error('cancelled')) }))
    await t.rejects(stopped, { message: 'cancelled' })
    await run()
    t.same(await readTree(folder), before, 'a second run gives the same bytes')
  })
})

/** A species beside that of `tricky`: a gene whose biotypes the database alone knows. */
const secondSpecies = `
  INSERT INTO meta (meta_id, species_id, meta_key, meta_value) VALUES (201, 2, 'species.production_name', 'testus_secundus'), (202, 2, 'species.division', 'EnsemblVertebrates');
  INSERT INTO coord_system VALUES (5, 2, 'chromosome', 'S1', 1, 'default_version,sequence_level');
  INSERT INTO seq_region VALUES (501, '1', 5, 12); INSERT INTO dna VALUES (501, 'atgaaataaCCC'); INSERT INTO meta_coord VALUES ('transcript', 5, 600);
  INSERT INTO biotype (biotype_id, name, object_type, biotype_group) VALUES (501, 'odd', 'gene', 'pseudogene'), (502, 'odd', 'transcript', 'snoncoding'), (503, 'odd_t', 'transcript', 'coding');
  INSERT INTO gene (gene_id, biotype, analysis_id, seq_region_id, seq_region_start, seq_region_end, seq_region_strand, source, description, canonical_transcript_id, stable_id, version) VALUES (501, 'odd', 1, 501, 1, 12, 1, 'x', 'a line\nend and é', 501, 'two_g', 0);
  INSERT INTO transcript (transcript_id, gene_id, analysis_id, seq_region_id, seq_region_start, seq_region_end, seq_region_strand, biotype, canonical_translation_id, stable_id) VALUES (501, 501, 1, 501, 1, 12, 1, 'odd_t', 501, 'two_t'), (502, 501, 1, 501, 1, 12, 1, 'odd', NULL, 'two_u');
  INSERT INTO exon (exon_id, seq_region_id, seq_region_start, seq_region_end, seq_region_strand, phase, end_phase) VALUES (501, 501, 1, 12, 1, 0, 0);
  INSERT INTO exon_transcript VALUES (501, 501, 1);
  INSERT INTO translation (translation_id, transcript_id, seq_start, start_exon_id, seq_end, end_exon_id, stable_id, version) VALUES (501, 501, 1, 501, 9, 501, 'two_p', 3)`
