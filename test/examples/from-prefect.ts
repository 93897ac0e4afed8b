import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { DATA, HOME } from '../fixtures/places.ts'
import { openAnyBackend, until } from '../fixtures/servers.ts'
import { command, createCall, roleEnvironment, spawnRole, temporaryFolder } from '../fixtures/service.ts'
import { sharedRows, startDemokratisApi } from '../pipelines/consultations/fixtures/demokratis-api.ts'
import { BUCKET, openFakeS3, S3_KEY } from '../sdk/store/fixtures/s3.ts'

const data = join(DATA, 'demokratis')
const skip = existsSync(data) ? false : 'the shared Demokratis data is not on this machine'
const read = (file: string): string => readFileSync(join(HOME, file), 'utf8')

/** The commands of the second column of the table. */
function commands (): string[] {
  const [, table = ''] = read('docs/from-prefect.md').split('## The commands of Demokratis\' README')
  const rows = table.split('\n').filter((line) => line.startsWith('| ')).slice(1)
  return rows.flatMap((row) => [...(row.split(' | ')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, text = '']) => text))
}

/** All files of the platform as objects of a bucket. */
function filesOf (folder: string, under = ''): Array<[string, Buffer]> {
  return readdirSync(join(folder, under)).flatMap((name) => {
    const path = under === '' ? name : `${under}/${name}`
    return statSync(join(folder, path)).isDirectory() ? filesOf(folder, path) : [[path, readFileSync(join(folder, path))]]
  })
}

t.test('the commands in the place of those of Demokratis make the file in its bucket, and the page from it', { skip, timeout: 230_000 }, async (t) => {
  const ours = commands().filter((one) => one.includes('signalbox ') && !one.startsWith('docker'))
  t.same(ours, ['SIGNALBOX_LOOKUPS=examples/demokratis/lookups signalbox start', 'signalbox blocks apply examples/demokratis/blocks.json', 'signalbox submit consultation_documents_due --wait'])
  const [, apply = '', submit = ''] = ours
  const api = await startDemokratisApi({ after: (run) => { t.teardown(run) } }, { rows: sharedRows(data) })
  const s3 = await openFakeS3()
  t.teardown(s3.close)
  for (const [path, body] of filesOf(join(data, 'platform-file-storage'))) s3.objects.set(path, { body, modified: new Date() })

  const folder = temporaryFolder(t)
  const backend = await openAnyBackend()
  const roleEnv = await roleEnvironment(folder, backend.url)
  const env = {
    ...roleEnv,
    SIGNALBOX_LOOKUPS: 'examples/demokratis/lookups',
    SIGNALBOX_SECRET_KEY: randomBytes(32).toString('base64'),
    SIGNALBOX_URL: `http://127.0.0.1:${roleEnv.PORT}`,
    DEMOKRATIS_API_USERNAME: api.block.username,
    DEMOKRATIS_API_PASSWORD: api.block.password,
    EXOSCALE_SOS_BUCKET_PLATFORM_FILE_STORAGE: BUCKET,
    EXOSCALE_SOS_BUCKET_ML: BUCKET,
    EXOSCALE_SOS_ACCESS_KEY: S3_KEY.access_key_id,
    EXOSCALE_SOS_SECRET_KEY: S3_KEY.secret_access_key,
    EXOSCALE_SOS_ENDPOINT: s3.endpoint,
    SLACK_STATUS_WEBHOOK_URL: 'http://127.0.0.1:9/hook',
    STORE_DATAFRAMES_REMOTELY: 'true'
  }
  const service = await spawnRole('start', env)
  const call = createCall(env.SIGNALBOX_URL)
  t.teardown(async () => {
    await call.close()
    await service.end('SIGTERM')
    await backend.close()
  })
  const run = async (text: string) => await command(text.replace(/^signalbox /, '').split(' '), env)

  const applied = await run(apply)
  t.equal(applied.code, 0, applied.output)
  for (const name of ['demokratis-api-credentials', 'remote-dataframe-storage', 'platform-file-storage', 'slack-status-webhook']) t.match(applied.output, new RegExp(`created +\\w+/${name}`))
  t.match((await run(apply)).output, /unchanged/, 'and again, whenever something changes')
  t.equal((await call('PUT', '/blocks/api_credentials/demokratis-api-credentials', api.block)).status, 200, 'the API of the test')
  const submitted = await run(submit)
  t.equal(submitted.code, 0, submitted.output)

  const [job] = (await call('GET', '/jobs/preprocess_consultation_documents')).body.items
  const { path } = job.output
  t.match(path, /^dataframes\/consultation-documents-preprocessed-\d{4}-\d\d-\d\d\.parquet$/)
  t.match(job, { status: 'complete', output: { rows: 59, extracted: 3, url: `s3://${BUCKET}/${path}` } })
  t.ok(s3.objects.has(path))
  const statistics = async () => (await call('GET', '/jobs/document_statistics')).body.items[0]
  await until(async () => ['complete', 'failed'].includes((await statistics())?.status), 'the page', 120_000)
  const page = await statistics()
  t.match(page, { status: 'complete', output: { rows: 59, languages: { de: 46, fr: 9, it: 4 } } }, page.reason)
  t.match(readFileSync(join(folder, 'store', page.output.report), 'utf8'), /<svg.*>de<\/text>/)
})

t.test('what the commands of Docker name is there', async (t) => {
  const docker = commands().filter((one) => one.startsWith('docker'))
  t.equal(docker.length, 2)
  t.match(docker[0], /--build-arg VERSION=\$VERSION/)
  t.match(read('Dockerfile'), /^ARG VERSION=/m)
  t.match(docker[1], /-f compose\.demokratis\.yaml up --build --wait$/)
  t.match(read('compose.demokratis.yaml'), /command: blocks apply \/app\/examples\/demokratis\/blocks\.json/)
})
