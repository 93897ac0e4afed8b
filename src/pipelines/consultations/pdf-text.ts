import { readFile } from 'node:fs/promises'
import { getDocumentProxy } from 'unpdf'

/** What stands between two pages. */
const PAGE_BREAK = '\n\f'
/** Of one document; the largest that is known has under two million. */
const MAX_CHARACTERS = 64 * 1024 * 1024

/** The text of a PDF: each page stripped, empty ones left out. Pages are read one after the other. */
export async function readPdfText (path: string): Promise<string> {
  const pdf = await getDocumentProxy(new Uint8Array(await readFile(path)), { verbosity: 0 })
  try {
    const pages: string[] = []
    let characters = 0
    for (let number = 1; number <= pdf.numPages; number++) {
      const page = await pdf.getPage(number)
      const { items } = await page.getTextContent()
      const text = items.map((item) => 'str' in item ? `${item.str}${item.hasEOL ? '\n' : ''}` : '').join('').trim()
      page.cleanup()
      characters += text.length
      if (characters > MAX_CHARACTERS) throw new Error(`it has more than ${MAX_CHARACTERS} characters`)
      if (text !== '') pages.push(text)
    }
    return pages.join(PAGE_BREAK)
  } finally {
    await pdf.loadingTask.destroy()
  }
}
