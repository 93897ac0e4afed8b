import type { ProcessFunction } from '../sdk/process.ts'

/** The built-in processes by name. Each is imported when it first runs, so that a role pays for what it uses only. */
export const registry: ReadonlyMap<string, () => Promise<ProcessFunction>> = new Map([
  ['dump_dna', async () => (await import('./ensembl/dump_dna.ts')).dumpDna as ProcessFunction],
  ['dump_peptide', async () => (await import('./ensembl/dump_peptide.ts')).dumpPeptide as ProcessFunction],
  ['gather', async () => (await import('./councils/gather.ts')).gather],
  ['store_event', async () => (await import('./councils/store_event.ts')).storeEvent as ProcessFunction],
  ['transcribe', async () => (await import('./councils/transcribe.ts')).transcribe as ProcessFunction],
  ['index', async () => (await import('./councils/index_transcripts.ts')).indexTranscripts as ProcessFunction],
  ['preprocess_consultation_documents', async () => (await import('./consultations/preprocess_consultation_documents.ts')).preprocessConsultationDocuments as ProcessFunction]
])
