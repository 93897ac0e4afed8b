import { readFileSync, existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { Dictionary, tableFromIPC, type Field, type Schema } from 'apache-arrow'
import t from 'tap'
import type { EncodedRow } from '../../../../src/pipelines/consultations/parquet/encode.ts'
import { toParquet } from '../../../../src/pipelines/consultations/parquet/file.ts'
import { renderArrowSchema } from './fixtures/arrow-schema.ts'
import { rowOf, writeFile } from './fixtures/rows.ts'
import { DATA, HOME } from '../../../fixtures/places.ts'

const { readParquet } = createRequire(import.meta.url)('parquet-wasm') as typeof import('parquet-wasm')

const CATEGORIES = ['consultation_topics_label_source', 'political_body', 'document_source', 'document_type', 'document_type_label_source', 'document_language']
const TIMES = ['consultation_start_date', 'consultation_end_date', 'document_publication_date']
const LISTS = ['consultation_topics', 'consultation_internal_tags']

async function query (sql: string): Promise<Array<Record<string, unknown>>> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  try {
    return (await connection.runAndReadAll(sql)).getRowObjectsJson()
  } finally {
    connection.closeSync()
  }
}

const typesOf = (schema: Schema): Record<string, string> => Object.fromEntries(schema.fields.map((field: Field) => [field.name, String(field.type)]))

t.test('Arrow reads the columns with the types of the original', async (t) => {
  const path = await writeFile(t, 2500)
  const table = tableFromIPC(readParquet(readFileSync(path)).intoIPCStream())
  t.equal(table.numRows, 2500)
  const types = typesOf(table.schema)
  t.equal(table.schema.fields.length, 25)
  for (const { name, type } of table.schema.fields) if (CATEGORIES.includes(name)) t.equal(type instanceof Dictionary && `${String(type.dictionary)} by ${String(type.indices)}`, 'Utf8 by Int8', name)
  for (const name of TIMES) t.equal(types[name], 'Timestamp<NANOSECOND>', name)
  t.equal(types['consultation_topics'], 'List<Utf8>')
  t.equal(types['consultation_internal_tags'], 'List<Struct<{name:Utf8, created_at:Timestamp<MILLISECOND>}>>')
  for (const [name, type] of Object.entries(types)) if (![...CATEGORIES, ...TIMES, ...LISTS].includes(name)) t.equal(type, 'Utf8', name)
  const nullable = table.schema.fields.filter((field) => field.nullable).map(({ name }) => name)
  t.same(nullable, ['consultation_end_date', 'document_publication_date', 'document_type', 'document_type_label_source', 'document_title', 'latest_stored_file_uuid', 'stored_file_path', 'stored_file_mime_type', 'stored_file_hash'])
  t.equal(table.getChild('political_body')?.get(2499), 'ti')
  t.equal(table.getChild('document_content_plain')?.get(1999), 'Zürich 1999 🏔')
})

t.test('the footer says of each column what pandas makes of it', async (t) => {
  const path = await writeFile(t, 2500)
  const [{ value } = {}] = await query(`select decode(value) as value from parquet_kv_metadata('${path}') where decode(key) = 'pandas'`)
  const { columns, index_columns: index } = JSON.parse(String(value)) as { columns: Array<{ name: string, numpy_type: string, pandas_type: string, metadata: unknown }>, index_columns: unknown }
  t.same(index, [{ kind: 'range', name: null, start: 0, stop: 2500, step: 1 }])
  const dtypes = Object.fromEntries(columns.map(({ name, numpy_type: type, pandas_type: kind }) => [name, kind === 'categorical' ? 'category' : type]))
  t.same(Object.values(dtypes).filter((type) => type === 'object').length, 16)
  const cases = join(DATA, 'cases/consult/cases.json')
  if (existsSync(cases)) {
    const { parquet } = JSON.parse(readFileSync(cases, 'utf8')) as { parquet: { 'pandas.read_parquet dtypes': Record<string, string> } }
    t.match(dtypes, parquet['pandas.read_parquet dtypes'])
  } else t.comment('the shared cases are not on this machine')
  t.same(columns.find(({ name }) => name === 'political_body')?.metadata, { num_categories: 3, ordered: false })
  const [{ listed } = {}] = await query(`select decode(value) as listed from parquet_kv_metadata('${path}') where decode(key) = 'signalbox.suspicious'`)
  t.equal(listed, '["a","b"]')
})

t.test('DuckDB reads the same values, group by group', async (t) => {
  const path = await writeFile(t, 2500)
  const rows = await query(`select count(*) as rows, count(document_type) as types, min(consultation_end_date)::varchar as ends, sum(len(consultation_topics)) as topics, max(document_content_plain) as last from read_parquet('${path}')`)
  t.same(rows, [{ rows: '2500', types: '1666', ends: '2024-09-01 12:30:00.5', topics: '2500', last: 'Zürich 999 🏔' }])
  t.same(await query(`select distinct row_group_num_rows as rows from parquet_metadata('${path}') order by rows`), [{ rows: '500' }, { rows: '1000' }])
})

t.test('a file without rows is whole', async (t) => {
  t.same(await query(`select count(*) as rows from read_parquet('${await writeFile(t, 0)}')`), [{ rows: '0' }])
})

t.test('an error of the rows ends the thread and is told', async (t) => {
  async function * rows (): AsyncGenerator<EncodedRow> {
    for (let i = 0; i < 1500; i++) yield rowOf(i)
    throw new Error('the rows end here')
  }
  await t.rejects((async () => { for await (const piece of toParquet(rows())) t.ok(piece.length > 0) })(), { message: 'the rows end here' })
})

t.test('the columns of Arrow are those that the script beside this test makes', async (t) => {
  t.equal(readFileSync(join(HOME, 'src/pipelines/consultations/parquet/arrow-schema.ts'), 'utf8'), renderArrowSchema())
})
