import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { createHiveRunner } from '../../../src/runners/hive/hive.ts'
import { allKinds } from '../../fixtures/blocks.ts'
import { makeContext } from '../../fixtures/context.ts'
import { mariadbMissing, openMariadb } from '../../fixtures/mariadb.ts'
import { temporaryFolder } from '../../fixtures/service.ts'
import { until } from '../../fixtures/servers.ts'

/** A checkout of eHive: https://github.com/Ensembl/ensembl-hive. */
const EHIVE = process.env['EHIVE_ROOT_DIR'] ?? ''
const env = { ...process.env, EHIVE_ROOT_DIR: EHIVE, PERL5LIB: [join(EHIVE, 'modules'), join(import.meta.dirname, 'fixtures')].join(':') }
const script = (name: string): string => join(EHIVE, 'scripts', name)

function whyNot (): string | false {
  if (!existsSync(script('beekeeper.pl'))) return 'no eHive: set EHIVE_ROOT_DIR to a checkout of it'
  if (mariadbMissing !== false) return mariadbMissing
  const tried = spawnSync('perl', ['-e', 'use DBI; use DBD::mysql; use Bio::EnsEMBL::Hive::Beekeeper'], { env })
  return tried.status === 0 ? false : `eHive does not run here: ${String(tried.stderr).split('\n')[0]} (Debian: apt-get install libdbi-perl libdbd-mysql-perl libjson-perl libproc-daemon-perl libcapture-tiny-perl libdatetime-perl libemail-stuffer-perl)`
}

t.test('with eHive itself', { skip: whyNot(), timeout: 600_000 }, async (t) => {
  const mariadb = await openMariadb()
  t.teardown(() => mariadb.close())
  await mariadb.run('', "CREATE USER 'hive'@'127.0.0.1' IDENTIFIED BY 'hive-secret'; GRANT ALL ON *.* TO 'hive'@'127.0.0.1'; CREATE USER 'ours'@'127.0.0.1' IDENTIFIED BY 'our-secret'; GRANT SELECT, INSERT, UPDATE ON *.* TO 'ours'@'127.0.0.1'")
  const url = `mysql://hive:hive-secret@127.0.0.1:${mariadb.tcp.port}/hive_test`
  const made = spawnSync('perl', [script('init_pipeline.pl'), 'SignalboxTest_conf', '-pipeline_url', url, '-hive_force_init', '1'], { env })
  t.equal(made.status, 0, String(made.stderr))

  let number = 0
  function begin (t: Test, analysis: string, { data = {}, jobId = `e${++number}_.x` }: { data?: object, jobId?: string } = {}) {
    const uri = `mysql://ours:our-secret@127.0.0.1:${mariadb.tcp.port}/hive_test`
    const runner = createHiveRunner({ hive: { uri, analysis, every_ms: 100 } }, { graceMs: 100, maxOutputBytes: 10_000, kinds: allKinds, env: {} })
    const { context, lines, reports, abort } = makeContext()
    const run = runner.run({ ...context, jobId, event: { id: 'e1', source: '/test', type: 'new_assembly', genome: 'homo_sapiens', data } })
      .then((outcome) => ({ outcome, error: undefined }), (error: unknown) => ({ outcome: undefined, error: error as Error }))
    t.teardown(async () => {
      abort.abort(Object.assign(new Error('lost'), { code: 'lost' }))
      await run
    })
    return { run, lines, reports, jobId, cancel: () => { abort.abort(Object.assign(new Error('cancelled'), { code: 'cancelled' })) } }
  }

  const rows = async (statement: string): Promise<Array<Record<string, unknown>>> => await mariadb.run('hive_test', statement) as Array<Record<string, unknown>>
  const waits = async (job: ReturnType<typeof begin>, text: RegExp): Promise<void> => { await until(() => text.test(job.reports.at(-1)?.waiting_for ?? ''), String(text)) }

  /** A beekeeper that goes on until it is told to stop. */
  function beekeeper (): { end: () => Promise<void> } {
    const child = spawn('perl', [script('beekeeper.pl'), '-url', url, '-loop_until', 'FOREVER', '-sleep', '0.02'], { env, stdio: 'ignore', detached: true })
    let hasEnded = false
    const gone = new Promise<void>((resolve) => {
      child.once('exit', () => {
        hasEnded = true
        resolve()
      })
    })
    return {
      end: async () => {
        if (!hasEnded) process.kill(-child.pid!, 'SIGTERM')
        await gone
      }
    }
  }

  await t.test('a job waits for a beekeeper and says so', async (t) => {
    const one = begin(t, 'part')
    await waits(one, /^a beekeeper: none has run for this hive$/)
    spawnSync('perl', [script('beekeeper.pl'), '-url', url, '-run'], { env })
    t.same((await one.run).outcome, { output: null }, 'one step of a beekeeper starts a worker for what was seeded')
    const other = begin(t, 'part')
    await waits(other, /^a beekeeper that loops: the last one ended/)
    other.cancel()
    t.match((await other.run).error, { message: 'cancelled' })
  })

  const bees = beekeeper()
  t.teardown(bees.end)

  await t.test('a fan with its funnel ends with its last job', async (t) => {
    const { run, reports } = begin(t, 'fan')
    t.same((await run).outcome, { output: null })
    t.same(reports.at(-1)?.total, 5, 'the fan, three parts, the funnel')
  })

  await t.test('a job that the hive tries again is complete', async (t) => {
    t.same((await begin(t, 'second_try', { data: { mark: join(temporaryFolder(t), 'mark') } }).run).outcome, { output: null })
  })

  await t.test('a long input reaches the job', async (t) => {
    t.same((await begin(t, 'second_try', { data: { mark: join(temporaryFolder(t), 'mark'), more: 'x'.repeat(1000) } }).run).outcome, { output: null })
  })

  await t.test('a job that fails for good fails ours with its message', async (t) => {
    const one = begin(t, 'broken')
    t.match((await one.run).error, { message: /^hive job \d+ \(broken\) failed: .*no space left on device/s })
    const again = begin(t, 'broken', { jobId: one.jobId })
    t.match((await again.run).error, { message: /no space left on device/ })
    t.equal((await rows(`SELECT job_id FROM job WHERE input_id LIKE '%${one.jobId}%'`)).length, 1, 'seeded once')
    t.ok(again.lines.some((line) => line.includes('given to the hive again')))
  })

  await t.test('a job whose worker dies and that the hive passes on is complete with the other', async (t) => {
    const { run, reports } = begin(t, 'small')
    t.same((await run).outcome, { output: null })
    t.same(reports.at(-1), { complete: 2, total: 2, message: undefined, waiting_for: undefined })
    t.same((await rows("SELECT status FROM job JOIN analysis_base USING (analysis_id) WHERE logic_name IN ('small', 'small_himem') ORDER BY job_id")).map((row) => row['status']), ['PASSED_ON', 'DONE'])
  })

  await t.test('a stopped beekeeper is seen, and what is discarded is not run by the next', async (t) => {
    await bees.end()
    const one = begin(t, 'part')
    await until(async () => (await rows(`SELECT 1 FROM job WHERE input_id LIKE '%${one.jobId}%'`)).length === 1, 'its job')
    one.cancel()
    t.match((await one.run).error, { message: 'cancelled' })
    const next = beekeeper()
    t.teardown(next.end)
    t.same((await begin(t, 'part').run).outcome, { output: null })
    const [discarded] = await rows(`SELECT status, when_completed FROM job WHERE input_id LIKE '%${one.jobId}%'`)
    t.match(discarded, { status: 'PASSED_ON', when_completed: null })
    t.same((await begin(t, 'part', { jobId: one.jobId }).run).outcome, { output: null }, 'given back, it is run')
    await next.end()
  })
})
