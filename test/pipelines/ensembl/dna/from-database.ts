import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { withCoreDatabase } from '../../../../src/pipelines/ensembl/core-database.ts'
import { dumpDna } from '../../../../src/pipelines/ensembl/dump_dna.ts'
import { databaseSource } from '../../../../src/pipelines/ensembl/dna/from-database.ts'
import type { DumpDnaDatabaseParams } from '../../../../src/pipelines/ensembl/params.ts'
import { dnaHeader } from '../../../../src/pipelines/ensembl/sequence/headers.ts'
import { openStore } from '../../../../src/sdk/store/open.ts'
import { givenBlocks } from '../../../fixtures/blocks.ts'
import { dumpContext, fastaRecords, gunzipText, JOB, readTree, sha256 } from '../fixtures/dump-context.ts'
import { mariadbMissing, openMariadb } from '../../../fixtures/mariadb.ts'

const data = resolve('../shared/data/ensembl')
const skip = mariadbMissing !== false ? mariadbMissing : existsSync(data) ? false : 'the shared Ensembl data is not on this machine'
const execute = promisify(execFile)

t.test('dump_dna from a core database', { skip }, async (t) => {
  const mariadb = await openMariadb()
  t.teardown(mariadb.close)
  for (const name of ['mapping', 'polyploidy', 'tricky']) await mariadb.load(join(data, name, 'core'), `core_${name}`)
  const block = givenBlocks({ core_database: { staging: mariadb.tcp, away: { ...mariadb.tcp, port: 1 } } })

  /** Runs it with a store of its own, and answers the files of the genome's folder. */
  async function dump (genome: string, params: Partial<DumpDnaDatabaseParams>, below: string, event: object = {}) {
    const { context, folder, lines } = await dumpContext<DumpDnaDatabaseParams>(genome, { server: 'staging', databases: ['core_*'], ...params }, [])
    t.teardown(async () => await rm(folder, { recursive: true }))
    const own = { ...context, block, event: { ...context.event, ...event } }
    const outcome = await dumpDna(own)
    return { outcome, lines, folder, context: own, files: await readTree(join(folder, below)) }
  }

  async function expected (name: string): Promise<Map<string, string>> {
    const folder = join(data, name, 'expected/dna')
    return new Map(await Promise.all((await readdir(folder)).map(async (file) => [file, await readFile(join(folder, file), 'utf8')] as const)))
  }

  t.test('writes every record of the three databases, in the order and lines of Ensembl', async (t) => {
    const cases = [
      ['mapping', 'mapping', 'test/fasta/mapping', ['toplevel']],
      ['triticum_aestivum', 'polyploidy', 'plants/fasta/triticum_aestivum', []],
      ['testus_trickus', 'tricky', 'vertebrates/fasta/testus_trickus', []]
    ] as const
    for (const [genome, name, below, more] of cases) {
      const { files } = await dump(genome, { par_mode: 'upstream' }, below)
      const whole = await expected(name)
      for (const [file, text] of whole) t.equal(gunzipText(files.get(`dna/${file}.gz`)), text, file)
      const others = [...files.keys()].filter((file) => file.startsWith('dna/') && file.endsWith('.gz') && !whole.has(file.slice(4, -3)))
      t.same(others.filter((file) => !more.some((level) => file.endsWith(`.${level}.fa.gz`))), [], `${name} has no other file`)
      const rows = (await readFile(join(data, name, 'expected/records.tsv'), 'utf8')).trim().split('\n').map((line) => line.split('\t')).filter(([file]) => file!.startsWith('dna/'))
      const records = [...whole.keys()].flatMap((file) => fastaRecords(gunzipText(files.get(`dna/${file}.gz`))).map(({ header, sequence }) =>
        [`dna/${file}`, String(sequence.length), sha256(sequence), String(sequence.replace(/[^acgtn]/g, '').length), String(sequence.replace(/[^N]/g, '').length), header].join('\t')))
      t.same(records.sort(), rows.map((row) => row.join('\t')).sort(), `${name} against records.tsv`)
    }
  })

  t.test('writes one record for Y by default', async (t) => {
    const { files, outcome } = await dump('testus_trickus', {}, 'vertebrates/fasta/testus_trickus')
    for (const [file, text] of await expected('tricky')) {
      const records = fastaRecords(text)
      const [one, two] = records.filter(({ header }) => header.startsWith('Y '))
      if (one !== undefined && two !== undefined) {
        one.header = one.header.replace(':601:2500:', ':1:2500:')
        one.sequence = two.sequence.slice(0, 100) + one.sequence.slice(100)
        records.splice(records.indexOf(two), 1)
      }
      t.same(fastaRecords(gunzipText(files.get(`dna/${file}.gz`))), records, file)
    }
    t.match(outcome.output, { genome: 'testus_trickus', assembly: 'T1', regions: 6, bases: 18_400 })
    t.match(files.get('dna/README')!.toString(), /^GenBank Assembly ID: GCA_000000000\.1$/m)
  })

  t.test('writes an index that samtools and bgzip agree with', { skip: existsSync('/usr/bin/samtools') && existsSync('/usr/bin/bgzip') ? false : 'no samtools and bgzip on this machine (Debian: apt-get install samtools tabix)' }, async (t) => {
    for (const [genome, below] of [['testus_trickus', 'vertebrates/fasta/testus_trickus'], ['mapping', 'test/fasta/mapping']] as const) {
      const { files, folder } = await dump(genome, { par_mode: 'upstream' }, below)
      const [name = ''] = [...files.keys()].filter((file) => file.startsWith('dna_index/') && file.endsWith('.gz'))
      t.equal(gunzipText(files.get(name)), gunzipText(files.get(name.replace('dna_index', 'dna'))))
      const path = join(folder, below, name)
      await execute('/usr/bin/bgzip', ['--test', path])
      await rm(`${path}.fai`)
      await rm(`${path}.gzi`)
      await execute('/usr/bin/samtools', ['faidx', path])
      t.same(await readFile(`${path}.fai`), files.get(`${name}.fai`))
      t.same(await readFile(`${path}.gzi`), files.get(`${name}.gzi`))
    }
  })

  t.test('finds the database: by the event, by the block, or the newest that holds the genome', async (t) => {
    await mariadb.load(join(data, 'mapping/core'), 'mapping_core_9_1')
    await mariadb.load(join(data, 'mapping/core'), 'mapping_core_10_1')
    await mariadb.run('mapping_core_10_1', "UPDATE coord_system SET version = 'TEN' WHERE version = 'MULTIMAP'")
    const { lines } = await dump('mapping', { databases: ['{genome}_core_*'] }, '')
    t.match(lines, ['mapping_core_10_1 is taken; there are mapping_core_9_1', 'mapping TEN in mapping_core_10_1'])
    t.match((await dump('mapping', { database: 'mapping_core_9_1', databases: ['{genome}_core_*'] }, '')).lines, ['mapping MULTIMAP in mapping_core_9_1'])
    t.match((await dump('', { database: 'core_tricky' }, '', { genome: undefined, subject: undefined })).outcome, { output: { genome: 'testus_trickus' } })
    const refused: Array<[params: object, match: { code: string | undefined, field?: string, message?: RegExp }, event?: object]> = [
      [{ database: 'mysql' }, { code: 'INPUT_REFUSED', field: 'data/database' }],
      [{ database: 'core_mapping`; DROP' }, { code: 'INPUT_REFUSED', field: 'data/database' }],
      [{ database: 'core_nothing' }, { code: 'FINAL', message: /core_nothing/ }],
      [{ databases: ['tricky*'] }, { code: 'FINAL', message: /no database of mapping/ }],
      [{ assembly: 'OTHER' }, { code: 'INPUT_REFUSED', field: 'data/assembly' }],
      [{ gff3: 'x' }, { code: 'INPUT_REFUSED', field: 'data/gff3' }],
      [{ fasta: 'x', database: 'core_mapping' }, { code: 'INPUT_REFUSED', field: 'data/database' }],
      [{ server: null, database: 'core_mapping' }, { code: 'INPUT_REFUSED', field: 'data/database' }],
      [{ server: null }, { code: 'INPUT_REFUSED', field: 'data/fasta' }],
      [{ server: 'none' }, { code: 'FINAL' }],
      [{ server: 'away' }, { code: undefined, message: /does not answer/ }],
      [{ par_mode: 'both' }, { code: 'INPUT_REFUSED', field: 'data/par_mode' }],
      [{}, { code: 'FINAL', message: /no database of homo_sapiens/ }, { genome: 'homo_sapiens' }]
    ]
    for (const [params, match, event] of refused) await t.rejects(dump('mapping', params as Partial<DumpDnaDatabaseParams>, '', event), match, JSON.stringify(params))
  })

  t.test('keeps the species of a collection apart', async (t) => {
    await mariadb.load(join(data, 'mapping/core'), 'fungi_ascomycota1_collection_core_62_114_1')
    await mariadb.run('fungi_ascomycota1_collection_core_62_114_1', `
      INSERT INTO meta (species_id, meta_key, meta_value) VALUES (2, 'species.production_name', 'other'), (2, 'species.division', 'EnsemblFungi');
      INSERT INTO coord_system (coord_system_id, species_id, name, version, \`rank\`, attrib) VALUES (9, 2, 'supercontig', 'O1', 1, 'default_version,sequence_level');
      INSERT INTO seq_region VALUES (90, 'o', 9, 6); INSERT INTO seq_region_attrib VALUES (90, 6, '1'); INSERT INTO dna VALUES (90, 'acgtry')`)
    await mariadb.run('fungi_ascomycota1_collection_core_62_114_1', "INSERT INTO seq_region_attrib SELECT 90, attrib_type_id, '1' FROM attrib_type WHERE code = 'toplevel'")
    const { files } = await dump('other', { databases: ['*_collection_core_*'] }, 'fungi/fasta/fungi_ascomycota1_collection/other')
    t.equal(gunzipText(files.get('dna/Other.O1.dna_sm.toplevel.fa.gz')), '>o dna_sm:supercontig supercontig:O1:o:1:6:1 REF\nACGTRY\n')
  })

  t.test('masks by repeats of components, wholly within what is used of them', async (t) => {
    await mariadb.load(join(data, 'tricky/core'), 'core_repeats')
    await mariadb.run('core_repeats', `
      DELETE FROM repeat_feature;
      INSERT INTO meta_coord VALUES ('repeat_feature', 3, 200);
      INSERT INTO repeat_feature (seq_region_id, seq_region_start, seq_region_end, repeat_consensus_id, analysis_id) VALUES
        (202, 1, 10, 1, 10), (201, 501, 510, 1, 10), (201, 990, 1000, 1, 10), (201, 995, 1005, 1, 10), (201, 1001, 1010, 1, 12), (201, 1, 5, 99, 10), (206, 400, 405, 1, 10), (206, 998, 1003, 1, 10)`)
    const { files } = await dump('testus_trickus', { database: 'core_repeats' }, 'vertebrates/fasta/testus_trickus')
    const lower = (file: string): number[][] => [...fastaRecords(gunzipText(files.get(`dna/Testus_trickus.T1.dna_sm.${file}.fa.gz`)))[0]!.sequence.matchAll(/[a-z]+/g)].map(({ 0: { length }, index }) => [index + 1, index + length])
    // ctgA 1..3000 and again, 501..1000, at 5201; ctgB reversed at 3201..5200. 995..1005 is within the first use only.
    t.same(lower('chromosome.1'), [[501, 510], [990, 1005], [5191, 5210], [5690, 5700]])
    t.same(lower('chromosome.Y'), [[1400, 1405]])
    await mariadb.run('core_repeats', "DELETE FROM meta WHERE meta_key = 'repeat.analysis'")
    const unmasked = (await dump('testus_trickus', { database: 'core_repeats' }, 'vertebrates/fasta/testus_trickus/dna')).files
    for (const [name, bytes] of unmasked) if (name.includes('.dna_sm.')) t.notMatch(gunzipText(bytes).replace(/^>.*$/gm, ''), /[a-z]/, name)
  })

  t.test('leaves nothing half-written when it is killed at any moment, and the next run gives the same bytes', async (t) => {
    const params = { server: 'staging', database: 'core_tricky', databases: ['core_*'] }
    const whole = await dump('testus_trickus', params, '')
    const left = async (): Promise<string[]> => (await readdir(tmpdir())).filter((name) => name.startsWith(`signalbox-job-${sha256(JOB).slice(0, 16)}-`))
    for (const moment of ['staging', 'writing']) {
      const store = await mkdtemp(join(tmpdir(), 'signalbox-test-'))
      t.teardown(async () => await rm(store, { recursive: true }))
      const below = 'vertebrates/fasta/testus_trickus/dna'
      await mkdir(join(store, below), { recursive: true })
      await writeFile(join(store, below, 'Testus_trickus.T0.dna.toplevel.fa.gz'), 'old')
      const program = fileURLToPath(new URL('../fixtures/killed-dna.ts', import.meta.url))
      const child = spawn(process.execPath, [...process.execArgv, program, moment, store, 'testus_trickus', JSON.stringify(params), JSON.stringify(mariadb.tcp)], { stdio: ['ignore', 'pipe', 'inherit'] })
      await once(child.stdout, 'data')
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
      const found = await readTree(store)
      t.equal((await left()).length, 1, 'it was in the middle')
      t.equal(found.get(`${below}/Testus_trickus.T0.dna.toplevel.fa.gz`)?.toString(), 'old')
      t.equal([...found.keys()].some((name) => name.includes('/.')), moment === 'writing', 'a file was half-written')
      if (moment === 'staging') t.equal(found.size, 1, 'the old set is as it was')
      await dumpDna({ ...whole.context, store: openStore(`file:${store}`, whole.context.jobId) })
      t.same(await readTree(store), whole.files)
      t.same(await left(), [])
    }
  })

  t.test('has the rules for human Y, for alternative regions and for names', async (t) => {
    await mariadb.load(join(data, 'tricky/core'), 'core_human')
    await mariadb.run('core_human', `
      UPDATE meta SET meta_value = 'homo_sapiens' WHERE meta_key = 'species.production_name';
      UPDATE coord_system SET version = 'GRCh38' WHERE \`rank\` = 1;
      UPDATE seq_region SET length = 60000000 WHERE name = 'Y';
      UPDATE assembly_exception SET seq_region_start = 10001, seq_region_end = 2781479 WHERE exc_type = 'PAR';
      INSERT INTO assembly_exception (seq_region_id, seq_region_start, seq_region_end, exc_type, exc_seq_region_id, exc_seq_region_start, exc_seq_region_end, ori) VALUES (102, 56887903, 57217415, 'PAR', 101, 1, 10, 1);
      INSERT INTO seq_region_attrib VALUES (104, 367, 1); DELETE FROM meta_coord WHERE table_name = 'assembly_exception'`)
    const headers = async (params: object = {}): Promise<{ levels: string[][], lines: string[] }> => {
      const lines: string[] = []
      const context = { event: { id: '1', source: 's', type: 't', genome: 'homo_sapiens' }, params: { server: 'staging', database: 'core_human', databases: ['core_*'] }, block, log: (line: string) => { lines.push(line) }, signal: new AbortController().signal }
      const levels = await withCoreDatabase(context, {}, async (core) => (await databaseSource(core, { ...context.params, ...params }, context.log)).levels.map(({ name, records }) => [name, ...[...records()].map((record) => dnaHeader('dna', record))]))
      return { levels, lines }
    }
    const { levels, lines } = await headers()
    t.same(levels, [
      ['chromosome.1', '1 dna:chromosome chromosome:GRCh38:1:1:7000:1 REF'],
      // Karyotype and non_ref: in both files. No row of meta_coord: the type is not seen.
      ['chromosome.HG1_PATCH', 'HG1_PATCH dna:chromosome chromosome:GRCh38:HG1_PATCH:1:6900:1 '],
      ['chromosome.Y', 'Y dna:chromosome chromosome:GRCh38:Y:2781480:56887902:1 REF'],
      ['chromosome.MT', 'MT dna:chromosome chromosome:GRCh38:MT:1:900:1 REF'],
      ['alt', 'HG1_PATCH dna:chromosome chromosome:GRCh38:HG1_PATCH:1:6900:1 '],
      ['nonchromosomal', 'sc1 dna:scaffold scaffold:T1:sc1:1:800:1 REF', 'sc2.1 dna:scaffold scaffold:T1:sc2.1:1:300:1 REF']
    ])
    t.same(lines, ['homo_sapiens GRCh38 in core_human'])
    await mariadb.run('core_human', "UPDATE coord_system SET version = 'T2T' WHERE `rank` = 1")
    const other = await headers({ par_mode: 'upstream' })
    t.same(other.levels[2], ['chromosome.Y', ...['2781480:56887902', '57217416:60000000', '1:10000'].map((place) => `Y dna:chromosome chromosome:T2T:Y:${place}:1 REF`)])
    t.match(other.lines[1], /T2T is not GRCh38/)
    await mariadb.run('core_human', "UPDATE seq_region SET name = '../Y' WHERE name = 'Y'")
    await t.rejects(headers(), { code: 'FINAL', message: /"\.\.\/Y"/ })
  })
})
