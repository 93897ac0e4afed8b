import type { Glyph } from './glyphs.ts'

/** What pdf.js tells of a note or a field on a page. */
export type Annotation = {
  id: string
  subtype: string
  hasAppearance: boolean
  annotationFlags: number
  password?: boolean
  fieldType?: string | null
  fieldValue?: unknown
  contentsObj?: { str: string }
}

const FIELD = 'Widget'
/** Bits of the flags: invisible, hidden, not to be viewed. */
const UNSEEN = 1 | 2 | 32

/** The glyphs of a page in the order of MuPDF: what the page draws, its notes, the fields of its forms. */
export function orderGlyphs (glyphs: Glyph[], annotations: Annotation[]): Glyph[] {
  const fields = new Set(annotations.filter(({ subtype }) => subtype === FIELD).map(({ id }) => id))
  const rank = ({ annotation }: Glyph): number => annotation === undefined ? 0 : fields.has(annotation) ? 2 : 1
  return glyphs.some((glyph) => rank(glyph) > 0)
    ? [0, 1, 2].flatMap((wanted) => glyphs.filter((glyph) => rank(glyph) === wanted))
    : glyphs
}

/** What is said by notes and fields for which nobody has drawn a look: a viewer makes one of their text. */
export function undrawnTexts (annotations: Annotation[]): string[] {
  const undrawn = annotations.filter(
    ({ hasAppearance, annotationFlags }) => !hasAppearance && (annotationFlags & UNSEEN) === 0
  )
  return undrawn.map(textOf).filter((text) => text !== '')
}

function textOf ({ subtype, password, fieldType, fieldValue, contentsObj }: Annotation): string {
  if (subtype === 'FreeText') return contentsObj?.str.trim() ?? ''
  if (subtype !== FIELD || password === true || (fieldType !== 'Tx' && fieldType !== 'Ch')) return ''
  return [fieldValue].flat().filter((value) => typeof value === 'string').join('\n').trim()
}
