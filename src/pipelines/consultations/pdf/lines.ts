import type { Glyph } from './glyphs.ts'
import type { Point } from './matrix.ts'

// In heights of the letters.
/** A gap that parts two words. */
const WORD_GAP = 0.15
/** A gap that is no longer one of words: columns, cells of a table. */
const COLUMN_GAP = 0.8
/** Letters may be raised or lowered by so much and stay on their line. */
const LINE_SHIFT = 0.8
/** The same letter again at the same place: printed twice to look bold. */
const SAME_PLACE = 0.001
/** Cosine of the angle from which on the writing goes another way. */
const SAME_DIRECTION = 0.999

const BLANK = /^\s*$/u

/**
 * The text of a page: its glyphs in their order, with a blank where a gap parts words and a new line where the writing
 * goes on elsewhere. Nothing is sorted: what was written first is read first.
 */
export function toLines (glyphs: Iterable<Glyph>): string {
  const parts: string[] = []
  let last: Glyph | undefined
  for (const glyph of glyphs) {
    if (last !== undefined && isTwice(last, glyph)) continue
    const between = last === undefined ? '' : separator(last, glyph)
    if (between === '\n' || (between === ' ' && !BLANK.test(last?.text ?? '') && !BLANK.test(glyph.text))) {
      parts.push(between)
    }
    parts.push(glyph.text)
    last = glyph
  }
  return parts.join('').trim()
}

function separator (last: Glyph, { direction, size, from }: Glyph): '' | ' ' | '\n' {
  if (size === 0 || dot(last.direction, direction) < SAME_DIRECTION) return '\n'
  const gap = { x: from.x - last.to.x, y: from.y - last.to.y }
  const along = dot(gap, direction) / size
  const across = (gap.y * direction.x - gap.x * direction.y) / size
  if (Math.abs(across) >= LINE_SHIFT || Math.abs(along) >= COLUMN_GAP) return '\n'
  return along > WORD_GAP ? ' ' : ''
}

const isTwice = (last: Glyph, next: Glyph): boolean =>
  last.text === next.text &&
  Math.hypot(next.from.x - last.from.x, next.from.y - last.from.y) < SAME_PLACE * next.size &&
  !BLANK.test(next.text)
const dot = (one: Point, other: Point): number => one.x * other.x + one.y * other.y
