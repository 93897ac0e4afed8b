import { createRequire } from 'node:module'
import type { ConsultationDocument } from './join.ts'
import type { FullConsultationDocument } from './row.ts'
import type { TextFile } from './text-file.ts'

type Language = FullConsultationDocument['document_language']
type Lingua = typeof import('@bluzzi/lingua')

/** Enough to tell a language; the detector's time grows with the text. */
const CONTENT_CHARACTERS = 1000
/** Where the text has no letters: what the platform gives every cantonal document. */
const DEFAULT_LANGUAGE = 'de'
const LANGUAGES: ReadonlyMap<string | undefined, Language> = new Map([['German', 'de'], ['French', 'fr'], ['Italian', 'it']])

/** German, French or Italian; undefined where a text has no letters. */
export type Detector = { detect: (text: string) => Language | undefined, free: () => void }

/** Loads 74 MB of models and takes most of a second, so not before it is needed. */
export function openDetector (): Detector {
  const { LanguageDetectorBuilder } = createRequire(import.meta.url)('@bluzzi/lingua') as Lingua
  const detector = LanguageDetectorBuilder.fromISOCodes6391([...LANGUAGES.values()]).build()
  return { detect: (text) => LANGUAGES.get(detector.detectLanguageOf(text)), free: () => { detector.free() } }
}

type Options = { texts: TextFile, signal: AbortSignal, onRow: (done: number, total: number) => void }

/**
 * Sets the language of the documents that openparldata gave, by title and beginning of the text: the platform does not
 * know it. Never Romansh, which the detector has not learnt. Answers how many got another language than they had.
 */
export async function detectLanguages (documents: ConsultationDocument[], { texts, signal, onRow }: Options): Promise<{ detected: number, changed: number, unknown: number }> {
  const cantonal = documents.filter(({ document_source: source }) => source === 'openparldata')
  const counts = { detected: cantonal.length, changed: 0, unknown: 0 }
  if (cantonal.length === 0) return counts
  const detector = openDetector()
  try {
    for (const [i, document] of cantonal.entries()) {
      signal.throwIfAborted()
      const start = document.text === undefined ? '' : await texts.readStart(document.text, CONTENT_CHARACTERS)
      const language = detector.detect(`${document.document_title ?? ''}\n${start}`)
      if (language === undefined) counts.unknown++
      else if (language !== document.document_language) counts.changed++
      document.document_language = language ?? (document.document_language === 'rm' ? DEFAULT_LANGUAGE : document.document_language)
      onRow(i + 1, cantonal.length)
    }
  } finally {
    detector.free()
  }
  return counts
}
