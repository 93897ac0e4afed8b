import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { emptyMetrics } from '../fixtures/metrics.ts'
import { HOME } from '../fixtures/places.ts'
import { openAnyBackend, until } from '../fixtures/servers.ts'
import { createCall, openService, roleEnvironment, spawnRole, step, temporaryFolder, writeLookups } from '../fixtures/service.ts'

const ALERTS = join(HOME, 'deploy', 'prometheus', 'alerts.yaml')
const DASHBOARD = join(HOME, 'deploy', 'grafana', 'signalbox.json')

const skip = spawnSync('promtool', ['--version']).error === undefined ? false : 'no promtool on this machine (Debian: apt-get install prometheus)'

t.jobs = 1
t.setTimeout(240_000)

t.test('alert rules and dashboard name only what /metrics gives, and /metrics names what they need', async (t) => {
  const text = await emptyMetrics().text()
  const given = new Set([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name = '', kind]) => kind === 'histogram' ? [`${name}_bucket`, `${name}_count`, `${name}_sum`] : [name]))
  for (const file of [ALERTS, DASHBOARD]) {
    const used = new Set([...readFileSync(file, 'utf8').matchAll(/\b(?:signalbox|nodejs|process)_[a-z0-9_]+/g)].map(([name]) => name))
    t.ok(used.size > 5)
    t.same([...used].filter((name) => !given.has(name)), [], file)
  }
  const dashboard = JSON.parse(readFileSync(DASHBOARD, 'utf8')) as { panels: Array<{ id: number, targets: Array<{ expr: string }> }> }
  t.equal(new Set(dashboard.panels.map(({ id }) => id)).size, dashboard.panels.length)
  t.ok(dashboard.panels.every(({ targets }) => targets.every(({ expr }) => expr !== '')))
})

t.test('the alert rules are valid', { skip }, async (t) => {
  t.match(execFileSync('promtool', ['check', 'rules', ALERTS]).toString(), /SUCCESS/)
})

t.test('a queue that nobody serves is told', { skip }, async (t) => {
  const { call } = await openTest(t, ['api', 'results'])
  await call('POST', '/jobs', { type: 'arrived' })
  const metrics = await scrape(call, /signalbox_queue_jobs\{queue="slow",state="waiting"\} 1/)
  t.match(metrics, /signalbox_queue_workers\{queue="slow"\} 0/)
  t.match(metrics, /signalbox_oldest_waiting_seconds\{process="slow"\} [\d.]+/)
  t.same(firing(t, metrics, '10m'), ['SignalboxQueueUnserved'])
  // The age grows with the time.
  t.same(firing(t, metrics, '80m', 'signalbox_oldest_waiting_seconds'), ['SignalboxQueueUnserved', 'SignalboxWorkOld'])
})

t.test('a schedule that is late is told', { skip }, async (t) => {
  const first = await openTest(t, ['api', 'worker', 'results'])
  await until(async () => (await first.call('GET', '/schedules')).body.items[0]?.last !== null, 'a tick')
  await first.service.stop()
  const { call } = await openTest(t, ['api', 'worker'], first.backend)
  const metrics = await scrape(call, /signalbox_schedule_late_seconds\{schedule="often"\} (?!0\n)[\d.]+/)
  t.same(firing(t, metrics, '3m', 'signalbox_schedule_late_seconds'), [])
  t.same(firing(t, metrics, '10m', 'signalbox_schedule_late_seconds'), ['SignalboxScheduleLate'])
})

t.test('a worker that died is told, and one that lives is not', { skip }, async (t) => {
  const folder = temporaryFolder(t)
  const backend = await openAnyBackend()
  writeLookups(folder, lookups)
  const env = await roleEnvironment(folder, backend.url)
  const call = createCall(`http://127.0.0.1:${env.PORT}`)
  const before = await spawnRole('start', env)
  await call('POST', '/jobs', { type: 'arrived' })
  const calm = await scrape(call, /signalbox_queue_jobs\{queue="slow",state="active"\} 1/)
  await before.end('SIGKILL')
  const after = await spawnRole('start', env)
  t.teardown(async () => {
    await call.close()
    await after.end('SIGKILL')
    await backend.close()
  })
  const metrics = await scrape(call, /signalbox_jobs_taken_over_total\{process="slow"\} 1/)
  t.same(firing(t, calm, '10m'), [])
  t.same(firing(t, metrics, '10m'), ['SignalboxWorkerDied'])
})

const lookups = {
  events: { arrived: ['slow'], ticked: [] },
  processes: { slow: step({ params: { default: { ms: 600_000 } } }) },
  schedules: { often: { type: 'ticked', every: '1s' } }
}

type Role = 'api' | 'worker' | 'results'

async function openTest (t: Test, roles: Role[], url?: string) {
  const backend = url === undefined ? await openAnyBackend() : undefined
  if (backend !== undefined) t.teardown(backend.close)
  const used = url ?? backend?.url ?? ''
  return { ...await openService(t, { backend: used, lookups, roles, env: { SIGNALBOX_SHUTDOWN_MS: '100' } }), backend: used }
}

/** What /metrics gives, once it says so. */
async function scrape (call: (method: string, path: string) => Promise<{ body: unknown }>, wanted: RegExp): Promise<string> {
  let text = ''
  await until(async () => {
    text = String((await call('GET', '/metrics')).body)
    return wanted.test(text)
  }, String(wanted), 120_000)
  return text
}

/** Which alerts fire where these values stay as they are, and those of `growing` grow with the time. promtool says so. */
function firing (t: Test, metrics: string, at: string, growing = 'none'): string[] {
  const folder = temporaryFolder(t)
  const series = metrics.split('\n').filter((line) => line.startsWith('signalbox_')).map((line) => {
    const [, name = '', value = ''] = /^(.*) (\S+)$/.exec(line) ?? []
    return { series: name, values: name.startsWith(growing) && Number(value) > 0 ? `${value}+60x100` : `${value}x100` }
  })
  const expected = (alertname: string[]) => alertname.map((name) => ({ labels: `{alertname="${name}"}`, value: 1 }))
  const names = [...readFileSync(ALERTS, 'utf8').matchAll(/- alert: (\S+)/g)].map(([, name]) => name as string)
  // promtool compares and does not tell: each alert is asked for by itself.
  return names.filter((name) => {
    const file = join(folder, `${name}.yaml`)
    const ask = { expr: `count by (alertname) (ALERTS{alertname="${name}",alertstate="firing"})`, eval_time: at, exp_samples: expected([name]) }
    // JSON is YAML.
    writeFileSync(file, JSON.stringify({ rule_files: [ALERTS], evaluation_interval: '1m', tests: [{ interval: '1m', input_series: series, promql_expr_test: [ask] }] }))
    return spawnSync('promtool', ['test', 'rules', file]).status === 0
  })
}
