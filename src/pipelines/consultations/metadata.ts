import { readDatetime, writeInstant } from '../../base/datetime.ts'
import { createRowCheck, nameOf, refuseFaults, type Fault } from './check.ts'
import { percentOf } from './percent.ts'
import { MetadataSchema, type ConsultationMetadata } from './row.ts'

type ApiRow = Record<string, unknown>

export type MetadataDrops = { no_start_date: number, dummy_source_url: number }

export const METADATA_COLUMNS = Object.keys(MetadataSchema.properties) as Array<keyof ConsultationMetadata>
const DATES = ['consultation_start_date', 'consultation_end_date', 'document_publication_date'] as const
const DUMMY_URL = '#'
/** The type that every cantonal document is given as long as nobody has looked at it. */
const DEFAULT_TYPE = 'VARIOUS_TEXT'
/** Rows named in a warning; the rest is counted. */
const MAX_NAMED = 20

/**
 * The rules by which the rows of the API become the metadata of documents, in their order (section 3 of the pipeline).
 * A value that no rule touches stays as it came: what is wrong with it the check says, with all else that is wrong.
 *
 * @throws FINAL with all rows that break the schema
 */
export function readMetadata (
  rows: ApiRow[],
  log: (line: string) => void
): { documents: ConsultationMetadata[], dropped: MetadataDrops } {
  const faults: Fault[] = []
  const all = rows.map((row) => toMetadata(row, faults))
  warnHalfLabelled(all, log)
  const started = all.filter((row) => row['consultation_start_date'] !== null)
  const kept = started.filter((row) => row['document_source_url'] !== DUMMY_URL)
  const dropped = { no_start_date: all.length - started.length, dummy_source_url: started.length - kept.length }
  if (dropped.no_start_date > 0) {
    log(`warning: ${percentOf(dropped.no_start_date, all.length, 'rows')} dropped: no consultation_start_date`)
  }
  if (dropped.dummy_source_url > 0) {
    log(
      `warning: ${percentOf(dropped.dummy_source_url, all.length, 'rows')} dropped: the document_source_url is ${DUMMY_URL}`
    )
  }
  clearEarlyPublications(kept, log)
  const check = createRowCheck(MetadataSchema)
  refuseFaults([...faults, ...kept.flatMap(check)], 'metadata', log)
  return { documents: kept as ConsultationMetadata[], dropped }
}

/** Rules 1 to 6, 8 and 9: those that need no other row. */
function toMetadata (row: ApiRow, faults: Fault[]): ApiRow {
  const document: ApiRow = {}
  for (const column of METADATA_COLUMNS) document[column] = row[column] ?? null
  const tags = row['consultation_internal_tags'] ?? []
  const isReviewed = (name: string): boolean =>
    Array.isArray(tags) && tags.some((tag: unknown) => (tag as { name?: unknown } | null)?.name === name)
  const isFederal = row['political_body'] === 'ch'
  const isTypeReviewed = isReviewed('document_types_reviewed')
  const toInstant = (value: unknown, field: string): unknown =>
    readInstant(value, (bad) => {
      faults.push({ document: nameOf(row), field, rule: 'is no date', value: bad })
    })

  document['consultation_internal_tags'] = Array.isArray(tags)
    ? tags.map((tag: unknown, i) => ({
      name: (tag as ApiRow | null)?.['name'] ?? null,
      created_at: toInstant((tag as ApiRow | null)?.['created_at'], `consultation_internal_tags/${i}/created_at`)
    }))
    : tags
  document['document_source'] = isFederal ? 'fedlex' : 'openparldata'
  document['consultation_topics_label_source'] = isReviewed('topics_reviewed')
    ? 'manual'
    : isFederal
      ? 'organisation_rule'
      : 'openparldata'
  document['document_type_label_source'] = isTypeReviewed ? 'manual' : isFederal ? 'fedlex' : null
  if (!isFederal && !isTypeReviewed && document['document_type'] === DEFAULT_TYPE) document['document_type'] = null
  for (const field of DATES) document[field] = toInstant(document[field], field)
  document['consultation_topics'] = readTopics(document['consultation_topics'])
  return document
}

function readTopics (topics: unknown): unknown {
  if (topics === null) return []
  return typeof topics === 'string'
    ? topics
      .split(',')
      .map((topic) => topic.trim())
      .filter((topic) => topic !== '')
      .sort()
    : topics
}

function readInstant (value: unknown, onBad: (value: unknown) => void): unknown {
  if (value === null || value === undefined || value === '') return null
  const ms = typeof value === 'string' ? readDatetime(value) : undefined
  if (ms !== undefined) return writeInstant(ms)
  onBad(value)
  return value
}

/** Rule 7. */
function warnHalfLabelled (rows: ApiRow[], log: (line: string) => void): void {
  const half = rows.filter((row) => (row['document_type'] === null) !== (row['document_type_label_source'] === null))
  if (half.length === 0) return
  const named = half
    .slice(0, MAX_NAMED)
    .map((row) => `${nameOf(row)} (${String(row['document_type'])}, ${String(row['document_type_label_source'])})`)
  log(`warning: ${percentOf(half.length, rows.length, 'rows')} have a document_type without a label source, or the other way round: ${named.join(', ')}${half.length > MAX_NAMED ? ', …' : ''}`)
}

/** Rule 12: nothing is published before the first consultation began. */
function clearEarlyPublications (rows: ApiRow[], log: (line: string) => void): void {
  const times = (row: ApiRow, field: string): number =>
    typeof row[field] === 'string' ? Date.parse(row[field]) : Number.NaN
  const earliest = rows.reduce(
    (least, row) => Math.min(least, orInfinity(times(row, 'consultation_start_date'))),
    Infinity
  )
  if (earliest === Infinity) return
  const early = rows.filter((row) => times(row, 'document_publication_date') < earliest)
  for (const row of early) row['document_publication_date'] = null
  if (early.length > 0) {
    log(
      `warning: ${percentOf(early.length, rows.length, 'rows')} were published before the first consultation began (${writeInstant(earliest)}): their document_publication_date is taken out`
    )
  }
}

const orInfinity = (value: number): number => Number.isNaN(value) ? Infinity : value
