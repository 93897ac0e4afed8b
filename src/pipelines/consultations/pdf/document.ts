import { readFile } from 'node:fs/promises'
import type { getDocumentProxy } from 'unpdf'
import { importOptional } from '../../../base/optional.ts'
import { readGlyphs, type Font, type Glyph, type Operators } from './glyphs.ts'
import type { Annotation } from './notes.ts'

export type Pdf = Awaited<ReturnType<typeof getDocumentProxy>>
type Page = Awaited<ReturnType<Pdf['getPage']>>
type Layers = Awaited<ReturnType<Pdf['getOptionalContentConfig']>>
/**
 * What pdf.js tells of a font when it is asked for more than drawing needs. Codes that it maps to
 * themselves come as a range.
 */
type ToldFont = Omit<Font, 'characters'> & { toUnicode?: { _map?: Record<string, string> } }

/** pdf.js's tables of the character sets of East Asia, which the package holds beside src/ and dist/. */
const CMAPS = new URL('../../../../data/cmaps/', import.meta.url)

class PackagedFiles {
  async fetch ({ filename }: { filename: string }): Promise<Uint8Array> {
    return new Uint8Array(await readFile(new URL(filename, CMAPS)))
  }
}

const OPTIONS = {
  verbosity: 0,
  // Images hold no text, and decoding them takes most of the time.
  maxImageSize: 0,
  fontExtraProperties: true,
  BinaryDataFactory: PackagedFiles
}

const pdfJs = async () => await importOptional(async () => await import('unpdf'), 'the text of a PDF')

/** pdf.js cuts its buffers by a function that Node has from 22 on. */
function addMissing (): void {
  const buffers = ArrayBuffer.prototype as {
    transferToFixedLength?: (this: ArrayBuffer, length: number) => ArrayBuffer
  }
  buffers.transferToFixedLength ??= function (length) { return this.slice(0, length) }
}

/** @throws where the bytes are no PDF, or one with a password */
export async function openPdf (bytes: Uint8Array): Promise<Pdf> {
  addMissing()
  const { getDocumentProxy } = await pdfJs()
  return await getDocumentProxy(bytes, OPTIONS)
}

export type PageContent = { glyphs: Glyph[], annotations: Annotation[] }

/** The glyphs of a page and of what lies on it: notes and fields of forms, as they are shown on a screen. */
export async function readPage (page: Page, layers: Layers): Promise<PageContent> {
  const { getResolvedPDFJS } = await pdfJs()
  const { OPS: numbers } = await getResolvedPDFJS()
  const operators = await page.getOperatorList({ intent: 'display' }) as Operators
  const fonts = await loadFonts(page, operators, numbers)
  const glyphs = [...readGlyphs({ operators, numbers, fonts, isVisible: (group) => layers.isVisible(group) })]
  return { glyphs, annotations: await page.getAnnotations({ intent: 'display' }) as Annotation[] }
}

async function loadFonts (
  page: Page,
  { fnArray, argsArray }: Operators,
  numbers: Record<string, number>
): Promise<Map<string, Font>> {
  const names = new Set<string>()
  for (const [i, number] of fnArray.entries()) {
    if (number === numbers['setFont']) names.add(String((argsArray[i] as unknown[])[0]))
    else if (number === numbers['setGState']) {
      for (const name of fontsOfState((argsArray[i] as unknown[])[0])) {
        names.add(name)
      }
    }
  }
  return new Map(await Promise.all([...names].map(async (name) => [name, toFont(await loaded(page, name))] as const)))
}

const fontsOfState = (changes: unknown): string[] =>
  (changes as Array<[string, unknown]>).flatMap(([key, value]) =>
    key === 'Font' && Array.isArray(value) ? [String(value[0])] : []
  )

const loaded = async (page: Page, name: string): Promise<ToldFont | null> =>
  await new Promise((resolve) => { page.commonObjs.get(name, resolve) })

function toFont (told: ToldFont | null): Font {
  const map = told?.toUnicode?._map
  return {
    vertical: told?.vertical,
    fontMatrix: told?.fontMatrix,
    defaultVMetrics: told?.defaultVMetrics,
    characters: map === undefined ? undefined : new Map(Object.entries(map).map(([code, text]) => [Number(code), text]))
  }
}
