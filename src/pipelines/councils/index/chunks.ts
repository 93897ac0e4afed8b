import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer'
import type { Store } from '../../../sdk/store/open.ts'
import type { IndexRow } from './rows.ts'
import type { Length } from './segment.ts'

const TEXTS = ['event_id', 'unstemmed_gram', 'stemmed_gram', 'context_span'] as const
const NUMBERS = ['idf', 'tfidf', 'datetime_weighted_tfidf'] as const

const schema: SchemaElement[] = [
  { name: 'root', num_children: 10 },
  { name: 'event_id', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
  {
    name: 'event_datetime',
    type: 'INT64',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
    repetition_type: 'REQUIRED'
  },
  { name: 'unstemmed_gram', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
  { name: 'stemmed_gram', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
  { name: 'context_span', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
  { name: 'tf', type: 'INT64', repetition_type: 'REQUIRED' },
  { name: 'idf', type: 'DOUBLE', repetition_type: 'REQUIRED' },
  { name: 'tfidf', type: 'DOUBLE', repetition_type: 'REQUIRED' },
  { name: 'datetime_weighted_tfidf', type: 'DOUBLE', repetition_type: 'REQUIRED' },
  { name: '__index_level_0__', type: 'INT64', repetition_type: 'REQUIRED' }
]

/**
 * Writes rows as Parquet files of so many each, one after the other. Answers their names, and how many rows they hold.
 */
export async function writeChunks (
  store: Store,
  rows: AsyncIterable<IndexRow>,
  { folder, length, perChunk, signal }: { folder: string, length: Length, perChunk: number, signal: AbortSignal }
): Promise<{ names: string[], rows: number }> {
  const names: string[] = []
  let written = 0
  const write = async (chunk: IndexRow[]): Promise<void> => {
    const name = `${folder}/n_gram-${length}--index_chunk-${names.length}.parquet`
    await store.write(
      name,
      (async function * () {
        yield await toParquet(chunk)
      })(),
      signal
    )
    names.push(name)
    written += chunk.length
  }
  let chunk: IndexRow[] = []
  for await (const row of rows) {
    chunk.push(row)
    if (chunk.length < perChunk) continue
    await write(chunk)
    chunk = []
  }
  if (chunk.length > 0) await write(chunk)
  return { names, rows: written }
}

async function toParquet (rows: IndexRow[]): Promise<Uint8Array> {
  const bytes = new ByteWriter()
  const writer = new ParquetWriter({ writer: bytes, schema })
  const column = <Name extends keyof IndexRow>(name: Name) => ({ name, data: rows.map((row) => row[name]) })
  await writer.write({
    columnData: [
      ...TEXTS.map(column),
      { name: 'event_datetime', data: rows.map((row) => BigInt(Math.round(row.event_datetime * 1_000_000))) },
      { name: 'tf', data: rows.map(({ tf }) => BigInt(tf)) },
      ...NUMBERS.map(column),
      { name: '__index_level_0__', data: rows.map((row) => BigInt(row.__index_level_0__)) }
    ].sort((a, b) => place(a.name) - place(b.name))
  })
  await writer.finish()
  return new Uint8Array(bytes.getBuffer())
}

const place = (name: string): number => schema.findIndex((one) => one.name === name)
