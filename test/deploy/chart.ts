import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse, parseAllDocuments } from 'yaml'
import { emptyMetrics } from '../fixtures/metrics.ts'
import { HOME } from '../fixtures/places.ts'
import { findHelm } from './fixtures/helm.ts'
import { looseEnds } from './fixtures/loose-ends.ts'
import { faultsOf, type Manifest } from './fixtures/manifests.ts'

const CHART = join(HOME, 'deploy', 'helm', 'signalbox')
const SECRETS = ['--set', 'secret.values.SIGNALBOX_BACKEND=redis://redis:6379,secret.values.SIGNALBOX_TOKEN=key']

const helm = findHelm()
const skip = helm === undefined ? 'no helm on this machine, and none of npm' : false

type Container = { args: string[], env: Array<{ name: string, value?: string }>, readinessProbe: unknown, securityContext: Record<string, unknown> }
type Resource = { kind: string, metadata: { name: string }, spec: { replicas?: number, template: { spec: { containers: Container[], terminationGracePeriodSeconds: number } }, triggers: Array<{ metadata: { query: string } }> }, data: Record<string, string> }

function template (...more: string[]): Resource[] {
  const { status, stdout, stderr } = spawnSync(helm ?? '', ['template', 'box', CHART, '--kube-version', '1.30', ...more], { encoding: 'utf8', maxBuffer: 2 ** 24 })
  if (status !== 0) throw new Error(stderr)
  const documents = parseAllDocuments(stdout)
  const [error] = documents.flatMap(({ errors }) => errors)
  if (error !== undefined) throw error
  return documents.map((document) => document.toJS() as Resource).filter((one) => one !== null)
}

/** Every value that makes something, or makes it otherwise. */
const ALL = [
  ...SECRETS, '--set', 'ingress.enabled=true,ingress.className=nginx,ingress.host=box.example.org,ingress.tls=box-tls',
  '--set', 'serviceMonitor.enabled=true,networkPolicy.fromNamespaces={monitoring,ingress-nginx},volumeClaim=data,serviceAccount.annotations.team=data',
  '--set', 'workers.dumps.processes={dump_dna},workers.dumps.keda.enabled=true', '--set', 'lookups.event_lookup\\.json=\\{\\},lookups.process_lookup\\.json=\\{\\}'
]

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

t.test('it is of the version of the package, and so is the image that it asks for', async (t) => {
  const { version } = JSON.parse(readFileSync(join(HOME, 'package.json'), 'utf8')) as { version: string }
  t.match(parse(readFileSync(join(CHART, 'Chart.yaml'), 'utf8')), { version, appVersion: version })
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

t.test('Kubernetes takes every manifest as it is: no field that it does not know, none missing, none of another type', { skip }, async (t) => {
  for (const values of [SECRETS, ALL, ['--set', 'secret.existing=mine,networkPolicy.enabled=false']]) {
    t.same(faultsOf(template(...values) as unknown as Manifest[]), [])
  }
  const kinds = new Set(template(...ALL).map(({ kind }) => kind))
  t.same([...kinds].sort(), [
    'ConfigMap', 'Deployment', 'Ingress', 'Job', 'NetworkPolicy', 'PodDisruptionBudget', 'PodMonitor', 'ScaledObject', 'Secret', 'Service', 'ServiceAccount'
  ])
})

t.test('and would refuse what it does not know', async (t) => {
  const at = (apiVersion: string, kind: string, more: object) => ({ apiVersion, kind, metadata: { name: 'one' }, ...more })
  const containers = [{ name: 'api', image: 'signalbox', livenesProbe: {} }]
  const prometheus = { serverAddress: 'http://prometheus', query: 'up', threshold: 60 }
  t.match(faultsOf([
    at('batch/v1', 'Job', { spec: { template: { spec: { containers } } } }),
    at('policy/v1', 'PodDisruptionBudget', { spec: { maxUnavailable: [1] } }),
    at('apps/v1', 'Deployment', { spec: { template: {} } }),
    at('networking.k8s.io/v1', 'Ingress', { spec: { rules: [{ http: { paths: [{ backend: {} }] } }] } }),
    at('apps/v1', 'Deploiment', {}),
    at('policy/v9', 'PodDisruptionBudget', {}),
    at('keda.sh/v1alpha1', 'ScaledObject', { spec: { scaleTargetRef: { name: 'one' }, triggers: [{ type: 'prometheus', metadata: prometheus }] } })
  ]).sort(), [
    /Deploiment one: .* has no exported member/,
    /Deployment one: Property 'selector' is missing/,
    /Ingress one: Property 'pathType' is missing/,
    /Job one: .*livenesProbe"' does not exist in type 'Container'/,
    /PodDisruptionBudget one: Cannot find module/,
    /PodDisruptionBudget one: Type 'number\[\]' is not assignable/,
    /ScaledObject one: Type 'number' is not assignable to type 'string'/
  ])
})

t.test('what a manifest names is there: pods, volumes, secrets, settings, ports and accounts', { skip }, async (t) => {
  for (const values of [SECRETS, ALL]) t.same(looseEnds(template(...values) as unknown as Manifest[], ['PersistentVolumeClaim data', 'Secret box-tls']), [])
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
