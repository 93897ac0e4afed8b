import { Readable } from 'node:stream'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import type { ConsultationDocument } from './join.ts'
import { FullConsultationDocumentSchemaV1 } from './row.ts'
import type { Run } from './run.ts'

/** The languages of all documents, in their order: too many for the memory of a step, so they stand in the store. */
export type KeptLanguages = { file: string, documents: number }

type Place = Pick<Run, 'store' | 'jobFolder' | 'signal'>

const LanguagesSchema = Type.Array(FullConsultationDocumentSchemaV1.properties.document_language)

export const languagesFile = ({ jobFolder }: Pick<Run, 'jobFolder'>): string => `${jobFolder}/languages.json`

export async function keepLanguages (run: Place, documents: ConsultationDocument[]): Promise<KeptLanguages> {
  const file = languagesFile(run)
  const languages = documents.map(({ document_language: language }) => language)
  await run.store.write(file, Readable.from([JSON.stringify(languages)]), run.signal)
  return { file, documents: documents.length }
}

/** Gives the documents the languages that an earlier attempt has kept; false where there are none, or of others. */
export async function readLanguages (
  { store }: Place,
  documents: ConsultationDocument[],
  { file }: KeptLanguages
): Promise<boolean> {
  if (await store.stat(file) === undefined) return false
  const chunks: Uint8Array[] = []
  for await (const chunk of store.read(file)) chunks.push(chunk)
  const languages: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'))
  if (!Value.Check(LanguagesSchema, languages) || languages.length !== documents.length) return false
  for (const [i, document] of documents.entries()) {
    const language = languages[i]
    if (language !== undefined) document.document_language = language
  }
  return true
}
