import { UNKNOWN, type Glyph } from './glyphs.ts'

const CONTROL = /\p{Cc}/u
/** Letters between two blanks, on average at most. */
const MAX_WORD = 24

/**
 * The glyphs of a page, those of fonts that do not tell their characters as unknown ones. Some programs write the codes
 * of characters into such fonts: where all of them on the page read like a text, with blanks and without control codes,
 * they stay.
 */
export function * settleUntold (glyphs: Glyph[]): Generator<Glyph> {
  const untold = glyphs.filter(({ font }) => font.characters === undefined)
  const isReadable = readsLikeText(untold)
  for (const glyph of glyphs) {
    yield isReadable || glyph.font.characters !== undefined ? glyph : { ...glyph, text: UNKNOWN }
  }
}

const readsLikeText = (glyphs: Glyph[]): boolean =>
  !glyphs.some(({ text }) => CONTROL.test(text)) &&
  glyphs.filter(({ text }) => text === ' ').length * MAX_WORD > glyphs.length
