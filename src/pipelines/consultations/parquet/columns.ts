import { FullConsultationDocumentSchemaV1, type FullConsultationDocument } from '../row.ts'

export type Column = keyof FullConsultationDocument

/**
 * What a column holds, as pandas knows it. A `category` is text that readers take for one of few values, a
 * `timestamp` has no zone, `topics` is a list of texts, `tags` one of records, and `content` a text that may be long.
 */
export type ColumnKind = 'text' | 'category' | 'timestamp' | 'topics' | 'tags' | 'content'

const OTHERS: Partial<Record<Column, ColumnKind>> = {
  consultation_start_date: 'timestamp',
  consultation_end_date: 'timestamp',
  consultation_topics: 'topics',
  consultation_topics_label_source: 'category',
  consultation_internal_tags: 'tags',
  political_body: 'category',
  document_source: 'category',
  document_publication_date: 'timestamp',
  document_type: 'category',
  document_type_label_source: 'category',
  document_language: 'category',
  document_content_plain: 'content'
}

/** In the order of the file. */
export const COLUMNS: ReadonlyArray<{ name: Column, kind: ColumnKind, isRequired: boolean }> =
  (Object.keys(FullConsultationDocumentSchemaV1.properties) as Column[]).map((name) => ({
    name,
    kind: OTHERS[name] ?? 'text',
    isRequired: !('anyOf' in FullConsultationDocumentSchemaV1.properties[name])
  }))
