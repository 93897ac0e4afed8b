import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { createInputs } from '../../../src/sdk/inputs/inputs.ts'
import type { DumpDnaParams, DumpPeptideParams } from '../../../src/pipelines/ensembl/params.ts'
import { dumpDna } from '../../../src/pipelines/ensembl/dump_dna.ts'
import { dumpPeptide } from '../../../src/pipelines/ensembl/dump_peptide.ts'
import { rebound } from '../../fixtures/steps.ts'
import { dumpContext, fastaRecords, gunzipText, readTree, recordTexts, sha256 } from './fixtures/dump-context.ts'

const examples = resolve('examples/genome')
const ensembl = resolve('../shared/data/ensembl')
const wheat = join(ensembl, 'polyploidy')
const skip = existsSync(ensembl) ? false : 'the shared Ensembl data is not on this machine'
const minimus = { assembly: 'MEX1', division: 'EnsemblProtists', fasta: join(examples, 'minimus.fa'), gff3: join(examples, 'minimus.gff3') }
// The genome beside the GFF3 is in upper case; the soft-masked toplevel file holds the same bases.
const wheatMasked = join(wheat, 'expected/dna/Triticum_aestivum.IWGSC2.dna_sm.toplevel.fa')
const wheatParams = { assembly: 'IWGSC2', division: 'EnsemblPlants', fasta: join(wheat, 'gff3/genome.fa'), gff3: join(wheat, 'gff3/Triticum_aestivum.IWGSC2.114.gff3') }

t.test('dump_dna writes what Ensembl writes for the wheat scaffolds', { skip }, async (t) => {
  const { context, folder } = await dumpContext<DumpDnaParams>('triticum_aestivum', { ...wheatParams, fasta: wheatMasked }, [ensembl])
  t.teardown(async () => rm(folder, { recursive: true }))
  const { output, events } = await dumpDna(context)
  const files = await readTree(join(folder, 'plants/fasta/triticum_aestivum/dna'))
  const expected = await readdir(join(wheat, 'expected/dna'))
  t.same([...files.keys()].filter((name) => name.endsWith('.gz')), expected.map((name) => `${name}.gz`).sort())
  for (const name of expected) t.equal(gunzipText(files.get(`${name}.gz`)), await readFile(join(wheat, 'expected/dna', name), 'utf8'), name)
  t.match(output, { genome: 'triticum_aestivum', assembly: 'IWGSC2', regions: 3, bases: 28_291 })
  await dumpDna({ ...context, params: wheatParams })
  const unmasked = await readTree(join(folder, 'plants/fasta/triticum_aestivum/dna'))
  t.equal(gunzipText(unmasked.get('Triticum_aestivum.IWGSC2.dna.toplevel.fa.gz')), await readFile(wheatParams.fasta, 'utf8'))
  t.match(events, [{ type: 'dna_dumped', subject: 'triticum_aestivum', data: { assembly: 'IWGSC2' } }])
})

t.test('dump_dna writes chromosomes, alternative regions, toplevel and primary_assembly as Ensembl does', { skip }, async (t) => {
  const expectedFolder = join(ensembl, 'tricky/expected/dna')
  const input = await mkdtemp(join(tmpdir(), 'signalbox-test-'))
  t.teardown(async () => rm(input, { recursive: true }))
  // Y stands there twice under one id, which is a trait of the database form.
  const withoutY = (text: string): string => text.split(/^(?=>)/m).filter((record) => !record.startsWith('>Y ')).join('')
  await writeFile(join(input, 'genome.fa'), withoutY(await readFile(join(expectedFolder, 'Testus_trickus.T1.dna_sm.toplevel.fa'), 'utf8')))
  const { context, folder } = await dumpContext<DumpDnaParams>('testus_trickus', { fasta: join(input, 'genome.fa') }, [input])
  t.teardown(async () => rm(folder, { recursive: true }))
  await dumpDna(context)
  const files = await readTree(join(folder, 'other/fasta/testus_trickus/dna'))
  const expected = (await readdir(expectedFolder)).filter((name) => !name.includes('chromosome.Y'))
  t.same([...files.keys()].filter((name) => name.endsWith('.gz')), expected.map((name) => `${name}.gz`).sort())
  for (const name of expected) t.equal(gunzipText(files.get(`${name}.gz`)), withoutY(await readFile(join(expectedFolder, name), 'utf8')), name)
})

t.test('dump_peptide writes the records that Ensembl writes for the wheat genes', { skip }, async (t) => {
  const { context, folder } = await dumpContext<DumpPeptideParams>('triticum_aestivum', wheatParams, [ensembl])
  t.teardown(async () => rm(folder, { recursive: true }))
  const { output, events } = await dumpPeptide(context)
  const files = await readTree(join(folder, 'plants/fasta/triticum_aestivum'))
  const rows = (await readFile(join(wheat, 'expected/records.tsv'), 'utf8')).trim().split('\n').map((line) => line.split('\t'))
  for (const type of ['pep', 'cds', 'cdna']) {
    const name = `${type}/Triticum_aestivum.IWGSC2.${type}.all.fa`
    const text = gunzipText(files.get(`${name}.gz`))
    t.same(recordTexts(text), recordTexts(await readFile(join(wheat, 'expected', name), 'utf8')), name)
    const records = fastaRecords(text).map(({ header, sequence }) => [header, String(sequence.length), sha256(sequence)]).sort()
    t.same(records, rows.filter(([file]) => file === name).map(([, length, sum, , , header]) => [header, length, sum]).sort(), `${name} against records.tsv`)
  }
  t.notOk([...files.keys()].some((name) => name.startsWith('ncrna/')), 'no ncrna, no file')
  t.match(output, { counts: { transcripts: 6, skipped: 0, pep: 6, cds: 6, cdna: 6, ncrna: 0 } })
  t.match(events, [{ type: 'peptide_dumped', subject: 'triticum_aestivum' }])
})

t.test('the example genome', async (t) => {
  const { context, folder, lines, steps, artefacts } = await dumpContext<DumpDnaParams & DumpPeptideParams>('minimus_exemplaris', minimus, [examples])
  t.teardown(async () => rm(folder, { recursive: true }))
  const base = join(folder, 'protists/fasta/minimus_exemplaris')
  await dumpDna(context)
  await dumpPeptide(context)
  const files = await readTree(base)

  t.test('is told step by step, with its counts', async (t) => {
    t.same(steps().map(({ name, state }) => `${name}: ${state}`), [
      'read the sequence: complete', 'write the files: complete', 'publish the files: complete',
      'read the annotation: complete', 'read the sequence: complete', 'write the transcripts: complete', 'publish the files: complete'
    ])
    t.same(artefacts.map(({ name, kind }) => `${name} ${kind}`), ['counts table', 'files table', 'counts table', 'files table'])
    t.match(artefacts[2], { columns: ['what', 'count'], rows: [['transcripts', Number]] })
  })

  t.test('has a file for each chromosome, and proteins without inner stops', async (t) => {
    t.ok(files.has('dna/Minimus_exemplaris.MEX1.dna.chromosome.1.fa.gz'))
    t.ok(files.has('dna/Minimus_exemplaris.MEX1.dna_rm.nonchromosomal.fa.gz'))
    const peptides = fastaRecords(gunzipText(files.get('pep/Minimus_exemplaris.MEX1.pep.all.fa.gz')))
    t.equal(peptides.length, 6)
    t.same(peptides.filter(({ sequence }) => sequence.includes('*')), [])
    t.same(peptides.map(({ sequence }) => sequence[0]), ['M', 'M', 'X', 'M', 'M', 'M'])
    t.equal(fastaRecords(gunzipText(files.get('cdna/Minimus_exemplaris.MEX1.cdna.all.fa.gz'))).length, 7)
    t.same(fastaRecords(gunzipText(files.get('ncrna/Minimus_exemplaris.MEX1.ncrna.fa.gz'))).map(({ header }) => header), [
      'MEXT005.1 ncrna chromosome:MEX1:1:11801:12390:-1 gene:MEXG005.1 gene_biotype:lncRNA transcript_biotype:lncRNA gene_symbol:MEXLNC1',
      'MEXT008.1 ncrna chromosome:MEX1:2:6001:6073:1 gene:MEXG008.1 gene_biotype:tRNA transcript_biotype:tRNA'
    ])
    t.ok(lines.length > 3)
  })

  t.test('has CHECKSUMS that agree with sum', { skip: existsSync('/usr/bin/sum') ? false : 'there is no sum' }, async (t) => {
    for (const type of ['dna', 'pep', 'cds', 'cdna', 'ncrna']) {
      const rows = files.get(`${type}/CHECKSUMS`)!.toString().trim().split('\n')
      const names = [...files.keys()].filter((name) => name.startsWith(`${type}/`) && !name.endsWith('CHECKSUMS'))
      t.same(rows.map((row) => row.slice(12)), names.map((name) => basename(name)))
      for (const [index, name] of names.entries()) {
        const { stdout } = await promisify(execFile)('/usr/bin/sum', [join(base, name)])
        t.equal(rows[index]!.slice(0, 11), stdout.slice(0, 11), name)
      }
    }
  })

  t.test('comes out the same a second time, and stale files go', async (t) => {
    await writeFile(join(base, 'pep/Minimus_exemplaris.MEX0.pep.all.fa.gz'), 'old')
    await dumpDna(context)
    await dumpPeptide(context)
    t.same(await readTree(base), files)
  })

  t.test('stays as it was when a dump fails half way, which names the translation', async (t) => {
    const broken = await mkdtemp(join(tmpdir(), 'signalbox-test-'))
    t.teardown(async () => rm(broken, { recursive: true }))
    const gff3 = await readFile(minimus.gff3, 'utf8')
    await writeFile(join(broken, 'a.gff3'), gff3.replace(/\tCDS\t901\t1503\t/, '\tCDS\t901\t902\t'))
    const params = { ...minimus, gff3: join(broken, 'a.gff3') }
    const inputs = createInputs({ folders: [broken, examples], maxBytes: 1e9, timeoutMs: 5000, allowPrivate: false })
    await t.rejects(dumpPeptide({ ...context, params, inputs }), { code: 'FINAL', message: /MEXP006\.1 .* 2 bases/ })
    await t.rejects(dumpPeptide({ ...context, params: { ...minimus, codon_tables: { 2: 99 } } }), { code: 'INPUT_REFUSED', field: 'data/codon_tables/2' })
    t.same(await readTree(base), files)
  })

  t.test('stays as it was when a dump is aborted half way', async (t) => {
    const before = (await readdir(tmpdir())).filter((name) => name.startsWith('signalbox-job-') && name.includes(`-${process.pid}-`))
    for (const [run, at] of [[dumpDna, 'bases written'], [dumpPeptide, 'transcripts']] as const) {
      const abort = new AbortController()
      const progress = ({ message }: { message?: string }): void => { if (message === at) abort.abort(new Error('cancelled')) }
      await t.rejects(run(rebound({ ...context, signal: abort.signal, progress })), { message: 'cancelled' })
    }
    t.same(await readTree(base), files)
    t.same((await readdir(tmpdir())).filter((name) => name.startsWith('signalbox-job-') && name.includes(`-${process.pid}-`)), before)
  })

  t.test('is refused with the path of what is wrong', async (t) => {
    const refused = async (params: object, field: string, event: object = {}): Promise<void> => {
      const changed = { ...context, event: { ...context.event, ...event }, params: { ...minimus, ...params } }
      await t.rejects(dumpDna(changed), { code: 'INPUT_REFUSED', field })
      await t.rejects(dumpPeptide(changed), { code: 'INPUT_REFUSED', field })
    }
    await refused({}, 'genome', { genome: '../x' })
    await refused({}, 'genome', { genome: 'Homo_sapiens' })
    await refused({}, 'subject', { genome: undefined })
    await refused({ assembly: '../../x' }, 'data/assembly')
    await refused({ division: 'a/b' }, 'data/division')
    await refused({ fasta: undefined }, 'data/fasta')
    await refused({ fasta: '/etc/passwd' }, 'data/fasta')
    await refused({ fasta: minimus.gff3 }, 'data/fasta')
  })
})

t.test('dump_dna streams a long chromosome on one line', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'signalbox-test-'))
  t.teardown(async () => rm(folder, { recursive: true }))
  // Sparse, so that gzip is quick: a little sequence and much N.
  const bases = 200_000_000
  async function * source (): AsyncGenerator<Uint8Array> {
    yield Buffer.from('>1 dna:chromosome chromosome:A:1:1:1:1 REF\n')
    const piece = Buffer.alloc(1_000_000, 'N')
    piece.write('ACGTacgtGATTACA')
    for (let written = 0; written < bases; written += piece.length) yield piece
    yield Buffer.from('\n')
  }
  const { context, folder: storeFolder } = await dumpContext<DumpDnaParams>('longus_linearis', { assembly: 'A', fasta: 'x' }, [folder])
  t.teardown(async () => rm(storeFolder, { recursive: true }))
  const before = process.memoryUsage().rss
  let most = before
  const progress = (): void => { most = Math.max(most, process.memoryUsage().rss) }
  const { output } = await dumpDna(rebound({ ...context, progress, inputs: { open: async () => source() } }))
  t.match(output, { bases, regions: 1 })
  t.ok(most - before < 300e6, `memory grew by ${Math.round((most - before) / 1e6)} MB`)
})
