import type { Pipeline } from '../../sdk/pipeline.ts'
import { defineProcess } from '../../sdk/process.ts'
import { apiCredentials } from './blocks/api_credentials.ts'
import { OPERATORS_OWN, PreprocessEventSchema } from './preprocess_params.ts'

/** The consultation documents of demokratis.ch with their texts, one file a day. */
export const consultations: Pipeline = {
  name: 'consultations',
  processes: [
    defineProcess({
      name: 'preprocess_consultation_documents',
      params: PreprocessEventSchema,
      operatorsOwn: OPERATORS_OWN,
      load: async () => (await import('./preprocess_consultation_documents.ts')).preprocessConsultationDocuments
    })
  ],
  blocks: [apiCredentials]
}
