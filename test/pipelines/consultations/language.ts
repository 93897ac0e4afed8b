import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import t from 'tap'
import { detectLanguages, openDetector } from '../../../src/pipelines/consultations/language.ts'
import type { ConsultationDocument } from '../../../src/pipelines/consultations/join.ts'
import { openTextFile } from '../../../src/pipelines/consultations/text-file.ts'
import { DATA } from '../../fixtures/places.ts'
import { temporaryFolder } from '../../fixtures/service.ts'
import { sharedRows } from './fixtures/demokratis-api.ts'

const data = join(DATA, 'demokratis')
const skip = existsSync(data) ? false : 'the shared Demokratis data is not on this machine'

/** The language of each document as the platform knows it, and its title. */
async function readLabels (): Promise<Array<{ id: string, language: string, title: string }>> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  try {
    const rows = await connection.runAndReadAll(`select document_id::varchar as id, document_language as language, document_title as title from read_csv('${join(data, 'sample_document_metadata.csv')}')`)
    return rows.getRowObjectsJson() as Array<{ id: string, language: string, title: string }>
  } finally {
    connection.closeSync()
  }
}

t.test('languages are told for cantonal documents only, a title of null is none, and never Romansh', async (t) => {
  const texts = await openTextFile(join(temporaryFolder(t), 'texts'))
  t.teardown(texts.close)
  const document = async (more: Partial<ConsultationDocument>, text?: string) => ({ document_source: 'openparldata', document_language: 'de', document_title: null, text: text === undefined ? undefined : await texts.append(text), ...more }) as ConsultationDocument
  const documents = await Promise.all([
    document({ document_language: 'rm' }, 'Le Conseil d’État propose de modifier la loi sur les impôts'),
    document({ document_title: 'Rapporto esplicativo sulla modifica della legge' }),
    document({ document_language: 'fr' }, '2024 – 17.5 %'), document({ document_language: 'rm' }, '12'),
    document({ document_source: 'fedlex', document_language: 'rm' }, 'Le Conseil fédéral')
  ])
  t.same(await detectLanguages(documents, { texts, signal: new AbortController().signal, onRow: () => {} }), { detected: 4, changed: 2, unknown: 2 })
  t.same(documents.map(({ document_language: language }) => language), ['fr', 'it', 'fr', 'de', 'rm'])
})

t.test('any text has one of the three languages or none', async (t) => {
  const { detect } = await openDetector()
  t.same(['', ' \n', '17', '日本語', '\0'].map(detect), [undefined, undefined, undefined, undefined, undefined])
  t.equal(detect('Vernehmlassung\0zur\nSteuer'), 'de')
  t.equal(detect('x'.repeat(100_000)) !== undefined, true)
  t.equal(detect('The council invites all parties to comment on the law') !== undefined, true, 'another language is taken for the nearest')
})

t.test('the titles and texts of the platform have the languages that it has given them by hand', { skip }, async (t) => {
  const { detect } = await openDetector()
  const labels = await readLabels()
  t.equal(labels.length, 115)
  t.equal(labels.filter(({ title, language }) => detect(title) === language).length, 114)

  const contents = new Map(sharedRows(data)('documents-content').map((row) => [row['document_uuid'], row['document_content']]))
  const known = new Map(labels.map(({ id, language }) => [id, language]))
  const documents = sharedRows(data)('documents-metadata').filter((row) => typeof contents.get(row['document_uuid']) === 'string')
  t.equal(documents.length, 56)
  const textOf = (row: Record<string, unknown>): string => `${String(row['document_title'] ?? '')}\n${[...String(contents.get(row['document_uuid']))].slice(0, 1000).join('')}`
  const others = documents.filter((row) => detect(textOf(row)) !== known.get(String(row['document_id'])))
  t.same(others.map((row) => row['document_id']).sort(), [46270, 53160], 'whose titles are French and whose label is German')
})
