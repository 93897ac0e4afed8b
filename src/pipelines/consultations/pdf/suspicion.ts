import type { PdfText } from './text.ts'

/**
 * Why a text is hardly that of its document. `empty`: there is none. `short`: most pages have next
 * to none. `unmappable`: its fonts do not tell what they show.
 */
export type Suspicion = 'empty' | 'short' | 'unmappable'

export const SUSPICIONS: readonly Suspicion[] = ['empty', 'short', 'unmappable']

/** A page with fewer characters has a heading or a stamp at most: the rest of it is an image. */
const MIN_CHARACTERS = 20
/** Share of pages that may be such. */
const MAX_SHORT = 0.5
/** Share of characters that may be unknown: some documents have signs in fonts of their own. */
const MAX_UNKNOWN = 0.2

/** A text is never good in silence: what is suspicious is counted, listed, and read anew by the next run. */
export function suspicionOf ({ text, pages, unknown }: PdfText): Suspicion | undefined {
  const characters = pages.reduce((sum, count) => sum + count, 0)
  if (text === '' || characters === 0) return 'empty'
  if (unknown > characters * MAX_UNKNOWN) return 'unmappable'
  return pages.filter((count) => count < MIN_CHARACTERS).length > pages.length * MAX_SHORT ? 'short' : undefined
}
