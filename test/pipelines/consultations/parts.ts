import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Ajv } from 'ajv'
import fc from 'fast-check'
import t from 'tap'
import { createRowCheck } from '../../../src/pipelines/consultations/check.ts'
import { readContents } from '../../../src/pipelines/consultations/contents.ts'
import { addFederalTexts } from '../../../src/pipelines/consultations/federal-texts.ts'
import { joinDocuments, type ConsultationDocument } from '../../../src/pipelines/consultations/join.ts'
import { readJsonArray } from '../../../src/pipelines/consultations/json-array.ts'
import { readMetadata } from '../../../src/pipelines/consultations/metadata.ts'
import { FullConsultationDocumentSchemaV1 } from '../../../src/pipelines/consultations/row.ts'
import { readStoredFiles } from '../../../src/pipelines/consultations/stored-files.ts'
import { openTextFile } from '../../../src/pipelines/consultations/text-file.ts'
import { together } from '../../../src/pipelines/consultations/together.ts'
import { temporaryFolder } from '../../fixtures/service.ts'

const data = resolve('../shared/data/demokratis')
const skip = existsSync(data) ? false : 'the shared Demokratis data is not on this machine'
const { signal } = new AbortController()
const silent = (): void => {}

const apiRow = (more: Record<string, unknown> = {}) => ({
  document_uuid: '1CaaaaaaaaaaaaaaaaaaaA',
  consultation_identifier: 'abcd2345',
  consultation_start_date: '2024-05-01',
  consultation_end_date: null,
  consultation_title: 'Steuergesetz',
  consultation_description: '',
  consultation_url: 'https://www.demokratis.ch/vernehmlassung/abcd2345',
  consultation_topics: 'law, economics,, law',
  consultation_internal_tags: null,
  organisation_uuid: '1Corg',
  organisation_name: 'Regierungsrat',
  political_body: 'zh',
  document_source_url: 'https://example.org/a.pdf',
  document_publication_date: '2024-05-02 10:00:00',
  document_type: 'VARIOUS_TEXT',
  document_language: 'de',
  document_title: null,
  latest_stored_file_uuid: null,
  ...more
})

const fullRow = (): Record<string, unknown> => ({ ...readMetadata([apiRow()], silent).documents[0], stored_file_path: '2024/1/2/1Cx.pdf', stored_file_mime_type: 'application/pdf', stored_file_hash: 'a'.repeat(40), document_content_plain: 'Text' })

async function * given<T> (...items: T[]): AsyncGenerator<T> { yield * items }
const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => { const all: T[] = []; for await (const item of items) all.push(item); return all }

t.test('a JSON array is read in pieces of any size, and only a whole one', async (t) => {
  const rows = fc.array(fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 4 }), { maxLength: 5 })
  await fc.assert(fc.asyncProperty(rows, fc.constantFrom(0, 1), fc.integer({ min: 1, max: 40 }), async (value, indent, size) => {
    const bytes = Buffer.from(JSON.stringify(value, null, indent))
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size))
    return JSON.stringify(await collect(readJsonArray(given(...pieces)))) === JSON.stringify(value)
  }), { numRuns: 200 })
  for (const bad of ['', '{}', '[', '[{}', '[{},]', '[,{}]', '[{}{}]', '[{}]x', '[1]', '["a"]', '[{"a":}]', '[[]]', '<html>', 'null', '[{}]]']) {
    await t.rejects(collect(readJsonArray(given(Buffer.from(bad)))), { message: /^the answer/ }, bad)
  }
})

t.test('the metadata rules', async (t) => {
  const lines: string[] = []
  const one = (more: Record<string, unknown>) => readMetadata([apiRow(more)], silent).documents[0]
  const tags = (...names: string[]) => names.map((name) => ({ name, created_at: '2024-11-19 13:45:25' }))
  t.same(one({})?.consultation_topics, ['economics', 'law', 'law'], 'split, trimmed, sorted; what stands there twice stays')
  t.same(one({ consultation_topics: null })?.consultation_topics, [])
  t.match(one({}), { consultation_internal_tags: [], document_source: 'openparldata', consultation_topics_label_source: 'openparldata', document_type: null, document_type_label_source: null, consultation_start_date: '2024-05-01T00:00:00Z', document_publication_date: '2024-05-02T10:00:00Z' })
  t.match(one({ consultation_internal_tags: tags('topics_reviewed') }), { consultation_topics_label_source: 'manual', document_type: null, consultation_internal_tags: [{ name: 'topics_reviewed', created_at: '2024-11-19T13:45:25Z' }] })
  t.match(one({ consultation_internal_tags: tags('document_types_reviewed') }), { document_type: 'VARIOUS_TEXT', document_type_label_source: 'manual' })
  t.match(one({ document_type: 'LETTER' }), { document_type: 'LETTER', document_type_label_source: null })
  t.match(one({ political_body: 'ch' }), { document_source: 'fedlex', consultation_topics_label_source: 'organisation_rule', document_type: 'VARIOUS_TEXT', document_type_label_source: 'fedlex' })
  t.match(one({ political_body: 'ch', consultation_internal_tags: tags('topics_reviewed', 'document_types_reviewed') }), { consultation_topics_label_source: 'manual', document_type_label_source: 'manual' })

  const { documents, dropped } = readMetadata([
    apiRow({ document_uuid: 'a' }), apiRow({ document_uuid: 'b', consultation_start_date: null }), apiRow({ document_uuid: 'c', document_source_url: '#' }),
    apiRow({ document_uuid: 'd', document_publication_date: '1999-01-01' }), apiRow({ document_uuid: 'e', document_type: 'LETTER' })
  ], (line) => { lines.push(line) })
  t.same(documents.map(({ document_uuid: uuid, document_publication_date: date }) => [uuid, date]), [['a', '2024-05-02T10:00:00Z'], ['d', null], ['e', '2024-05-02T10:00:00Z']])
  t.same(dropped, { no_start_date: 1, dummy_source_url: 1 })
  t.match(lines, [/1 of 5 rows \(20 %\) have a document_type without a label source.*: e \(LETTER, null\)/, /1 of 5 rows \(20 %\) dropped: no consultation_start_date/, /1 of 5 rows \(20 %\) dropped: the document_source_url is #/, /1 of 3 rows \(33.3 %\) were published before/])
})

t.test('all rows that break a rule are told at once', async (t) => {
  const lines: string[] = []
  const rows = [apiRow({ document_uuid: 'a', political_body: 'xx', consultation_title: 'ab' }), apiRow({ document_uuid: 'b', consultation_start_date: 'soon' }), apiRow({ document_uuid: 'c', consultation_topics: 'law, gossip' }), apiRow({ document_uuid: 'd', document_language: null, consultation_internal_tags: 'none' })]
  t.throws(() => readMetadata(rows, (line) => { lines.push(line) }), {
    code: 'FINAL',
    message: /^metadata: 4 rows break 6 rules: consultation_start_date is no date \(1: b "soon"\); consultation_title must NOT have fewer than 3 characters \(1: a "ab"\); political_body must be one of ch, .* \(1: a "xx"\); consultation_topics\/\* must be one of administration, .* \(1: c "gossip"\)/
  })
  t.ok(lines.some((line) => line === 'metadata: d: consultation_internal_tags must be array, it is "none"'))
})

t.test('our schema takes and refuses what the given one does', { skip }, async (t) => {
  const ours = createRowCheck(FullConsultationDocumentSchemaV1)
  const theirs = new Ajv({ allErrors: true, strict: false }).compile(JSON.parse(readFileSync(join(data, 'full-consultation-document-v1.schema.json'), 'utf8')))
  const good = fullRow()
  t.same([ours(good), theirs(good)], [[], true])
  const fields = Object.keys(good)
  t.equal(fields.length, 25)
  const values = [undefined, null, '', 'ab', 'abc', 'ch', 'rm', 'rule', 'fedlex', 'manual', 'LETTER', 'law', '#', 'http://a', 'https://www.demokratis.ch/vernehmlassung/x', '2024/1/2/a', '2024/1/2/a.PDF', '2024/1/2/../a', '/2024/1/2/a', 0, 1.5, true, [], ['law'], ['law', 'no'], [null], [{}], [{ name: 'a' }], [{ name: 'a', created_at: 'b' }], [{ name: 1, created_at: null, more: 1 }], {}]
  const disagreed = fields.flatMap((field) => values.filter((value) => {
    const row: Record<string, unknown> = { ...good, [field]: value }
    if (value === undefined) delete row[field]
    return (ours(row).length === 0) !== theirs(row)
  }).map((value) => `${field}: ${JSON.stringify(value)}`))
  t.same(disagreed, [])
  fc.assert(fc.property(fc.record(Object.fromEntries(fields.map((field) => [field, fc.oneof({ weight: 30, arbitrary: fc.constant(good[field]) }, fc.constantFrom(...values), fc.jsonValue())])), { requiredKeys: fields.slice(3) }), (row) => (ours(row).length === 0) === theirs(row)), { numRuns: 1000 })
})

t.test('contents and files that are not unique or not whole are refused by name', async (t) => {
  const texts = await openTextFile(join(temporaryFolder(t), 'texts'))
  t.teardown(texts.close)
  const places = await readContents(given<Record<string, unknown>>({ document_uuid: 'a', document_content: 'Zürich\u0000 und 🏔' }, { document_uuid: 'b', document_content: '' }, { document_uuid: 'c', document_content: null }), texts)
  t.same([...places.keys()], ['a', 'b'])
  t.same(await Promise.all(['a', 'b'].map((uuid) => texts.read(places.get(uuid) ?? { offset: 0, length: 0 }))), ['Zürich\u0000 und 🏔', ''])
  t.equal(await texts.readStart(places.get('a') ?? { offset: 0, length: 0 }, 3), 'Zür')
  await t.rejects(readContents(given({ document_uuid: 'a', document_content: 'x' }, { document_uuid: 'a', document_content: null }), texts), { code: 'FINAL', message: /must be unique; it is not in a$/ })
  await t.rejects(readContents(given({ document_uuid: 'a', document_content: 7 }), texts), { code: 'FINAL', message: /a: document_content must be string or null/ })

  const file = { uuid: 'f', type: 'consultation_document', path: '2024/1/2/f.pdf', size: 3, mime_type: 'application/pdf', file_hash: 'aa', file_name: 'f.pdf' }
  t.same([...await readStoredFiles(given({ ...file, type: 'logo' }, file), silent)], [['f', { path: '2024/1/2/f.pdf', mime_type: 'application/pdf', file_hash: 'aa' }]])
  await t.rejects(readStoredFiles(given(file, file), silent), { code: 'FINAL', message: /uuid must be unique; it is not in f$/ })
  await t.rejects(readStoredFiles(given({ ...file, path: null, size: -1 }), silent), { code: 'FINAL', message: /stored-files: 1 row breaks 2 rules: path must be string \(1: f null\); size must be >= 0/ })
  const [metadata] = readMetadata([apiRow()], silent).documents
  t.throws(() => joinDocuments(metadata === undefined ? [] : [metadata], new Map(), new Map()), { code: 'FINAL', message: /none of 1 documents has a content/ })
  t.throws(() => joinDocuments(metadata === undefined ? [] : [metadata], new Map([[metadata?.document_uuid ?? '', { offset: 0, length: 0 }]]), new Map()), { code: 'FINAL', message: /none of 1 documents has a stored file/ })
})

t.test('a federal document that has a text already is refused, and a path that leads elsewhere is not read', async (t) => {
  const folder = temporaryFolder(t)
  const texts = await openTextFile(join(folder, 'texts'))
  t.teardown(texts.close)
  const federal = (more: Partial<ConsultationDocument>) => ({ document_uuid: 'a', document_source: 'fedlex', stored_file_path: '../../etc/passwd', stored_file_mime_type: 'application/pdf', text: undefined, lack: '', ...more }) as ConsultationDocument
  const kept = { find: async () => undefined, keep: async () => {} }
  const options = { bootstrap: new Map(), kept, readFile: () => { throw new Error('it was asked for') }, texts, temporaryFolder: folder, parallel: 2, limits: { timeoutMs: 1000, memoryMb: 500, maxBytes: 10 }, signal, log: silent, onRow: silent }
  await t.rejects(addFederalTexts([federal({ text: { offset: 0, length: 0 } })], options), { code: 'FINAL', message: /1 fedlex documents have a content.*: a$/ })
  t.match((await addFederalTexts([federal({})], options)).counts, { missing: 1, extracted: 0 })
  const large = [federal({ stored_file_path: '2024/1/2/a.pdf' })]
  t.match((await addFederalTexts(large, { ...options, readFile: () => given(Buffer.alloc(11)) })).counts, { broken: 1 })
  t.equal(large[0]?.lack, 'broken PDF: it has more than 10 bytes')
  await t.rejects(addFederalTexts([federal({ stored_file_path: '2024/1/2/a.pdf' })], options), { message: 'it was asked for' }, 'a storage that is away is no missing file')
})

t.test('of two things at once the first failure ends the other and is told', async (t) => {
  const ended: string[] = []
  await t.rejects(together(signal, async () => { throw new Error('first') }, async (either) => {
    await new Promise((resolve) => { if (either.aborted) resolve(0); else either.addEventListener('abort', resolve) })
    ended.push('other')
    throw new Error('second')
  }), { message: 'first' })
  t.same(ended, ['other'])
  t.same(await together(signal, async () => 1, async () => 2), [1, 2])
})
