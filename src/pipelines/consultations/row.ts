import { Type, type Static, type TSchema } from 'typebox'

export const SCHEMA_NAME = 'FullConsultationDocumentSchemaV1'

const TOPICS = [
  'administration',
  'agriculture',
  'communications',
  'culture',
  'defense',
  'economics',
  'education',
  'energy',
  'environment',
  'finance',
  'foreign_policy',
  'health',
  'housing',
  'insurance',
  'it',
  'law',
  'media',
  'migration',
  'political_system',
  'public_finance',
  'science',
  'security',
  'social',
  'spatial_planning',
  'sports',
  'transportation'
] as const
const CANTONS = [
  'ag',
  'ai',
  'ar',
  'be',
  'bl',
  'bs',
  'fr',
  'ge',
  'gl',
  'gr',
  'ju',
  'lu',
  'ne',
  'nw',
  'ow',
  'sg',
  'sh',
  'so',
  'sz',
  'tg',
  'ti',
  'ur',
  'vd',
  'vs',
  'zg',
  'zh'
] as const
const DOCUMENT_TYPES = [
  'LETTER',
  'DRAFT',
  'RECIPIENT_LIST',
  'REPORT',
  'FINAL_REPORT',
  'OPINION',
  'VARIOUS_TEXT',
  'SYNOPTIC_TABLE',
  'SURVEY',
  'RESPONSE_FORM',
  'LINK',
  'DECISION',
  'PRESS_RELEASE'
] as const

/** What a path in the platform storage looks like: year, consultation, document, file. */
export const STORED_FILE_PATH = String.raw`^\d{4}/\d+/\d+/[A-Za-z0-9]+(\.[a-z0-9]+)?$`

const oneOf = <T extends string>(words: readonly T[]) => Type.Enum([...words])
const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
/** ISO 8601 in UTC. */
const instant = () => Type.String()

const metadata = {
  consultation_identifier: Type.String(),
  consultation_start_date: instant(),
  consultation_end_date: orNull(instant()),
  consultation_title: Type.String({ minLength: 3 }),
  consultation_description: Type.String(),
  consultation_url: Type.String({ pattern: String.raw`^https://www\.demokratis\.ch/vernehmlassung/` }),
  consultation_topics: Type.Array(oneOf(TOPICS)),
  consultation_topics_label_source: oneOf(['openparldata', 'organisation_rule', 'manual']),
  consultation_internal_tags: Type.Array(Type.Object({ name: Type.Unknown(), created_at: Type.Unknown() })),
  organisation_uuid: Type.String(),
  organisation_name: Type.String({ minLength: 3 }),
  political_body: oneOf(['ch', ...CANTONS]),
  document_uuid: Type.String(),
  document_source: oneOf(['fedlex', 'openparldata']),
  document_source_url: Type.String({ pattern: '^https?://' }),
  document_publication_date: orNull(instant()),
  document_type: orNull(oneOf(DOCUMENT_TYPES)),
  document_type_label_source: orNull(oneOf(['fedlex', 'rule', 'manual'])),
  document_language: oneOf(['de', 'fr', 'it', 'rm']),
  document_title: orNull(Type.String()),
  latest_stored_file_uuid: orNull(Type.String())
}

const storedFile = {
  stored_file_path: orNull(Type.String({ pattern: STORED_FILE_PATH })),
  stored_file_mime_type: orNull(Type.String()),
  stored_file_hash: orNull(Type.String())
}

/** What is known of a document before its file and its text are joined to it. */
export const MetadataSchema = Type.Object(metadata)

/** A row of the output. Its columns are those of the file, in this order. */
export const FullConsultationDocumentSchemaV1 = Type.Object(
  { ...metadata, ...storedFile, document_content_plain: Type.String() },
  { $id: SCHEMA_NAME }
)

export type FullConsultationDocument = Static<typeof FullConsultationDocumentSchemaV1>
export type ConsultationMetadata = Static<typeof MetadataSchema>
export type DocumentSource = ConsultationMetadata['document_source']
