import { readFile } from 'node:fs/promises'
import { openPdf, readPage, type PageContent } from './document.ts'
import { insidePage } from './inside.ts'
import { toLines } from './lines.ts'
import { orderGlyphs, undrawnTexts } from './notes.ts'
import { UNKNOWN } from './glyphs.ts'
import { settleUntold } from './untold.ts'

/** `pages` has the characters of each page that are no white space; `unknown` of them cannot be told. */
export type PdfText = { text: string, pages: number[], unknown: number }

/** What stands between two pages. */
const PAGE_BREAK = '\n\f'
/** Of one document; the largest that is known has under two million. */
const MAX_CHARACTERS = 64 * 1024 * 1024
/** What stands for no character: pieces of fonts that programs number as they like, and control codes. */
const NONE = new RegExp(String.raw`${UNKNOWN}|\p{Co}|(?!\s)\p{Cc}`, 'gu')

/** The text of a PDF: each page stripped, empty ones left out. Pages are read one after the other. */
export async function readPdfText (path: string): Promise<PdfText> {
  const pdf = await openPdf(new Uint8Array(await readFile(path)))
  try {
    const layers = await pdf.getOptionalContentConfig({ intent: 'display' })
    const texts: string[] = []
    let characters = 0
    for (let number = 1; number <= pdf.numPages; number++) {
      const page = await pdf.getPage(number)
      const text = toText(await readPage(page, layers), page.view)
      page.cleanup()
      characters += text.length
      if (characters > MAX_CHARACTERS) throw new Error(`it has more than ${MAX_CHARACTERS} characters`)
      texts.push(text)
    }
    return measure(texts)
  } finally {
    await pdf.loadingTask.destroy()
  }
}

/** The same of a text whose PDF is not at hand: of its empty pages nothing is known. */
export const measureText = (text: string): PdfText => measure(text === '' ? [] : text.split(PAGE_BREAK))

function measure (pages: string[]): PdfText {
  const text = pages.filter((page) => page !== '').join(PAGE_BREAK)
  return {
    text,
    pages: pages.map((page) => page.replace(/\s+/gu, '').length),
    unknown: [...text.matchAll(NONE)].length
  }
}

function toText ({ glyphs, annotations }: PageContent, view: number[]): string {
  const drawn = toLines(insidePage(view, settleUntold(orderGlyphs(glyphs, annotations))))
  return [drawn, ...undrawnTexts(annotations)].join('\n').trim()
}
