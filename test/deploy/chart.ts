import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse, parseAllDocuments } from 'yaml'
import { emptyMetrics } from '../fixtures/metrics.ts'
import { HOME } from '../fixtures/places.ts'
import { findHelm } from './fixtures/helm.ts'

const CHART = join(HOME, 'deploy', 'helm', 'signalbox')
const SECRETS = ['--set', 'secret.values.SIGNALBOX_BACKEND=redis://redis:6379,secret.values.SIGNALBOX_TOKEN=key']

const helm = findHelm()
const skip = helm === undefined ? 'no helm on this machine, and none of npm' : false

type Container = { args: string[], env: Array<{ name: string, value?: string }>, readinessProbe: unknown, securityContext: Record<string, unknown> }
type Resource = { kind: string, metadata: { name: string }, spec: { replicas?: number, template: { spec: { containers: Container[], terminationGracePeriodSeconds: number } }, triggers: Array<{ metadata: { query: string } }> }, data: Record<string, string> }

function template (...more: string[]): Resource[] {
  const { status, stdout, stderr } = spawnSync(helm ?? '', ['template', 'box', CHART, '--kube-version', '1.30', ...more], { encoding: 'utf8', maxBuffer: 2 ** 24 })
  if (status !== 0) throw new Error(stderr)
  return parseAllDocuments(stdout).map((document) => document.toJS() as Resource).filter((one) => one !== null)
}

t.test('the chart is without fault, and makes each role with its probes and no rights', { skip }, async (t) => {
  const { stdout, status } = spawnSync(helm ?? '', ['lint', '--strict', CHART, ...SECRETS], { encoding: 'utf8' })
  t.equal(status, 0, stdout)
  const all = template(...SECRETS)
  const kinds = all.map(({ kind, metadata: { name } }) => `${kind} ${name}`).sort()
  t.same(kinds, [
    'ConfigMap box', 'Deployment box-api', 'Deployment box-results', 'Deployment box-worker-all', 'Job box-migrate', 'NetworkPolicy box',
    'PodDisruptionBudget box-api', 'PodDisruptionBudget box-results', 'Secret box', 'Service box', 'ServiceAccount box'
  ])
  for (const { spec: { template: { spec } } } of all.filter(({ kind }) => kind === 'Deployment')) {
    const [container] = spec.containers
    t.match(container, { readinessProbe: { httpGet: { path: '/ready' } }, securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true } })
    t.ok(spec.terminationGracePeriodSeconds > 20 + 5)
  }
})

t.test('workers stand by group of processes, and KEDA scales them by age and depth', { skip }, async (t) => {
  const groups = ['--set', 'workers.all=null,workers.dumps.processes={dump_dna,dump_peptide},workers.dumps.keda.enabled=true,workers.dumps.keda.max=7']
  const all = template(...SECRETS, ...groups)
  const worker = all.find(({ kind, metadata: { name } }) => kind === 'Deployment' && name === 'box-worker-dumps')
  t.equal(worker?.spec.replicas, undefined, 'who scales sets the number')
  t.match(worker?.spec.template.spec.containers[0]?.env.find(({ name }) => name === 'SIGNALBOX_PROCESSES'), { value: 'dump_dna,dump_peptide' })
  const scaled = all.find(({ kind }) => kind === 'ScaledObject')
  t.match(scaled?.spec, { minReplicaCount: 0, maxReplicaCount: 7 })
  const queries = scaled?.spec.triggers.map(({ metadata: { query } }) => query) ?? []
  t.equal(queries[0], 'max(signalbox_oldest_waiting_seconds{process=~"dump_dna|dump_peptide"})')
  const text = await emptyMetrics().text()
  for (const [name] of queries.join(' ').matchAll(/signalbox_\w+/g)) t.match(text, new RegExp(`^# TYPE ${name} `, 'm'))
})

t.test('lookups of the values stand in a ConfigMap of their own, and a secret of yours is used', { skip }, async (t) => {
  const all = template('--set', 'secret.existing=mine', '--set-file', `lookups.event_lookup\\.json=${join(HOME, 'lookups', 'event_lookup.json')}`)
  t.notOk(all.some(({ kind }) => kind === 'Secret'))
  t.equal(all.find(({ kind, metadata: { name } }) => kind === 'ConfigMap' && name === 'box')?.data['SIGNALBOX_LOOKUPS'], '/etc/signalbox/lookups')
  t.ok(JSON.parse(all.find(({ metadata: { name } }) => name === 'box-lookups')?.data['event_lookup.json'] ?? ''))
})

t.test('what is missing or mistyped in the values is refused', { skip }, async (t) => {
  t.throws(() => template(), /names the datastore/)
  t.throws(() => template(...SECRETS, '--set', 'workers.dumps.process={dump_dna}'), /Additional property process is not allowed/)
})

t.test('compose files, workflows and values are YAML', async (t) => {
  for (const file of ['compose.yaml', 'compose.demokratis.yaml', 'examples/starter/compose.yaml', 'deploy/helm/signalbox/values.yaml', '.github/workflows/ci.yml', '.github/workflows/release.yml', '.github/workflows/nightly.yml', '.github/dependabot.yml']) {
    t.type(parse(readFileSync(join(HOME, file), 'utf8'), { merge: true }), Object, file)
  }
})
