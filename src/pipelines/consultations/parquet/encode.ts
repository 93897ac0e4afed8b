import { ByteWriter, ParquetWriter } from 'hyparquet-writer'
import type { FullConsultationDocument } from '../row.ts'
import { COLUMNS, type Column, type ColumnKind } from './columns.ts'
import { toFooter } from './footer.ts'
import { toSchema } from './schema.ts'

/** A row whose text is there as the bytes of UTF-8. */
export type EncodedRow = Omit<FullConsultationDocument, 'document_content_plain'> & {
  document_content_plain: Uint8Array
}

/** Makes a file of Parquet piece by piece; the pieces one after the other are the file. */
export interface Encoder {
  /** The bytes of a group of rows. */
  group: (rows: EncodedRow[]) => Promise<Uint8Array>
  /** The bytes that end the file. */
  finish: (suspicious: readonly string[]) => Promise<Uint8Array>
}

type State = { writer: ByteWriter, parquet: ParquetWriter, categories: Map<Column, Set<unknown>> }

export function createEncoder (): Encoder {
  const writer = new ByteWriter()
  const parquet = new ParquetWriter({ writer, schema: toSchema(), codec: 'SNAPPY', createdBy: 'signalbox' })
  const categories = new Map(
    COLUMNS.filter(({ kind }) => kind === 'category').map(({ name }) => [name, new Set<unknown>()])
  )
  const state: State = { writer, parquet, categories }
  return { group: group.bind(null, state), finish: finish.bind(null, state) }
}

async function group (state: State, rows: EncodedRow[]): Promise<Uint8Array> {
  for (const [name, values] of state.categories) for (const row of rows) if (row[name] !== null) values.add(row[name])
  await state.parquet.write({
    columnData: COLUMNS.map(({ name, kind }) => ({
      name,
      ...HOW[kind],
      data: rows.map((row) => toCell(kind, row[name]))
    })),
    rowGroupSize: rows.length
  })
  return take(state)
}

async function finish (state: State, suspicious: readonly string[]): Promise<Uint8Array> {
  state.parquet.kvMetadata = toFooter(
    { rows: Number(state.parquet.num_rows), categories: state.categories },
    suspicious
  )
  await state.parquet.finish()
  return take(state)
}

function take ({ writer }: State): Uint8Array {
  const bytes = writer.getBytes().slice()
  writer.index = 0
  return bytes
}

/** Whole texts are neither looked up in a dictionary nor repeated as the least and the greatest of their group. */
const HOW: Partial<Record<ColumnKind, { encoding: 'PLAIN' | 'RLE_DICTIONARY', statistics?: boolean }>> = {
  content: { encoding: 'PLAIN', statistics: false },
  category: { encoding: 'RLE_DICTIONARY' }
}

function toCell (kind: ColumnKind, value: unknown): unknown {
  if (kind === 'timestamp') return toDate(value)
  if (kind === 'topics') return (value as string[]).map(wellFormed)
  if (kind === 'tags') return (value as FullConsultationDocument['consultation_internal_tags']).map(toTag)
  return wellFormed(value)
}

const toTag = ({ name, created_at: at }: { name?: unknown, created_at?: unknown }): unknown =>
  ({ name: name === null || name === undefined ? null : String(name), created_at: toDate(at) })
const toDate = (instant: unknown): Date | null => typeof instant === 'string' ? new Date(instant) : null
const wellFormed = (value: unknown): unknown => typeof value === 'string' ? value.toWellFormed() : value
