import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openAnyBackend, until } from '../../fixtures/servers.ts'
import { roleEnvironment, spawnRoles, temporaryFolder, writeLookups } from '../../fixtures/service.ts'
import { HOME } from '../../fixtures/places.ts'
import { BUCKET, openFakeS3, S3_KEY } from '../../sdk/store/fixtures/s3.ts'
import { startDemokratisApi } from './fixtures/demokratis-api.ts'
import { data, shared, skip } from './fixtures/prepare.ts'

const PROCESS = 'preprocess_consultation_documents'

/** The paths of the PDFs of federal documents that there are. */
function federalPdfs (): string[] {
  const federal = new Set(shared('documents-metadata').filter((row) => row['political_body'] === 'ch').map((row) => row['latest_stored_file_uuid']))
  const paths = shared('stored-files').filter((row) => federal.has(row['uuid'])).map((row) => String(row['path']))
  return paths.filter((path) => existsSync(join(data, 'platform-file-storage', path)))
}

t.test('a run that is killed goes on: the API is asked for nothing again, and no PDF is read again', { skip, timeout: 230_000 }, async (t) => {
  const api = await startDemokratisApi({ after: (run) => { t.teardown(run) } }, { rows: shared })
  const s3 = await openFakeS3()
  t.teardown(s3.close)
  const paths = federalPdfs()
  t.equal(paths.length, 3)
  for (const path of paths) s3.objects.set(path, { body: readFileSync(join(data, 'platform-file-storage', path)), modified: new Date() })
  const slow = String(paths[2])
  let release = (): void => {}
  const released = new Promise<void>((resolve) => { release = resolve })
  s3.control.held = async (key) => { if (key === slow) await released }

  const folder = temporaryFolder(t)
  const { [PROCESS]: entry } = JSON.parse(readFileSync(join(HOME, 'lookups/process_lookup.json'), 'utf8')) as Record<string, unknown>
  writeLookups(folder, { events: { consultation_documents_due: [PROCESS], consultation_documents_preprocessed: [] }, processes: { [PROCESS]: entry } })
  const backend = await openAnyBackend()
  const env = { ...await roleEnvironment(folder, backend.url), SIGNALBOX_SECRET_KEY: randomBytes(32).toString('base64') }
  const { names, call, killAndStart } = await spawnRoles(t, backend, env)
  t.equal((await call('PUT', '/blocks/api_credentials/demokratis-api-credentials', api.block)).status, 201)
  t.equal((await call('PUT', '/blocks/object_store/platform-file-storage', { url: `s3://${BUCKET}/`, endpoint: s3.endpoint, ...S3_KEY })).status, 201)
  const [[, id]] = (await call('POST', '/jobs', { type: 'consultation_documents_due', data: { bootstrap_extracted_content: false } })).body as [[string, string]]
  const texts = join(folder, 'store/jobs', PROCESS, id, 'texts')
  await until(() => s3.read.includes(slow) && existsSync(texts) && readdirSync(texts).filter((name) => name.endsWith('.json')).length === 2, 'two texts, and a third that is waited for', 120_000)

  await until(async () => (await call('GET', `/jobs/${PROCESS}/${id}`)).body.steps?.at(-1)?.name === 'federal texts', 'the step that the kill will interrupt')
  await killAndStart(names.includes('worker') ? 'worker' : 'start')
  release()
  await until(async () => !['submitted', 'running', 'deferred'].includes((await call('GET', `/jobs/${PROCESS}/${id}?wait=20`)).body.status), 'the end of the job', 200_000)
  const job = (await call('GET', `/jobs/${PROCESS}/${id}`)).body
  t.match(job, { status: 'complete', output: { rows: 59, resumed: 2, extracted: 1, missing: 3 } }, job.reason)
  t.same(api.asked, ['documents-metadata', 'documents-content', 'stored-files'])
  t.same(paths.map((path) => s3.read.filter((key) => key === path).length), [1, 1, 2], 'only the one that was not done is read again')
  t.same(readdirSync(texts), [], 'what was kept for that is gone')
  const steps = (job.steps as Array<{ name: string, status: string, counts: object }>).map(({ name, status }) => `${name} ${status}`)
  const before = ['storage complete', 'documents-metadata complete', 'documents-content complete', 'stored-files complete', 'metadata complete', 'contents complete', 'stored files complete', 'join complete', 'language complete', 'federal texts interrupted']
  const after = ['storage complete', 'documents-metadata reused', 'documents-content reused', 'stored-files reused', 'metadata complete', 'contents complete', 'stored files complete', 'join complete', 'language reused', 'federal texts complete', 'drop complete', 'check and write complete']
  t.same(steps, [...before, ...after])
  t.match(job.artefacts, [{ name: 'dropped rows', step: 'drop', kind: 'table', total: 56 }])
})
