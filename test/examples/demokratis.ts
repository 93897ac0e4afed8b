import { cpSync, existsSync, readFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { pino } from 'pino'
import t from 'tap'
import { readBlocks } from '../../src/cli/read-blocks.ts'
import { aboveFolder } from '../../src/pipelines/consultations/preprocess_consultation_documents.ts'
import { loadConfig } from '../../src/roles/config.ts'
import { startService } from '../../src/roles/service.ts'
import { shipped } from '../../src/roles/shipped.ts'
import { loadKinds } from '../../src/runners/module/kind-files.ts'
import { DATA, HOME, nodeEnvironment } from '../fixtures/places.ts'
import { createCall, temporaryFolder, type Answer, type Call } from '../fixtures/service.ts'
import { sharedRows, startDemokratisApi } from '../pipelines/consultations/fixtures/demokratis-api.ts'

const example = join(HOME, 'examples/demokratis')
const data = join(DATA, 'demokratis')

/** The lines of a file like .env. */
function readEnvironment (file: string): Record<string, string> {
  const lines = readFileSync(file, 'utf8').split('\n').filter((line) => /^\w+=/.test(line))
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]))
}

const environment = readEnvironment(join(example, '.env.example'))

/** The job when it has ended; one question waits for a minute at most. */
async function ended (call: Call, path: string): Promise<Answer['body']> {
  for (let asked = 0; ; asked++) {
    const { body } = await call('GET', `${path}?wait=60`)
    if (['complete', 'failed'].includes(String(body.status)) || asked === 3) return body
  }
}

t.test('the blocks of the original are made from the variables of its .env, and all that is missing is told', async (t) => {
  const file: unknown = JSON.parse(readFileSync(join(example, 'blocks.json'), 'utf8'))
  const { blocks, problems } = readBlocks(file, [], environment, shipped.kinds)
  t.same(problems, [])
  const store = { endpoint: 'https://sos-ch-dk-2.exo.io', access_key_id: 'EXO', secret_access_key: 'secret' }
  t.same(Object.fromEntries(blocks.map(({ name, value }) => [name, value])), {
    'demokratis-api-credentials': { username: 'reader@example.org', password: 'secret' },
    'remote-dataframe-storage': { url: 's3://demokratis-ml/dataframes', ...store },
    'platform-file-storage': { url: 's3://demokratis/', ...store },
    'slack-status-webhook': { url: 'https://hooks.slack.com/services/T/B/X' }
  })
  const { EXOSCALE_SOS_BUCKET_ML: _bucket, SLACK_STATUS_WEBHOOK_URL: _slack, ...others } = environment
  t.same(readBlocks(file, [], others, shipped.kinds).problems, [
    'object_store/remote-dataframe-storage: EXOSCALE_SOS_BUCKET_ML is not set', 'slack_webhook/slack-status-webhook: SLACK_STATUS_WEBHOOK_URL is not set'
  ])
})

t.test('outputs lie at the address of the original, whether it names their folder or the one above', async (t) => {
  const above = (url: string): string => aboveFolder({ url }).url
  t.equal(above('s3://demokratis-ml/dataframes'), 's3://demokratis-ml')
  t.equal(above('s3://demokratis-ml/dataframes/'), 's3://demokratis-ml')
  t.equal(above('s3://demokratis-ml'), 's3://demokratis-ml')
  t.equal(above('s3://dataframes'), 's3://dataframes')
  t.equal(above('s3://dataframes/dataframes'), 's3://dataframes')
  t.equal(above('file:/data/dataframes'), 'file:/data')
  t.equal(above('file:/dataframes'), 'file:/dataframes')
})

t.test('compose gives the container every setting, by the .env as it is', async (t) => {
  const compose = readFileSync(join(HOME, 'compose.demokratis.yaml'), 'utf8')
  t.match(compose, /env_file: \.env/)
  const named = [...readFileSync(join(example, 'blocks.json'), 'utf8').matchAll(/"env": "(\w+)"|\$\{(\w+)\}/g)].map(([, one, other]) => one ?? other)
  const settings = [...named, 'STORE_DATAFRAMES_REMOTELY', 'CRON_MAIN_INGESTION_STANDARD', 'CRON_MAIN_INGESTION_PUBLISH', 'TZ', 'SIGNALBOX_SECRET_KEY', 'SIGNALBOX_TOKEN']
  t.same(settings.filter((name) => name === undefined || !(name in environment)), [])
})

t.test('a kind of block of one\'s own is a file beside the lookups', async (t) => {
  const folder = temporaryFolder(t)
  t.equal(await loadKinds(folder, shipped.kinds), shipped.kinds, 'where there is no folder, none')
  const kinds = await loadKinds(join(example, 'lookups'), shipped.kinds)
  t.equal(kinds.size, shipped.kinds.size + 1)
  const { blocks } = readBlocks({}, ['mlflow_credentials/mlflow'], { MLFLOW_TRACKING_URI: 'https://m', MLFLOW_TRACKING_USERNAME: 'u', MLFLOW_TRACKING_PASSWORD: 'p' }, kinds)
  t.same(blocks, [{ kind: 'mlflow_credentials', name: 'mlflow', value: { tracking_uri: 'https://m', username: 'u', password: 'p' } }])
  await t.rejects(loadKinds(join(example, 'lookups'), kinds), { code: 'FINAL', message: /there is a kind of block mlflow_credentials already/ })
  cpSync(join(example, 'lookups/document_statistics.ts'), join(folder, 'blocks/no_kind.ts'))
  await t.rejects(loadKinds(folder, shipped.kinds), { code: 'FINAL', message: /no_kind\.ts.*/ })
})

t.test('one container serves all flows: the schedules of its variables, the file and what follows from it', { skip: existsSync(data) ? false : 'the shared Demokratis data is not on this machine', timeout: 230_000 }, async (t) => {
  const folder = temporaryFolder(t)
  const api = await startDemokratisApi({ after: (run) => { t.teardown(run) } }, { rows: sharedRows(data) })
  const env = { ...nodeEnvironment, ...environment, CRON_MAIN_INGESTION_PUBLISH: '', STORE_DATAFRAMES_REMOTELY: 'no' }
  const config = loadConfig({
    file: join(HOME, 'config/default.json'),
    env: { PORT: '0', LOG_LEVEL: 'silent', SIGNALBOX_BACKEND: `pglite:${join(folder, 'db')}`, SIGNALBOX_STORE: `file:${join(folder, 'store')}`, SIGNALBOX_LOOKUPS: join(example, 'lookups'), SIGNALBOX_BLOCK_FOLDERS: '*', SIGNALBOX_SECRET_KEY: randomBytes(32).toString('base64') }
  })
  const service = await startService({ config, roles: ['api', 'worker', 'results'], log: pino({ level: 'silent' }), version: 'test', env })
  const call = createCall(service.address ?? '')
  t.teardown(async () => {
    await call.close()
    await service.stop()
  })
  t.match((await call('GET', '/schedules')).body.items, [{ schedule: 'main_ingestion_standard', cron: '0 5 * * 1-6', timezone: 'Europe/Zurich' }])
  t.ok((await call('GET', '/block_kinds')).body.items.some(({ kind }: { kind: string }) => kind === 'mlflow_credentials'))
  t.match(await call('PUT', '/blocks/mlflow_credentials/mlflow', { tracking_uri: 'https://m', username: 'u', password: 'hidden' }), { status: 201, body: { value: { password: '***' } } })
  t.match(await call('PUT', '/blocks/api_credentials/demokratis-api', api.block), { status: 201 }, 'the name of before is as good')
  t.match(await call('PUT', '/blocks/object_store/platform-file-storage', { url: `file:${join(data, 'platform-file-storage')}` }), { status: 201 })
  const [[name, id]] = (await call('POST', '/jobs', { type: 'consultation_documents_due', data: { bootstrap_extracted_content: false } })).body as [[string, string]]
  t.match(await ended(call, `/jobs/${name}/${id}`), { status: 'complete', reason: null, output: { rows: 59 } })
  const [statistics] = (await call('GET', '/jobs/document_statistics')).body.items as Array<{ id: string }>
  const last = await ended(call, `/jobs/document_statistics/${statistics?.id}`)
  t.match(last, { status: 'complete', output: { rows: 59, languages: { de: 46, fr: 9, it: 4 } } })
  t.match(readFileSync(join(folder, 'store', String(last.output.report)), 'utf8'), /<svg.*>de<\/text>/)
})
