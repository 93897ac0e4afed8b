import type { Glyph } from './glyphs.ts'

/** How far letters reach below their line and above it, in heights of the letters. */
const REACH = [-0.2, 0.8]

/** The glyphs of which some part lies on the page: what programs leave beside it, nobody sees. */
export function * insidePage (
  [left = 0, bottom = 0, right = 0, top = 0]: number[],
  glyphs: Iterable<Glyph>
): Generator<Glyph> {
  for (const glyph of glyphs) {
    const { from, to, direction, size } = glyph
    const corners = [from, to].flatMap(({ x, y }) =>
      REACH.map((reach) => ({ x: x - direction.y * reach * size, y: y + direction.x * reach * size }))
    )
    const [xs, ys] = [corners.map(({ x }) => x), corners.map(({ y }) => y)]
    if (Math.max(...xs) > left && Math.min(...xs) < right && Math.max(...ys) > bottom && Math.min(...ys) < top) {
      yield glyph
    }
  }
}
