import type { CoreDatabase, Value } from './connection.ts'

export type PlaceRow = {
  seq_region_id: number
  seq_region_start: number
  seq_region_end: number
  seq_region_strand: 1 | -1
}

export type GeneRow = {
  gene_id: number
  stable_id: string | null
  version: number | null
  biotype: string
  description: string | null
  display_label: string | null
}

export type TranscriptRow = PlaceRow & {
  transcript_id: number
  gene_id: number
  stable_id: string | null
  version: number | null
  biotype: string
  canonical_translation_id: number | null
}

export type ExonRow = PlaceRow & { transcript_id: number, exon_id: number, phase: number }

export type TranslationRow = {
  translation_id: number
  stable_id: string | null
  version: number | null
  seq_start: number
  start_exon_id: number
  seq_end: number
  end_exon_id: number
}

export type AttributeRow = { id: number, code: string, value: string }

export type PredictionRow = PlaceRow & { prediction_transcript_id: number, display_label: string | null }

export type PredictionExonRow = PlaceRow & { prediction_transcript_id: number, start_phase: number }

/**
 * Which transcripts count, by the `logic_name` of their analysis: those named first, without those named second.
 * Empty for no limit.
 */
export type LogicNames = { only: readonly string[], without: readonly string[] }

/** What the statements below are limited to. `coordSystems` holds ids and is not empty. */
export type Scope = { coordSystems: readonly number[], logicNames: LogicNames }

const place = (of: string): string =>
  `${of}.seq_region_id, ${of}.seq_region_start, ${of}.seq_region_end, ${of}.seq_region_strand`

/**
 * Whether a row lies on one of some coordinate systems. Not a join, with which a server may sort the whole table for
 * each batch.
 */
const liesOn = (of: string, coordSystems: readonly number[]): string =>
  `(SELECT r.coord_system_id FROM seq_region r WHERE r.seq_region_id = ${of}.seq_region_id) IN (${list(coordSystems)})`

/** Current genes after `after`, by id. */
export async function readGenes (
  db: CoreDatabase,
  coordSystems: readonly number[],
  { after, most }: { after: number, most: number }
): Promise<GeneRow[]> {
  return await db.rows<GeneRow>(
    `SELECT g.gene_id, g.stable_id, g.version, g.biotype, g.description, (SELECT x.display_label FROM xref x WHERE x.xref_id = g.display_xref_id) AS display_label
     FROM gene g
     WHERE g.is_current = 1 AND g.gene_id > ? AND ${liesOn('g', coordSystems)}
     ORDER BY g.gene_id LIMIT ${most}`,
    [after]
  )
}

export async function readTranscriptRows (
  db: CoreDatabase,
  genes: readonly number[],
  scope: Scope
): Promise<TranscriptRow[]> {
  const { sql, values } = within(scope)
  return await db.rows<TranscriptRow>(
    `SELECT t.transcript_id, t.gene_id, t.stable_id, t.version, t.biotype, t.canonical_translation_id, ${place('t')}
     FROM transcript t
     JOIN seq_region r ON r.seq_region_id = t.seq_region_id
     LEFT JOIN analysis a ON a.analysis_id = t.analysis_id
     WHERE t.gene_id IN (${list(genes)}) AND ${sql}
     ORDER BY t.gene_id, t.transcript_id`,
    values
  )
}

/** How many transcripts `readTranscriptRows` would find for all current genes. */
export async function countTranscriptRows (db: CoreDatabase, scope: Scope): Promise<number> {
  const { sql, values } = within(scope)
  const [row] = await db.rows<{ number: number }>(
    `SELECT COUNT(*) AS number
     FROM gene g
     JOIN transcript t ON t.gene_id = g.gene_id
     JOIN seq_region r ON r.seq_region_id = t.seq_region_id
     LEFT JOIN analysis a ON a.analysis_id = t.analysis_id
     WHERE g.is_current = 1 AND ${sql}`, values)
  return row!.number
}

export async function readExonRows (db: CoreDatabase, transcripts: readonly number[]): Promise<ExonRow[]> {
  return await db.rows<ExonRow>(
    `SELECT et.transcript_id, e.exon_id, e.phase, ${place('e')}
     FROM exon_transcript et
     JOIN exon e ON e.exon_id = et.exon_id
     WHERE et.transcript_id IN (${list(transcripts)})
     ORDER BY et.transcript_id, et.\`rank\``)
}

export async function readTranslationRows (
  db: CoreDatabase,
  translations: readonly number[]
): Promise<TranslationRow[]> {
  return await db.rows<TranslationRow>(
    `SELECT translation_id, stable_id, version, seq_start, start_exon_id, seq_end, end_exon_id
     FROM translation WHERE translation_id IN (${list(translations)})`
  )
}

/** Attributes of transcripts or translations, those of one owner in the order in which the table has them. */
export async function readAttributeRows (
  db: CoreDatabase,
  owner: 'transcript' | 'translation',
  ids: readonly number[],
  codes: readonly string[]
): Promise<AttributeRow[]> {
  return await db.rows<AttributeRow>(
    `SELECT o.${owner}_id AS id, t.code, o.value
     FROM ${owner}_attrib o
     JOIN attrib_type t ON t.attrib_type_id = o.attrib_type_id
     WHERE o.${owner}_id IN (${list(ids)}) AND t.code IN (${codes.map(() => '?').join(', ')})`,
    codes
  )
}

export async function readPredictionRows (
  db: CoreDatabase,
  coordSystems: readonly number[],
  { after, most }: { after: number, most: number }
): Promise<PredictionRow[]> {
  return await db.rows<PredictionRow>(
    `SELECT p.prediction_transcript_id, p.display_label, ${place('p')}
     FROM prediction_transcript p
     WHERE p.prediction_transcript_id > ? AND ${liesOn('p', coordSystems)}
     ORDER BY p.prediction_transcript_id LIMIT ${most}`,
    [after]
  )
}

export async function countPredictionRows (db: CoreDatabase, coordSystems: readonly number[]): Promise<number> {
  const [row] = await db.rows<{ number: number }>(
    `SELECT COUNT(*) AS number
     FROM prediction_transcript p
     JOIN seq_region r ON r.seq_region_id = p.seq_region_id
     WHERE r.coord_system_id IN (${list(coordSystems)})`)
  return row!.number
}

export async function readPredictionExonRows (
  db: CoreDatabase,
  predictions: readonly number[]
): Promise<PredictionExonRow[]> {
  return await db.rows<PredictionExonRow>(
    `SELECT e.prediction_transcript_id, e.start_phase, ${place('e')}
     FROM prediction_exon e
     WHERE e.prediction_transcript_id IN (${list(predictions)})
     ORDER BY e.prediction_transcript_id, e.exon_rank`
  )
}

/** Numbers that the database gave; NULL, which equals nothing, stands for none. */
function list (ids: readonly number[]): string {
  return ids.length === 0 ? 'NULL' : ids.map(Number).join(', ')
}

function within ({ coordSystems, logicNames: { only, without } }: Scope): { sql: string, values: Value[] } {
  const marks = (names: readonly string[]): string => names.map(() => '?').join(', ')
  return {
    sql: [
      `r.coord_system_id IN (${list(coordSystems)})`,
      ...only.length === 0 ? [] : [`a.logic_name IN (${marks(only)})`],
      ...without.length === 0 ? [] : [`(a.logic_name IS NULL OR a.logic_name NOT IN (${marks(without)}))`]
    ].join(' AND '),
    values: [...only, ...without]
  }
}
