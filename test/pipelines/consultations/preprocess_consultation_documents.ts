import { existsSync, readFileSync } from 'node:fs'
import { chmod, cp, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import t from 'tap'
import { readPdfText } from '../../../src/pipelines/consultations/pdf/text.ts'
import { preprocessConsultationDocuments } from '../../../src/pipelines/consultations/preprocess_consultation_documents.ts'
import { makeContext } from '../../fixtures/context.ts'
import { temporaryFolder } from '../../fixtures/service.ts'
import type { ApiRow, Endpoint } from './fixtures/demokratis-api.ts'
import { data, leftovers, prepare, query, readParquet, shared, skip, today, type Read } from './fixtures/prepare.ts'

/** What the platform knows of the languages, by document_id. */
async function readLabels (): Promise<Map<string, string>> {
  const rows = await query(`select document_id::varchar as id, document_language as language from read_csv('${join(data, 'sample_document_metadata.csv')}')`)
  return new Map(rows.map(({ id, language }) => [String(id), String(language)]))
}

const countBy = (rows: Read[], of: (row: Read) => unknown): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const row of rows) counts[String(of(row))] = (counts[String(of(row))] ?? 0) + 1
  return counts
}
t.test('the shared data gives the figures of the platform, and the next runs use what is there', { skip, timeout: 180_000 }, async (t) => {
  const { api, run, store } = await prepare(t)
  const first = await run()
  const { output, events } = await first.result
  const dropped = { no_start_date: 0, dummy_source_url: 0, no_content: 56 }
  t.match(output, { path: today(), url: `file://${store}/${today()}`, rows: 59, dropped, no_content_by_source: { openparldata: 41, fedlex: 15 }, extracted: 3, bootstrapped: 0, without_file: 9, missing: 3, other_type: 3, broken: 0 })
  t.same(events, [{ type: 'consultation_documents_preprocessed', data: { path: today(), store_dataframes_remotely: false, rows: 59, dropped } }])
  t.same(api.asked, ['documents-metadata', 'documents-content', 'stored-files'])
  t.equal(api.mostAtOnce(), 1, 'one request after the other')
  t.match(first.lines.join('\n'), /warning: 56 of 115 rows \(48\.7 %\) dropped: no content \(openparldata 41, fedlex 15\)/)
  t.same(first.reports.at(-1), { complete: 59, total: 59, message: 'rows written' })
  t.same(first.told().map(({ name }) => name), ['storage', 'documents-metadata', 'documents-content', 'stored-files', 'metadata', 'contents', 'stored files', 'join', 'language', 'federal texts', 'drop', 'check and write'])
  t.match(first.told().filter(({ name }) => ['metadata', 'federal texts', 'drop'].includes(name)), [{ counts: { rows: 115 } }, { counts: { extracted: 3, missing: 3 } }, { counts: { kept: 59, dropped: 56 } }])
  t.match(first.artefacts, [{ name: 'dropped rows', step: 'drop', kind: 'table', total: 56 }])
  const reasons = (JSON.parse(readFileSync(join(store, 'jobs/trial', first.context.jobId, 'dropped.json'), 'utf8')) as Array<{ reason: string }>).map(({ reason }) => reason)
  t.equal(reasons.filter((reason) => reason === 'missing PDF: it is not in the platform storage').length, 3)
  t.equal(reasons.length, 56)

  const rows = await readParquet(join(store, today()))
  const validate = new Ajv({ allErrors: true, strict: false }).compile(JSON.parse(readFileSync(join(data, 'full-consultation-document-v1.schema.json'), 'utf8')))
  t.same(rows.filter((row) => !validate(row)), [], 'every row is valid')
  t.equal(rows.length, 59)
  t.equal(Object.keys(rows[0] ?? {}).length, 25)
  t.same(countBy(rows, ({ document_source: source, document_language: language }) => `${source} ${language}`), { 'fedlex de': 1, 'fedlex fr': 1, 'fedlex it': 1, 'openparldata de': 45, 'openparldata fr': 8, 'openparldata it': 3 })
  t.same(countBy(rows, (row) => row['document_type']), { null: 29, VARIOUS_TEXT: 12, DRAFT: 9, LETTER: 4, REPORT: 3, SURVEY: 1, RECIPIENT_LIST: 1 })
  t.same(countBy(rows, (row) => row['document_type_label_source']), { manual: 19, null: 40 })
  t.same(countBy(rows, (row) => row['consultation_topics_label_source']), { manual: 45, openparldata: 14 })
  t.equal(rows.filter((row) => row['stored_file_path'] !== null).length, 21)
  t.same(countBy(rows.filter((row) => row.document_source === 'fedlex'), (row) => row['document_title']), { null: 3 })
  const order = shared('documents-metadata').map((row) => row['document_uuid'])
  t.same(rows.map(({ document_uuid: uuid }) => uuid), order.filter((uuid) => rows.some((row) => row.document_uuid === uuid)), 'in the order of the API')
  const labels = await readLabels()
  const idOf = new Map(shared('documents-metadata').map((row) => [row['document_uuid'], String(row['document_id'])]))
  t.same(rows.filter((row) => labels.get(idOf.get(row.document_uuid) ?? '') !== row.document_language).map((row) => [idOf.get(row.document_uuid), row.document_language]).sort(), [['46270', 'fr'], ['53160', 'fr']])

  const second = await run({ bootstrap_extracted_content: true })
  t.match((await second.result).output, { rows: 59, extracted: 0, bootstrapped: 3 })
  t.equal(api.asked.length, 3, 'the answers were kept')
  t.match(second.told().find(({ name }) => name === 'stored-files'), { state: 'complete', counts: { 'taken from the cache': 1 } }, 'another job remembers nothing, it finds the cache')
  t.match(second.lines.join('\n'), /warning: dataframes\/\S+ is there already: it is replaced/)
  t.same(await readParquet(join(store, today())), rows)
  t.same(leftovers(second.context.jobId), [], 'nothing is left in the temporary folder')
})

t.test('the text of cantonal PDFs is that of the API but for white space', { skip, timeout: 60_000 }, async (t) => {
  const contents = new Map(shared('documents-content').map((row) => [row['document_uuid'], row['document_content']]))
  const files = new Map(shared('stored-files').map((row) => [row['uuid'], row['path']]))
  const bare = (text: unknown): string => String(text).replace(/\s+/g, '')
  const pairs = shared('documents-metadata').flatMap((row) => {
    const path = join(data, 'platform-file-storage', String(files.get(row['latest_stored_file_uuid'])))
    return row['political_body'] !== 'ch' && existsSync(path) ? [{ path, content: contents.get(row['document_uuid']) }] : []
  })
  t.equal(pairs.length, 15)
  const differing: string[] = []
  for (const { path, content } of pairs) if (bare((await readPdfText(path)).text) !== bare(content)) differing.push(path)
  t.same(differing, [])
})

t.test('the API is tried again, but not where it refuses; its password is in no line and no message', { skip, timeout: 120_000 }, async (t) => {
  const small = (endpoint: Endpoint): ApiRow[] => endpoint === 'documents-metadata' ? shared(endpoint).filter((row) => row['political_body'] !== 'ch') : shared(endpoint)
  const { api, run, store } = await prepare(t, { rows: small })
  api.faults.push(500, 'reset')
  const again = await run({ bootstrap_extracted_content: true })
  t.match((await again.result).output, { rows: 56, extracted: 0 })
  t.match(again.lines.slice(0, 3).join('\n'), /documents-metadata: the API answers with status 500; try 2 of 4 in 50 ms\n.*documents-metadata: .*; try 3 of 4 in 100 ms/s)
  t.match(again.told().find(({ name }) => name === 'documents-metadata'), { state: 'complete', tries: 3 })
  t.ok(again.lines.includes('warning: bootstrap: there is no earlier output; all texts are extracted anew'))

  api.asked.length = 0
  const refused = await run({ api: 'wrong', cache_seconds: 0 })
  await t.rejects(refused.result, { code: 'FINAL', message: 'documents-metadata: the API answers with status 401: it refuses the credentials' })
  t.equal(api.asked.length, 1)
  api.faults.push(503, 'half', 'hang', 200)
  const gone = await run({ cache_seconds: 0, timeout_seconds: 1 })
  await t.rejects(gone.result, { message: 'documents-metadata: the answer is not a JSON array' })
  t.match(gone.lines.join('\n'), /status 503.*documents-metadata: .*documents-metadata: .*imeout/s)
  for (const { lines } of [again, refused, gone]) t.notMatch(lines.join('\n'), /hunter2|tr0ub4dor|Basic/)
  t.same((await readdir(join(store, 'dataframes'))).length, 1, 'the file of before is still there')
})

t.test('missing and broken PDFs are told, the bootstrap comes from where the output goes', { skip, timeout: 120_000 }, async (t) => {
  const platform = temporaryFolder(t)
  await cp(join(data, 'platform-file-storage'), platform, { recursive: true })
  const federal = new Set(shared('documents-metadata').filter((row) => row['political_body'] === 'ch').map((row) => row['latest_stored_file_uuid']))
  const paths = shared('stored-files').filter((row) => federal.has(row['uuid']) && existsSync(join(platform, String(row['path'])))).map((row) => join(platform, String(row['path'])))
  t.equal(paths.length, 3)
  await chmod(paths[0] as string, 0o600)
  await writeFile(paths[0] as string, 'no PDF at all')
  await rm(paths[1] as string)
  const { run, store, remote } = await prepare(t, { platform })
  const broken = await run({ store_dataframes_remotely: true, bootstrap_extracted_content: true })
  t.match((await broken.result).output, { rows: 57, extracted: 1, broken: 1, missing: 4, url: `file://${remote}/${today()}` })
  t.match(broken.lines.join('\n'), /broken PDF: Invalid PDF structure/)
  t.notOk(existsSync(join(store, 'dataframes')))
  await writeFile(join(remote, 'dataframes/consultation-documents-preprocessed-2999-01-01.parquet'), 'PAR1 but not really')
  const unreadable = await run({ store_dataframes_remotely: true, bootstrap_extracted_content: true })
  t.match((await unreadable.result).output, { rows: 57, extracted: 1 })
  t.match(unreadable.lines.join('\n'), /bootstrap: from dataframes\/\S+-2999-01-01\.parquet.*warning: bootstrap: the earlier output cannot be read/s)
})

t.test('rows that break the schema leave the file of before, and their answer is asked for anew', { skip, timeout: 120_000 }, async (t) => {
  let bad = true
  const { api, run, store } = await prepare(t, { rows: (endpoint) => shared(endpoint).map((row) => endpoint === 'stored-files' && bad ? { ...row, path: 'elsewhere.pdf' } : row) })
  const failed = await run()
  await t.rejects(failed.result, { code: 'FINAL', message: /^FullConsultationDocumentSchemaV1: 18 rows break 1 rule: stored_file_path must match pattern/ })
  t.same(await readdir(join(store, 'dataframes')), [], 'neither a file nor a part of one')
  bad = false
  const good = await run()
  t.match((await good.result).output, { rows: 59 })
  t.equal(api.asked.length, 6)
})

t.test('a cancelled run leaves no file, no process and no folder', { skip, timeout: 60_000 }, async (t) => {
  const { run, store } = await prepare(t)
  const { result, abort, logged, context } = await run()
  const ended = t.rejects(result, { message: 'cancelled' })
  await logged('are not read')
  abort.abort(new Error('cancelled'))
  await ended
  t.notOk(existsSync(join(store, 'dataframes')))
  t.same(leftovers(context.jobId), [])
})

t.test('parameters that are not valid are refused by name', async (t) => {
  const { context } = makeContext({ store_dataframes_remotely: 'yes' })
  await t.rejects(preprocessConsultationDocuments(context), { code: 'INPUT_REFUSED', message: 'data/store_dataframes_remotely must be boolean' })
})
