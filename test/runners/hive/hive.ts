import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { LoadBlock } from '../../../src/sdk/blocks/kind.ts'
import { loadLookups } from '../../../src/engine/lookups/lookups.ts'
import { maskSecrets } from '../../../src/base/mask.ts'
import { checkRun } from '../../../src/runners/entry.ts'
import { countIn } from '../../fixtures/built-ins.ts'
import { readHiveAddress, readTls } from '../../../src/runners/hive/address.ts'
import { createHiveRunner, type HiveRun } from '../../../src/runners/hive/hive.ts'
import { toPerl } from '../../../src/runners/hive/perl.ts'
import { createTree, hiveStatus, semaphoreStatus, type HiveJob } from '../../../src/runners/hive/status.ts'
import { allKinds, givenBlocks } from '../../fixtures/blocks.ts'
import { makeContext } from '../../fixtures/context.ts'
import { missingMariadb, openHiveDatabase } from './fixtures/hive-database.ts'
import { BACKENDS, missing, openBackend, until } from '../../fixtures/servers.ts'
import { createCall, openService, roleEnvironment, spawnRole, temporaryFolder, writeLookups } from '../../fixtures/service.ts'
import { DATA } from '../../fixtures/places.ts'

const builtIns = countIn('dump_dna')

const TREES = join(DATA, 'ensembl', 'hive_job_trees.json')

type Trees = {
  jobs: Array<{ job_id: number, analysis: string, status: string, prev_job_id: number | null, controlled_semaphore_id: number | null, result: string | null }>
  semaphores: Array<{ semaphore_id: number, dependent_job_id: number }>
  status_returned_by_upstream: Record<string, string>
  status_asserted_by_upstream_tests: Record<string, string>
}

t.jobs = 1

t.test('a Perl hash is written as the original service wrote it, and safely where it did not', async (t) => {
  const cases: Array<[unknown, string]> = [
    [{ timestamp: 1.5, event: { type: 'new_assembly', genome: 'homo' } }, '{"event" => {"genome" => "homo", "type" => "new_assembly"}, "timestamp" => 1.5}'],
    [{ yes: true, no: false, none: null, list: [1, 'a', null, [{}]] }, '{"list" => [1, "a", undef, [{}]], "no" => 0, "yes" => 1}'],
    ['me@here $x "y"', '"me\\@here \\$x \\"y\\""'],
    ['\\@a\n\t\u0001é漢😀', '"\\\\\\@a\\n\\t\\x{1}\\x{e9}\\x{6f22}\\x{1f600}"'],
    [{ 'k"@': 1e300 }, '{"k\\"\\@" => 1e+300}']
  ]
  t.same(cases.map(([value]) => toPerl(value)), cases.map(([, text]) => text))
})

t.test('the status words are those that the tests of the original ask for', { skip: existsSync(TREES) ? false : `no ${TREES}` }, async (t) => {
  const trees = JSON.parse(readFileSync(TREES, 'utf8')) as Trees
  const jobs = trees.jobs.map((job): HiveJob => ({ id: job.job_id, parent: job.prev_job_id, analysis: job.analysis, status: job.status, controls: job.controlled_semaphore_id }))
  const tree = createTree(1, jobs, new Map(trees.semaphores.map((one) => [one.dependent_job_id, one.semaphore_id])), new Set(trees.jobs.flatMap((job) => job.result === null ? [] : [job.job_id])))
  const asserted = Object.fromEntries(Object.keys(trees.status_asserted_by_upstream_tests).map((name) => {
    const [, waiting] = /^semaphore of (\d+)$/.exec(name) ?? []
    return [name, waiting === undefined ? hiveStatus(tree, Number(name)) : semaphoreStatus(tree, Number(waiting))]
  }))
  t.same(asserted, trees.status_asserted_by_upstream_tests)
  const differing = Object.keys(trees.status_returned_by_upstream).filter((id) => hiveStatus(tree, Number(id)) !== trees.status_returned_by_upstream[id])
  t.same(differing, ['7', '8'], 'the two where its filter picked the wrong child')
})

t.test('other trees: nothing is complete before its last job is', async (t) => {
  const job = (id: number, parent: number | null, status: string, controls: number | null = null): HiveJob => ({ id, parent, analysis: 'a', status, controls })
  const word = (jobs: HiveJob[], semaphores: Array<[number, number]> = [], results: number[] = []): string => hiveStatus(createTree(1, jobs, new Map(semaphores), new Set(results)))
  t.same({
    ready: word([job(1, null, 'READY')]),
    claimed: word([job(1, null, 'CLAIMED')]),
    running: word([job(1, null, 'RUN')]),
    done: word([job(1, null, 'DONE')]),
    'done, a child waits': word([job(1, null, 'DONE'), job(2, 1, 'READY')]),
    'done with a result, whatever is below': word([job(1, null, 'DONE'), job(2, 1, 'FAILED')], [], [1]),
    'the fan is done, the funnel not yet let through': word([job(1, null, 'DONE'), job(2, 1, 'SEMAPHORED'), job(3, 1, 'DONE', 9)], [[2, 9]]),
    'a job that holds the semaphore from elsewhere has failed': word([job(1, null, 'DONE'), job(2, 1, 'SEMAPHORED'), job(3, 7, 'FAILED', 9)], [[2, 9]]),
    'failed below one that runs on': word([job(1, null, 'DONE'), job(2, 1, 'RUN'), job(3, 1, 'DONE'), job(4, 3, 'FAILED')]),
    'passed on to another analysis, which is done': word([job(1, null, 'DONE'), job(2, 1, 'PASSED_ON'), job(3, 2, 'DONE')]),
    'passed on to another analysis, which runs': word([job(1, null, 'PASSED_ON'), job(2, 1, 'RUN')]),
    'the funnel of a fan of which one was passed on': word([job(1, null, 'DONE'), job(2, 1, 'SEMAPHORED'), job(3, 1, 'PASSED_ON', 9), job(4, 3, 'RUN', 9)], [[2, 9]]),
    'passed on with a result': word([job(1, null, 'PASSED_ON'), job(2, 1, 'FAILED')], [], [1]),
    discarded: word([job(1, null, 'DONE'), job(2, 1, 'DISCARDED')]),
    gone: word([])
  }, {
    ready: 'submitted',
    claimed: 'incomplete',
    running: 'running',
    done: 'complete',
    'done, a child waits': 'submitted',
    'done with a result, whatever is below': 'complete',
    'the fan is done, the funnel not yet let through': 'incomplete',
    'a job that holds the semaphore from elsewhere has failed': 'failed',
    'failed below one that runs on': 'failed',
    'passed on to another analysis, which is done': 'complete',
    'passed on to another analysis, which runs': 'running',
    'the funnel of a fan of which one was passed on': 'incomplete',
    'passed on with a result': 'complete',
    discarded: 'incomplete',
    gone: 'incomplete'
  })
})

t.test('an entry with a hive of MySQL goes there, run is stronger, other addresses are warned of', async (t) => {
  const load = async (entry: Record<string, unknown>) => {
    const folder = temporaryFolder(t)
    writeLookups(folder, { events: { new_assembly: ['dump_dna'] }, processes: { dump_dna: entry } })
    const lookups = await loadLookups({ folder, checkRun, builtIns })
    return { run: lookups.processes.get('dump_dna')?.run, queue: lookups.processes.get('dump_dna')?.queue, warnings: lookups.warnings }
  }
  const uri = 'mysql://user:pa@ss@localhost:3306/event_handling'
  t.same(await load({ analysis: 'event_dump_dna', hive_uri: uri }), { run: { hive: { uri, analysis: 'event_dump_dna' } }, queue: 'event_dump_dna', warnings: [] })
  t.same(maskSecrets({ uri }), { uri: 'mysql://user:***@localhost:3306/event_handling' })
  t.match(await load({ analysis: 'a', hive_uri: uri, run: { module: 'dump_dna' } }), { run: { module: 'dump_dna' }, warnings: [/hive_uri is not used: run says/] })
  t.match(await load({ analysis: 'a', hive_uri: 'redis://localhost' }), { run: { module: 'dump_dna' }, warnings: [/hive_uri is not used: it is not mysql/] })
  t.match(await load({ run: { hive: { uri: { env: 'HIVE' }, analysis: 'a' } } }), { run: { hive: { uri: { env: 'HIVE' } } } })
  t.match(await load({ run: { hive: { block: 'staging', analysis: 'a' } } }), { run: { hive: { block: 'staging' } } })
  await t.rejects(load({ run: { hive: { analysis: 'a' } } }), { message: /dump_dna: a hive needs either uri or block/ })
  for (const bad of ['mysql://user:s3cret@localhost:3306', 'mysql://user:s3cret@localhost:x/db', 'mysql://user:s3cret@localhost/db?nosuch=1', 'mysql://user:s3%cret@localhost/db']) {
    await t.rejects(load({ analysis: 'a', hive_uri: bad }), { message: /process_lookup\.json: dump_dna: the address of the hive(?![^]*s3)/ })
  }
})

t.test('TLS is asked for in the words of MySQL and of SQLAlchemy', async (t) => {
  const tls = (query: string) => readHiveAddress(`mysql://u:p@h/d${query}`).ssl
  t.same([tls(''), tls('?ssl=false'), tls('?ssl_mode=DISABLED')], [undefined, undefined, undefined])
  t.match(tls('?ssl=true'), { checks: 'issuer and host' })
  t.match(tls('?ssl_ca=/ca.pem&ssl_cert=/c.pem&ssl_key=/k.pem'), { ca: '/ca.pem', cert: '/c.pem', key: '/k.pem', checks: 'issuer and host' })
  t.match(tls('?ssl_ca=/ca.pem&ssl_check_hostname=false'), { checks: 'issuer' })
  t.match(tls('?ssl=true&ssl_verify_cert=0'), { checks: 'nothing' })
  t.match(tls('?ssl_mode=required'), { checks: 'nothing' })
  t.match(tls('?ssl_mode=VERIFY_CA&ssl_ca=/ca.pem'), { ca: '/ca.pem', checks: 'issuer' })
  t.throws(() => tls('?ssl_mode=PREFERRED'), { message: /ssl_mode that is not DISABLED, REQUIRED/ })
  t.throws(() => tls('?ssl=maybe'), { message: /ssl with another value/ })
  t.throws(() => readTls({ ca: '/nowhere.pem', checks: 'issuer' }), { message: 'the file of ssl_ca in the address of the hive cannot be read (ENOENT)' })
})

t.test('with a hive', { skip: missingMariadb(), timeout: 400_000 }, async (t) => {
  const hive = await openHiveDatabase(['event_dump_dna', 'event_dump_peptide', 'Event_dump_DNA_2'])
  t.teardown(() => hive.close())
  let number = 0

  /** One run of the runner for a job of its own, or for the job that is named. */
  function begin (t: Test, { jobId = `e${++number}_.dump_dna`, event = {}, hive: more = {}, graceMs = 100 }: { jobId?: string, event?: Record<string, unknown>, hive?: Partial<HiveRun['hive']>, graceMs?: number } = {}) {
    const runner = createHiveRunner({ hive: { uri: { env: 'HIVE' }, analysis: 'event_dump_dna', every_ms: 10, ...more } }, { graceMs, maxOutputBytes: 10_000, kinds: allKinds, env: { HIVE: hive.uri } })
    const { context, lines, reports, abort } = makeContext()
    const run = runner.run({ ...context, jobId, event: { id: 'e1', source: '/test', type: 'new_assembly', ...event } }).then((outcome) => ({ outcome, error: undefined }), (error: unknown) => ({ outcome: undefined, error: error as Error }))
    const stop = (code: string): void => { abort.abort(Object.assign(new Error(code === 'timeout' ? 'timed out' : code), { code })) }
    t.teardown(async () => {
      stop('lost')
      await run
    })
    return { run, lines, reports, stop, jobId }
  }
  const seeded = async (id: string) => (await hive.jobs()).filter(({ input, parent }) => parent === null && input.includes(`"${id}"`))

  await t.test('a job is seeded as the original did, followed through its fan to its result, and its events are taken', async (t) => {
    const one = begin(t, { event: { subject: 'homo_sapiens', data: { email: 'me@here' } } })
    const root = await hive.claim()
    t.match(root.input, new RegExp(`^\\{"_signalbox_job" => "${one.jobId.replace('.', '\\.')}", "event" => \\{"data" => \\{"email" => "me\\\\@here"\\}, "genome" => "homo_sapiens", "id" => "e1", .*"type" => "new_assembly"\\}, "timestamp" => \\d+\\.\\d+\\}$`))
    const { fan, funnel } = await hive.fan(root.id, 3)
    await hive.done(root.id)
    for (const id of fan.slice(0, 2)) await hive.done(id)
    await hive.progress(root.id, 'two files written')
    await until(() => one.reports.at(-1)?.message === 'two files written', 'its progress')
    t.same(one.reports.at(-1), { complete: 3, total: 5, message: 'two files written' })
    await hive.done(fan[2] as number)
    await until(async () => (await hive.jobs()).find(({ id }) => id === funnel)?.status === 'READY', 'the funnel')
    await hive.query('INSERT INTO result (job_id, output) VALUES (?, ?)', [root.id, JSON.stringify({ status: 'success', events: [{ type: 'dna_dumped', genome: 'homo_sapiens' }] })])
    const { outcome } = await one.run
    t.same(outcome, { output: { status: 'success', events: [{ type: 'dna_dumped', genome: 'homo_sapiens' }] }, events: [{ type: 'dna_dumped', genome: 'homo_sapiens' }] })
    t.match(one.lines[0], /^hive job \d+ of event_dump_dna seeded$/)
    await hive.done(funnel)
  })

  await t.test('a job without a result is complete with its last child; a result that is no JSON is text', async (t) => {
    const one = begin(t)
    await hive.done((await hive.claim()).id)
    t.same((await one.run).outcome, { output: null })
    const two = begin(t)
    await hive.done((await hive.claim()).id, 'plain text')
    t.same((await two.run).outcome, { output: 'plain text' })
    const three = begin(t)
    await hive.done((await hive.claim()).id, 'x'.repeat(20_000))
    t.match((await three.run).error, { code: 'FINAL', message: /has 20000 bytes/ })
  })

  await t.test('however often and from however many sides a job is taken, the hive gets it once', async (t) => {
    for (const event of [{}, { data: { text: 'x'.repeat(1000), end: 'ä漢' } }]) {
      const first = begin(t, { event })
      const jobId = first.jobId
      const others = Array.from({ length: 4 }, () => begin(t, { jobId, event }))
      await until(() => [first, ...others].every(({ lines }) => lines.length > 0), 'all of them')
      first.stop('shutdown')
      t.match((await first.run).error, { message: 'shutdown' })
      const again = begin(t, { jobId, event })
      const root = await hive.claim()
      t.equal((await hive.jobs()).filter(({ parent, status }) => parent === null && status === 'READY').length, 0, 'there was one')
      await hive.done(root.id, { ok: true })
      for (const one of [...others, again]) t.same((await one.run).outcome, { output: { ok: true } })
      if ('data' in event) {
        const [row] = await hive.query('SELECT data, md5sum = CONVERT(MD5(data) USING latin1) AS sound FROM analysis_data WHERE analysis_data_id = ?', [Number(root.input.replace('_extended_data_id ', ''))])
        t.match(row, { data: new RegExp(`^\\{"_signalbox_job" => "${jobId}".*"x{1000}"`), sound: 1 })
        t.match(String(row?.['data']), /"end" => "\\x\{e4\}\\x\{6f22\}"/)
      }
    }
  })

  await t.test('ids that differ in case, or in what LIKE takes for anything, are others', async (t) => {
    const ids = ['eab_1.dump', 'eab_1.Dump', 'eabx1.dump', 'eab%1.dump', 'eab_1.dump_2']
    const runs = ids.map((jobId) => begin(t, { jobId }))
    await until(async () => (await Promise.all(ids.map(seeded))).every((found) => found.length === 1), 'one of each')
    for (const one of runs) one.stop('lost')
    for (const { id } of await hive.jobs()) await hive.done(id)
    t.pass('each has its own')
  })

  await t.test('a failed child fails the job with its last message; taken again, the hive runs what had failed', async (t) => {
    const one = begin(t)
    const root = await hive.claim()
    const { fan: [bad = 0, good = 0], funnel } = await hive.fan(root.id, 2)
    await hive.done(root.id)
    await hive.done(good)
    await hive.fail(bad, 'the disk is full\n')
    const { error } = await one.run
    t.match(error, { message: `hive job ${bad} (event_dump_dna) failed: the disk is full` })
    t.not((error as { code?: string }).code, 'FINAL', 'another attempt is of use')
    const again = begin(t, { jobId: one.jobId })
    await until(async () => (await hive.jobs()).find(({ id }) => id === bad)?.status === 'READY', 'the failed one')
    await hive.done(bad)
    await hive.done(funnel, undefined)
    t.same((await again.run).outcome, { output: null })
    t.equal((await seeded(one.jobId)).length, 1)
  })

  await t.test('a cancel before its beginning leaves the workers nothing; a retry gives it back', async (t) => {
    const one = begin(t)
    await until(async () => (await seeded(one.jobId))[0]?.status === 'READY', 'its job')
    one.stop('cancelled')
    t.match((await one.run).error, { message: 'cancelled', name: 'Error' })
    t.equal((await seeded(one.jobId))[0]?.status, 'PASSED_ON')
    const again = begin(t, { jobId: one.jobId })
    await hive.done((await hive.claim()).id, 1)
    t.same((await again.run).outcome, { output: 1 })
  })

  await t.test('a cancel discards what has not begun, says what still runs, and touches nothing above', async (t) => {
    const [above] = await hive.query("SELECT MIN(job_id) AS id FROM job WHERE status = 'DONE'")
    const one = begin(t)
    const root = await hive.claim()
    const { fan: [runs = 0, waits = 0], funnel } = await hive.fan(root.id, 2)
    await hive.set(runs, 'RUN')
    await hive.query("UPDATE job SET prev_job_id = ?, status = 'DONE' WHERE job_id = ?", [above?.['id'], root.id])
    const before = (await hive.jobs()).filter(({ id }) => id <= root.id)
    one.stop('timeout')
    t.match((await one.run).error, { name: 'StillRuns', message: `timed out, but the hive still works on job ${runs}; what had not begun was discarded` })
    const after = await hive.jobs()
    t.same(after.filter(({ id }) => id <= root.id), before)
    t.same([runs, waits, funnel].map((id) => after.find((job) => job.id === id)?.status), ['RUN', 'PASSED_ON', 'PASSED_ON'])
    await hive.done(runs)
    const again = begin(t, { jobId: one.jobId })
    const statusOf = async (id: number) => (await hive.jobs()).find((job) => job.id === id)?.status
    await until(async () => await statusOf(waits) === 'READY', 'what was discarded')
    t.equal(await statusOf(funnel), 'SEMAPHORED', 'it waits for the one that was given back')
    await hive.done(waits)
    await until(async () => await statusOf(funnel) === 'READY', 'the funnel')
    await hive.done(funnel)
    t.same((await again.run).outcome, { output: null })
  })

  await t.test('a job that the hive has passed on to another analysis is complete with it, and a retry leaves it alone', async (t) => {
    const one = begin(t)
    const root = await hive.claim()
    const { fan: [small = 0], funnel } = await hive.fan(root.id, 1)
    await hive.done(root.id)
    // What the hive's own adaptor does of a worker that died for want of memory.
    const [semaphore] = await hive.query('SELECT controlled_semaphore_id AS id FROM job WHERE job_id = ?', [small])
    await hive.query("INSERT INTO job (prev_job_id, analysis_id, input_id, status, controlled_semaphore_id) SELECT ?, MIN(analysis_id), 'himem', 'READY', ? FROM analysis_base", [small, semaphore?.['id']])
    await hive.query("UPDATE job SET status = 'PASSED_ON', when_completed = NOW() WHERE job_id = ?", [small])
    const himem = (await hive.jobs()).find(({ parent }) => parent === small)!.id
    await hive.fail(himem, 'too little memory')
    t.match((await one.run).error, { message: new RegExp(`^hive job ${himem} .*failed: too little memory$`) })
    const again = begin(t, { jobId: one.jobId })
    await until(async () => (await hive.jobs()).find(({ id }) => id === himem)?.status === 'READY', 'what had failed')
    t.equal((await hive.jobs()).find(({ id }) => id === small)?.status, 'PASSED_ON')
    await hive.done(himem)
    await hive.done(funnel)
    t.same((await again.run).outcome, { output: null })
  })

  await t.test('a job waits for the beekeeper where none loops, and says so', async (t) => {
    await hive.query("CREATE TABLE beekeeper (beekeeper_id INTEGER NOT NULL PRIMARY KEY AUTO_INCREMENT, is_blocked SMALLINT NOT NULL DEFAULT 0, cause_of_death ENUM('ANALYSIS_FAILED', 'DISAPPEARED', 'JOB_FAILED', 'LOOP_LIMIT', 'NO_WORK', 'TASK_FAILED') NULL)")
    const one = begin(t)
    const waits = async (text: string | undefined): Promise<void> => { await until(() => one.reports.at(-1)?.waiting_for === text, String(text)) }
    await waits('a beekeeper: none has run for this hive')
    await hive.query("INSERT INTO beekeeper (cause_of_death) VALUES ('NO_WORK')")
    await waits('a beekeeper that loops: the last one ended, it had no work')
    await hive.query('INSERT INTO beekeeper (is_blocked) VALUES (1)')
    await waits('its beekeeper, which is blocked')
    await hive.query('UPDATE beekeeper SET is_blocked = 0')
    await until(() => one.reports.at(-1)?.waiting_for === undefined, 'a beekeeper that loops')
    await hive.query("UPDATE beekeeper SET cause_of_death = 'JOB_FAILED' WHERE cause_of_death IS NULL")
    await waits('a beekeeper that loops: the last one ended, it saw a job fail')
    t.ok(one.lines.some((line) => /submitted, 0 of 1 done, waits for its beekeeper, which is blocked/.test(line)), 'in the log too')
    const root = await hive.claim()
    await until(() => one.reports.at(-1)?.waiting_for === undefined, 'a worker that has it in hand')
    await hive.done(root.id)
    t.same((await one.run).outcome, { output: null })
    await hive.query('DROP TABLE beekeeper')
  })

  await t.test('the hive of a block is that of its server, user and database', async (t) => {
    const { port } = new URL(hive.uri)
    const block = (database?: string) => givenBlocks({ core_database: { staging: { host: '127.0.0.1', port: Number(port), user: 'ens', password: hive.password, ...(database === undefined ? {} : { database }) } } })
    const run = async (load: LoadBlock) => await createHiveRunner({ hive: { block: 'staging', analysis: 'event_dump_dna', every_ms: 10 } }, { graceMs: 100, maxOutputBytes: 10_000, kinds: allKinds, env: {} }).run({ ...makeContext({}, load).context, jobId: `e${++number}_.dump_dna` })
    const outcome = run(block('event_handling'))
    await hive.done((await hive.claim()).id, { of: 'a block' })
    t.same(await outcome, { output: { of: 'a block' } })
    await t.rejects(run(block()), { code: 'FINAL', message: 'block core_database/staging names no database, which a hive needs' })
  })

  await t.test('what no further try mends is final, and no error tells the password', async (t) => {
    const wrong = hive.uri.replace(encodeURIComponent(hive.password), 'not-the-password')
    const cases: Array<[Partial<HiveRun['hive']>, RegExp]> = [
      [{ analysis: 'nosuch' }, /^the hive has no analysis nosuch$/],
      [{ uri: wrong }, /^the hive database: Access denied for user 'ens'/],
      [{ uri: hive.uri.replace('event_handling', 'mysql') }, /^the hive database: .*denied/],
      [{ uri: { env: 'NOWHERE' } }, /needs the environment variable NOWHERE/]
    ]
    for (const [more, message] of cases) {
      const { error } = await begin(t, { hive: more }).run
      t.match(error, { code: 'FINAL', message })
      t.notMatch(`${error?.stack} ${JSON.stringify(error)}`, /not-the-password|s3cret/)
    }
    const gone = begin(t)
    const root = await hive.claim()
    await hive.query('DELETE FROM job WHERE job_id = ?', [root.id])
    t.match((await gone.run).error, { code: 'FINAL', message: `job ${root.id} is no longer in the hive database` })
  })

  await t.test('a database that goes away and comes back is waited for, before seeding and after', async (t) => {
    const one = begin(t)
    const root = await hive.claim()
    await hive.stop()
    const two = begin(t)
    const impatient = begin(t, { hive: { max_failures: 2 } })
    await until(() => [one, two].every(({ lines }) => lines.some((line) => line.includes('the hive database is away'))), 'the loss to be seen')
    t.match((await impatient.run).error, { message: /the hive database is away: .* \(3 times in a row\)/ })
    await hive.start()
    await hive.done(root.id, { first: true })
    t.same((await one.run).outcome, { output: { first: true } })
    await hive.done((await hive.claim()).id, { second: true })
    t.same((await two.run).outcome, { output: { second: true } })
  })

  await t.test('the two files of the original service work as they stand', async (t) => {
    const backend = await openBackend('pglite')
    t.teardown(() => backend.close())
    const { call, service } = await openService(t, {
      backend: backend.url,
      lookups: {
        events: { new_assembly: ['dump_dna', 'dump_peptide'], new_genebuild: ['dump_peptide'], dna_dumped: [] },
        processes: { dump_peptide: { analysis: 'event_dump_peptide', hive_uri: hive.uri }, dump_dna: { analysis: 'event_dump_dna', hive_uri: hive.uri } }
      }
    })
    const { status, body } = await call('POST', '/jobs', { type: 'new_assembly', genome: 'homo_sapiens', event_id: 7 })
    t.equal(status, 202)
    const ids = Object.fromEntries(body as Array<[string, string]>)
    for (let i = 0; i < 2; i++) {
      const root = await hive.claim()
      if (root.analysis === 'event_dump_dna') await hive.done(root.id, { status: 'success', events: [{ type: 'dna_dumped', genome: 'homo_sapiens' }] })
      else await hive.fail(root.id, 'no genes')
    }
    const [dna, peptide] = await Promise.all([call('GET', `/jobs/dump_dna/${ids['dump_dna']}?wait=20`), call('GET', `/jobs/dump_peptide/${ids['dump_peptide']}?wait=20`)])
    t.match(dna.body, { status: 'complete', output: { status: 'success' }, input: { genome: 'homo_sapiens', event_id: 7 }, events: [{ type: 'dna_dumped' }] })
    t.match(peptide.body, { status: 'failed', reason: /^hive job \d+ \(event_dump_peptide\) failed: no genes$/ })
    const processes = (await call('GET', '/processes')).body
    t.match(processes.items[0], { process: 'dump_peptide', run: { hive: { analysis: 'event_dump_peptide', uri: /^mysql:\/\/ens:\*\*\*@127\.0\.0\.1:\d+\/event_handling$/ } } })
    t.notMatch(JSON.stringify([processes, dna.body, peptide.body]), /s3cret/)
    await service.stop()
  })

  await t.test('a worker that is killed after seeding leaves a job that the next one finds', { skip: BACKENDS.every((name) => name === 'pglite' || missing(name)) ? 'no Redis and no PostgreSQL' : false }, async (t) => {
    const folder = temporaryFolder(t)
    const backend = await openBackend(missing('redis') === false ? 'redis' : 'postgres')
    writeLookups(folder, { events: { new_assembly: ['dump_dna'] }, processes: { dump_dna: { run: { hive: { uri: { env: 'HIVE' }, analysis: 'event_dump_dna', every_ms: 50 } } } } })
    const env: Record<string, string> = { ...await roleEnvironment(folder, backend.url), HIVE: hive.uri, LOG_LEVEL: 'debug' }
    const [api, results, first] = await Promise.all(['api', 'results', 'worker'].map((role) => spawnRole(role, env)))
    const call = createCall(`http://127.0.0.1:${env['PORT']}`)
    const { body: [[, id]] } = await call('POST', '/jobs', { type: 'new_assembly', genome: 'homo_sapiens' })
    const root = await hive.claim()
    await first?.end('SIGKILL')
    const second = await spawnRole('worker', env)
    await hive.done(root.id, { whole: true })
    const { body } = await call('GET', `/jobs/dump_dna/${id}?wait=30`)
    t.match(body, { status: 'complete', output: { whole: true } })
    t.equal((await hive.jobs()).filter(({ status }) => status === 'READY').length, 0)
    t.match((await call('GET', `/jobs/dump_dna/${id}/log`)).body.lines.join('\n'), /hive job \d+ of event_dump_dna found again/)
    t.notMatch([api, results, first, second].map((role) => role?.output()).join(''), /s3cret/)
    await call.close()
    for (const role of [api, results, second]) await role?.end('SIGTERM')
    await backend.close()
  })
})
