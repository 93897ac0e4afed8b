import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import t from 'tap'
import { openCoreDatabase } from '../../../../src/pipelines/ensembl/core-db/connection.ts'
import type { CoreDatabase } from '../../../../src/pipelines/ensembl/core-db/connection.ts'
import { openCoreGenome } from '../../../../src/pipelines/ensembl/core-db/genome.ts'
import { reverseComplement } from '../../../../src/pipelines/ensembl/sequence/letters.ts'
import { fastaRecords } from '../fixtures/dump-context.ts'
import { mariadbMissing, openMariadb } from '../../../fixtures/mariadb.ts'
import type { TestMariadb } from '../../../fixtures/mariadb.ts'

const data = resolve('../shared/data/ensembl')
const skip = mariadbMissing !== false ? mariadbMissing : existsSync(data) ? false : 'the shared Ensembl data is not on this machine'

t.test('a core database', { skip }, async (t) => {
  const mariadb: TestMariadb = await openMariadb()
  t.teardown(mariadb.close)
  const abort = new AbortController()
  const opened: CoreDatabase[] = []
  const open = async (name: string): Promise<CoreDatabase> => {
    await mariadb.load(join(data, name, 'core'), `core_${name}`)
    const db = openCoreDatabase(mariadb.server, { database: `core_${name}`, signal: abort.signal })
    opened.push(db)
    return db
  }
  t.teardown(async () => { for (const db of opened) await db.close() })

  t.test('has its species, and no other', async (t) => {
    const db = await open('mapping')
    const { species } = await openCoreGenome(db, { productionName: 'mapping' })
    t.match(species, { id: 1, isOneOfSeveral: false, coordSystems: [{ name: 'chromosome', version: 'MULTIMAP', rank: 1 }, { name: 'contig', version: '', isSequenceLevel: true }] })
    t.same(species.meta('assembly.mapping'), ['chromosome:MULTIMAP#contig'])
    await t.rejects(openCoreGenome(db, { productionName: 'homo_sapiens' }), { code: 'FINAL', message: /core_mapping has no species homo_sapiens/ })
  })

  t.test('reads regions over contigs that are used more than once', async (t) => {
    const genome = await openCoreGenome(opened[0]!, { productionName: 'mapping' })
    t.equal(String(await genome.region(4, 1, 20)), 'AAAACCCCAAAACCCCTTTT')
    t.equal(String(await genome.region(4, 3, 6)), 'AACC')
    t.equal(String(await genome.region(4, 19, 24)), 'TTNNNN', 'N beyond the end')
    await t.rejects(genome.region(999, 1, 2), { code: 'FINAL' })
    await t.rejects(genome.region(4, 5, 4), { code: 'FINAL', message: /not circular/ })
  })

  t.test('reads regions through links, reversed contigs and edits, in blocks of any size', async (t) => {
    const db = await open('tricky')
    const expected = async (file: string): Promise<string> => fastaRecords(await readFile(join(data, 'tricky/expected/dna', `Testus_trickus.T1.dna.${file}.fa`), 'utf8'))[0]!.sequence
    const one = await expected('chromosome.1')
    const patch = await expected('alt')
    const y = await expected('chromosome.Y')
    for (const pieceBases of [7, 1000, 1 << 20]) {
      const genome = await openCoreGenome(db, { productionName: 'testus_trickus', pieceBases, cacheBytes: 500 })
      t.equal(String(await genome.region(101, 1, 7000)), one)
      t.equal(String(await genome.region(101, 3190, 3260)), one.slice(3189, 3260))
      // The own part of the patch, with the reference to its left and right.
      t.equal(String(await genome.region(104, 1, 6900)), one.slice(0, 2000) + patch.slice(2000, 2400) + one.slice(2500))
      // The pseudoautosomal part of Y shows the edit of chromosome 1 at 1205.
      t.equal(String(await genome.region(102, 101, 600)), one.slice(1000, 1500))
      t.equal(String(await genome.region(102, 590, 700)), one.slice(1489, 1500) + y.slice(600, 700))
      t.equal(String(await genome.region(103, 891, 5)), String(await genome.region(103, 891, 900)) + String(await genome.region(103, 1, 5)), 'around the origin')
      t.same(genome.links.ownPieces(await genome.regions.get(102)), [{ start: 1, end: 100 }, { start: 601, end: 2500 }])
    }
  })

  t.test('reads an assembly of several steps, and refuses edits and links that are not sound', async (t) => {
    await mariadb.load(join(data, 'mapping/core'), 'core_steps')
    await mariadb.run('core_steps', `
      UPDATE meta SET meta_value = 'chromosome:MULTIMAP#scaffold:S' WHERE meta_key = 'assembly.mapping';
      INSERT INTO meta (species_id, meta_key, meta_value) VALUES (1, 'assembly.mapping', 'scaffold:S#contig');
      INSERT INTO coord_system (coord_system_id, species_id, name, version, \`rank\`) VALUES (3, 1, 'scaffold', 'S', 2);
      INSERT INTO seq_region VALUES (7, 's', 3, 10), (8, 't', 3, 10);
      DELETE FROM assembly;
      INSERT INTO assembly VALUES (4, 7, 3, 10, 2, 9, -1), (7, 1, 1, 4, 1, 4, 1), (7, 3, 6, 9, 1, 4, 1);
      INSERT INTO attrib_type VALUES (145, '_rna_edit', '', ''); INSERT INTO seq_region_attrib VALUES (7, 145, '1 2 A');
      CREATE TABLE IF NOT EXISTS assembly_exception (assembly_exception_id INT PRIMARY KEY AUTO_INCREMENT, seq_region_id INT, seq_region_start INT, seq_region_end INT, exc_type VARCHAR(20), exc_seq_region_id INT, exc_seq_region_start INT, exc_seq_region_end INT, ori INT);
      INSERT INTO assembly_exception VALUES (1, 8, 1, 10, 'PAR', 8, 1, 10, 1)`)
    const db = openCoreDatabase(mariadb.tcp, { database: 'core_steps', signal: abort.signal })
    opened.push(db)
    const genome = await openCoreGenome(db, { productionName: 'mapping' })
    const scaffold = Buffer.from('AAAANTTTT')
    t.equal(String(await genome.region(4, 1, 20)), `NN${String(reverseComplement(scaffold.subarray(1)))}NNNNNNNNNN`)
    await t.rejects(genome.region(7, 1, 4), { code: 'FINAL', message: /region s has an edit that changes its length/ })
    await t.rejects(genome.region(8, 1, 4), { code: 'FINAL', message: /region t is linked to itself/ })
  })

  t.test('is streamed row by row while other questions are asked', async (t) => {
    const db = opened[1]!
    const names: string[] = []
    for await (const { id } of db.stream<{ id: number }>('SELECT seq_region_id AS id FROM seq_region ORDER BY seq_region_id')) {
      const [row] = await db.rows<{ name: string }>('SELECT name FROM seq_region WHERE seq_region_id = ?', [id])
      names.push(row!.name)
      if (names.length === 3) break
    }
    t.same(names, ['1', 'Y', 'MT'])
  })

  t.test('says what is wrong, and ends when it is told to', async (t) => {
    const ask = async (settings: object, database = 'core_tricky'): Promise<unknown> => {
      const db = openCoreDatabase({ ...mariadb.tcp, ...settings }, { database, signal: abort.signal })
      opened.push(db)
      return await db.rows('SELECT 1 FROM meta')
    }
    await t.rejects(ask({ password: 'wrong' }), { code: 'FINAL', message: /^(?!.*(wrong|secret)).*Access denied/ })
    await t.rejects(ask({}, 'nothing'), { code: 'FINAL', message: /Unknown database/ })
    await t.rejects(ask({ port: 1 }), { code: undefined, message: /core_tricky does not answer: .*ECONNREFUSED/ })
    const sleeping = opened[1]!.rows('SELECT SLEEP(60)')
    const streaming = (async () => { for await (const row of opened[1]!.stream('SELECT SLEEP(60)')) t.fail(JSON.stringify(row)) })()
    setImmediate(() => abort.abort(new Error('cancelled')))
    await t.rejects(sleeping, { message: 'cancelled' })
    await t.rejects(streaming, { message: 'cancelled' })
  })
})
