import { SUSPICIOUS_KEY } from '../suspicious.ts'
import { ARROW_SCHEMA } from './arrow-schema.ts'
import { COLUMNS, type Column, type ColumnKind } from './columns.ts'

/** What is known once all rows are written: how many, and the values of each category. */
export type Written = { rows: number, categories: ReadonlyMap<Column, ReadonlySet<unknown>> }

type KeyValue = { key: string, value: string }
type PandasType = { pandas_type: string, numpy_type: string }

const PANDAS: Record<ColumnKind, PandasType> = {
  text: { pandas_type: 'unicode', numpy_type: 'object' },
  content: { pandas_type: 'unicode', numpy_type: 'object' },
  category: { pandas_type: 'categorical', numpy_type: 'int8' },
  timestamp: { pandas_type: 'datetime', numpy_type: 'datetime64[ns]' },
  topics: { pandas_type: 'list[unicode]', numpy_type: 'object' },
  tags: { pandas_type: 'list[object]', numpy_type: 'object' }
}
/** Readers take it for the rules by which the rest is written. */
const PANDAS_VERSION = '2.2.3'

/**
 * What programs of Arrow and pandas look for in the footer, so that they read categories and times
 * as the original writes them.
 */
export function toFooter (written: Written, suspicious: readonly string[]): KeyValue[] {
  return [
    { key: 'ARROW:schema', value: ARROW_SCHEMA },
    { key: 'pandas', value: JSON.stringify(toPandas(written)) },
    { key: SUSPICIOUS_KEY, value: JSON.stringify(suspicious) }
  ]
}

function toPandas ({ rows, categories }: Written): unknown {
  return {
    index_columns: [{ kind: 'range', name: null, start: 0, stop: rows, step: 1 }],
    column_indexes: [
      { name: null, field_name: null, pandas_type: 'unicode', numpy_type: 'object', metadata: { encoding: 'UTF-8' } }
    ],
    columns: COLUMNS.map(({ name, kind }) => ({
      name,
      field_name: name,
      ...PANDAS[kind],
      metadata: kind === 'category' ? { num_categories: categories.get(name)?.size ?? 0, ordered: false } : null
    })),
    creator: { library: 'signalbox', version: '1' },
    pandas_version: PANDAS_VERSION
  }
}
