import type { SchemaElement } from 'hyparquet'
import { ByteWriter, ParquetWriter } from 'hyparquet-writer'
import { FullConsultationDocumentSchemaV1, type FullConsultationDocument } from './row.ts'

/** A group of rows is in memory as a whole, several times over. */
const GROUP_ROWS = 1000
const GROUP_CHARACTERS = 16 * 1024 * 1024

type Column = keyof FullConsultationDocument

export const COLUMNS = Object.keys(FullConsultationDocumentSchemaV1.properties) as Column[]
const REQUIRED: ReadonlySet<string> = new Set(COLUMNS.filter((column) => !('anyOf' in FullConsultationDocumentSchemaV1.properties[column])))
const INSTANTS: ReadonlySet<string> = new Set(['consultation_start_date', 'consultation_end_date', 'document_publication_date'])

/** The bytes of the file, a group of rows at a time. Dates and times are timestamps without a zone, as the platform gives them. */
export async function * toParquet (rows: AsyncIterable<FullConsultationDocument>): AsyncGenerator<Uint8Array> {
  const writer = new ByteWriter()
  const parquet = new ParquetWriter({ writer, schema: toSchema(), codec: 'SNAPPY', createdBy: 'signalbox' })
  const take = (): Uint8Array => {
    const bytes = writer.getBytes().slice()
    writer.index = 0
    return bytes
  }
  for await (const group of groupRows(rows)) {
    await parquet.write({ columnData: COLUMNS.map((name) => ({ name, data: group.map((row) => toCell(name, row)) })), rowGroupSize: group.length })
    yield take()
  }
  await parquet.finish()
  yield take()
}

async function * groupRows (rows: AsyncIterable<FullConsultationDocument>): AsyncGenerator<FullConsultationDocument[]> {
  let group: FullConsultationDocument[] = []
  let characters = 0
  for await (const row of rows) {
    group.push(row)
    characters += row.document_content_plain.length
    if (group.length < GROUP_ROWS && characters < GROUP_CHARACTERS) continue
    yield group
    group = []
    characters = 0
  }
  if (group.length > 0) yield group
}

function toCell (column: Column, row: FullConsultationDocument): unknown {
  const value = row[column]
  if (INSTANTS.has(column)) return toDate(value)
  if (column !== 'consultation_internal_tags') return typeof value === 'string' ? value.toWellFormed() : value
  return row.consultation_internal_tags.map(({ name, created_at: at }) => ({ name: name === null ? null : String(name), created_at: toDate(at) }))
}

const toDate = (instant: unknown): Date | null => typeof instant === 'string' ? new Date(instant) : null

function toSchema (): SchemaElement[] {
  return [{ name: 'schema', num_children: COLUMNS.length, repetition_type: 'REQUIRED' }, ...COLUMNS.flatMap(toElements)]
}

function toElements (name: string): SchemaElement[] {
  const repetition = REQUIRED.has(name) ? 'REQUIRED' : 'OPTIONAL'
  if (name === 'consultation_topics') return listOf(name, [text('element', 'REQUIRED')])
  if (name === 'consultation_internal_tags') return listOf(name, [{ name: 'element', num_children: 2, repetition_type: 'REQUIRED' }, text('name', 'OPTIONAL'), timestamp('created_at', 'OPTIONAL')])
  return [INSTANTS.has(name) ? timestamp(name, repetition) : text(name, repetition)]
}

type Repetition = 'REQUIRED' | 'OPTIONAL'
const text = (name: string, repetition: Repetition): SchemaElement => ({ name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: repetition })
const timestamp = (name: string, repetition: Repetition): SchemaElement => ({ name, type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'MILLIS' }, repetition_type: repetition })
const listOf = (name: string, element: SchemaElement[]): SchemaElement[] => [
  { name, converted_type: 'LIST', num_children: 1, repetition_type: 'REQUIRED' },
  { name: 'list', num_children: 1, repetition_type: 'REPEATED' },
  ...element
]
