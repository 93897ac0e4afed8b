import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import type { Store } from '../../sdk/store/store.ts'
import type { PdfText } from './pdf/text.ts'

/** What is read of the file of a document: its text by this path and this hash is the same every time. */
export type FileOfDocument = { stored_file_path: string | null, stored_file_hash: string | null }

/** Texts of PDFs that a job has read, kept until it has ended well: its next attempt does not read them again. */
export interface KeptTexts {
  find: (file: FileOfDocument) => Promise<PdfText | undefined>
  keep: (file: FileOfDocument, text: PdfText, signal: AbortSignal) => Promise<void>
  /** Forgets all of them. */
  clear: () => Promise<void>
}

/** Changed with the way in which PDFs are read, so that an older text is not taken for a new one. */
const FORM = 1
const KeptSchema = Type.Object({
  text: Type.String(),
  pages: Type.Array(Type.Integer({ minimum: 0 })),
  unknown: Type.Integer({ minimum: 0 })
})

type State = { store: Store, folder: string, names: Set<string> }

/** Opens those of a job, whose folder in the store this is. */
export async function openKeptTexts (store: Store, jobFolder: string): Promise<KeptTexts> {
  const folder = `${jobFolder}/texts`
  const state: State = { store, folder, names: new Set(await store.list(folder)) }
  return { find: find.bind(null, state), keep: keep.bind(null, state), clear: clear.bind(null, state) }
}

function nameOf ({ folder }: State, { stored_file_path: path, stored_file_hash: hash }: FileOfDocument): string {
  return `${folder}/${createHash('sha256').update(JSON.stringify([FORM, path, hash])).digest('hex').slice(0, 32)}.json`
}

async function find (state: State, file: FileOfDocument): Promise<PdfText | undefined> {
  const name = nameOf(state, file)
  if (!state.names.has(name)) return undefined
  const chunks: Uint8Array[] = []
  for await (const chunk of state.store.read(name)) chunks.push(chunk)
  const kept: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'))
  return Value.Check(KeptSchema, kept) ? kept satisfies Static<typeof KeptSchema> : undefined
}

async function keep (
  state: State,
  file: FileOfDocument,
  { text, pages, unknown }: PdfText,
  signal: AbortSignal
): Promise<void> {
  const name = nameOf(state, file)
  await state.store.write(name, Readable.from([JSON.stringify({ text, pages, unknown })]), signal)
  state.names.add(name)
}

async function clear ({ store, names }: State): Promise<void> {
  for (const name of names) await store.remove(name)
  names.clear()
}
