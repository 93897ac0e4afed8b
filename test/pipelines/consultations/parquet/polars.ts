import { createRequire } from 'node:module'
import t from 'tap'
import { writeFile } from './fixtures/rows.ts'

/** What is asked of Polars here. */
type Frame = {
  readonly shape: { height: number, width: number }
  readonly columns: string[]
  readonly dtypes: unknown[]
  nullCount: () => { row: (at: number) => number[] }
  row: (at: number) => unknown[]
}
type Polars = { readParquet: (path: string) => Frame }

/** Its program is a package of its own for each kind of machine, and for some there is none. */
function loadPolars (): Polars | undefined {
  try {
    return createRequire(import.meta.url)('nodejs-polars') as Polars
  } catch {
    return undefined
  }
}

const polars = loadPolars()
const skip = polars === undefined ? 'Polars does not run on this machine' : false

t.test('Polars reads the columns with the types of the original, and the same values', { skip }, async (t) => {
  const frame = (polars as Polars).readParquet(await writeFile(t, 2500))
  t.same(frame.shape, { height: 2500, width: 25 })
  const named = (wanted: RegExp): string[] => frame.columns.filter((_, i) => wanted.test(String(frame.dtypes[i])))
  t.same(named(/^DataType\(Categorical\)$/), ['consultation_topics_label_source', 'political_body', 'document_source', 'document_type', 'document_type_label_source', 'document_language'])
  t.same(named(/^DataType\(Datetime\(ns,\)\)$/), ['consultation_start_date', 'consultation_end_date', 'document_publication_date'])
  t.same(named(/^DataType\(List\(DataType\((?:String|Struct\(.*)\)\)/), ['consultation_topics', 'consultation_internal_tags'])
  t.equal(named(/^DataType\(String\)$/).length, 14)
  const nulls = Object.fromEntries(frame.nullCount().row(0).map((count, i) => [frame.columns[i], count]).filter(([, count]) => count !== 0))
  t.same(nulls, {
    consultation_end_date: 1250,
    document_publication_date: 2500,
    document_type: 834,
    document_type_label_source: 2500,
    document_title: 2500,
    latest_stored_file_uuid: 2500,
    stored_file_path: 2500,
    stored_file_mime_type: 2500,
    stored_file_hash: 2500
  })
  const row = Object.fromEntries(frame.row(1999).map((value, i) => [frame.columns[i], value]))
  t.match(row, {
    consultation_identifier: 'c1999',
    consultation_end_date: new Date('2024-09-01T12:30:00.500Z'),
    consultation_topics: ['law', 'sports'],
    consultation_internal_tags: [{ name: 'topics_reviewed', created_at: new Date('2024-11-19T13:45:25Z') }],
    political_body: 'be',
    document_type: 'LETTER',
    document_content_plain: 'Zürich 1999 🏔'
  })
})
