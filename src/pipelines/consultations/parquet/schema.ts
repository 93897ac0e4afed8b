import type { SchemaElement } from 'hyparquet'
import { COLUMNS } from './columns.ts'

type Repetition = 'REQUIRED' | 'OPTIONAL'
type Unit = 'MILLIS' | 'NANOS'

/** The columns as Parquet has them. */
export const toSchema = (): SchemaElement[] =>
  [{ name: 'schema', num_children: COLUMNS.length, repetition_type: 'REQUIRED' }, ...COLUMNS.flatMap(toElements)]

function toElements ({ name, kind, isRequired }: typeof COLUMNS[number]): SchemaElement[] {
  const repetition = isRequired ? 'REQUIRED' : 'OPTIONAL'
  if (kind === 'topics') return listOf(name, [text('element', 'REQUIRED')])
  if (kind === 'tags') {
    return listOf(name, [
      record('element', 2),
      text('name', 'OPTIONAL'),
      timestamp('created_at', 'OPTIONAL', 'MILLIS')
    ])
  }
  return [kind === 'timestamp' ? timestamp(name, repetition, 'NANOS') : text(name, repetition)]
}

const record = (name: string, children: number): SchemaElement => ({
  name,
  num_children: children,
  repetition_type: 'REQUIRED'
})
const text = (name: string, repetition: Repetition): SchemaElement => ({
  name,
  type: 'BYTE_ARRAY',
  converted_type: 'UTF8',
  repetition_type: repetition
})
const timestamp = (name: string, repetition: Repetition, unit: Unit): SchemaElement => ({
  name,
  type: 'INT64',
  logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit },
  repetition_type: repetition
})
const listOf = (name: string, element: SchemaElement[]): SchemaElement[] => [
  { name, converted_type: 'LIST', num_children: 1, repetition_type: 'REQUIRED' },
  { name: 'list', num_children: 1, repetition_type: 'REPEATED' },
  ...element
]
