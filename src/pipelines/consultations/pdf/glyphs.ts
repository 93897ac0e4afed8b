import { IDENTITY, multiply, toMatrix, transform, type Matrix, type Point } from './matrix.ts'

/** What a page draws, as pdf.js lists it. */
export type Operators = { fnArray: number[], argsArray: unknown[] }

/** A font as far as the place of its glyphs and their meaning depend on it. */
export type Font = {
  vertical?: boolean | undefined
  fontMatrix?: ArrayLike<number> | undefined
  defaultVMetrics?: number[] | undefined
  /** Which characters the codes are, as far as the font tells; undefined where it says nothing. */
  characters?: ReadonlyMap<number, string> | undefined
}

/** What one glyph shows, mostly a single character: where it begins on the page and where the next one is expected. */
export type Glyph = {
  text: string
  size: number
  from: Point
  to: Point
  direction: Point
  font: Font
  /** The note or field that shows it. */
  annotation: string | undefined
}

export type PageDrawing = {
  operators: Operators
  /** pdf.js's numbers of its operators, by name. */
  numbers: Readonly<Record<string, number>>
  fonts: ReadonlyMap<string, Font>
  isVisible: (group: unknown) => boolean
}

type FontGlyph = {
  originalCharCode: number
  unicode: string
  width: number
  vmetric?: number[] | null
  isSpace: boolean
}
type State = {
  matrix: Matrix
  textMatrix: Matrix
  font: Font
  size: number
  charSpacing: number
  wordSpacing: number
  scale: number
  rise: number
  leading: number
  pen: Point
  line: Point
  annotation: string | undefined
}
type Change = (state: State, args: unknown[], fonts: ReadonlyMap<string, Font>) => Partial<State>

/** What stands for a character that the PDF does not tell. */
export const UNKNOWN = '\uFFFD'
/** Punctuation as it is turned in vertical writing. */
const VERTICAL_FORMS = /[\uFE10-\uFE19\uFE30-\uFE48]/gu
const FONT_UNITS: Matrix = [0.001, 0, 0, 0.001, 0, 0]
const ORIGIN: Point = { x: 0, y: 0 }
const START: State = {
  matrix: IDENTITY,
  textMatrix: IDENTITY,
  font: {},
  size: 0,
  charSpacing: 0,
  wordSpacing: 0,
  scale: 1,
  rise: 0,
  leading: 0,
  pen: ORIGIN,
  line: ORIGIN,
  annotation: undefined
}
const SAVES = new Set(['save', 'paintFormXObjectBegin', 'beginGroup'])
const RESTORES = new Set(['restore', 'paintFormXObjectEnd', 'endGroup'])

/**
 * All glyphs of a page in the order in which they are drawn: the page itself, then its notes and the fields of its
 * forms. Those of layers that are switched off are left out; invisible ones, as scanners put them over their images,
 * are not.
 */
export function * readGlyphs ({ operators, numbers, fonts, isVisible }: PageDrawing): Generator<Glyph> {
  const names = new Map(Object.entries(numbers).map(([name, number]) => [number, name]))
  const saved: State[] = []
  const layers: boolean[] = []
  let state = START
  for (const [i, number] of operators.fnArray.entries()) {
    const name = names.get(number) ?? ''
    const args = (operators.argsArray[i] ?? []) as unknown[]
    if (SAVES.has(name)) saved.push(state)
    if (RESTORES.has(name)) state = saved.pop() ?? state
    else if (name === 'beginMarkedContent') layers.push(true)
    else if (name === 'beginMarkedContentProps') layers.push(args[0] !== 'OC' || isVisible(args[1]))
    else if (name === 'endMarkedContent') layers.pop()
    else if (name === 'showText') {
      state = yield * show(state, args[0] as Array<FontGlyph | number>, !layers.includes(false))
    } else state = { ...state, ...CHANGES[name]?.(state, args, fonts) }
  }
}

const point = (args: unknown[]): Point => ({ x: Number(args[0]), y: Number(args[1]) })

function move (state: State, by: Point): Partial<State> {
  const line = { x: state.line.x + by.x, y: state.line.y + by.y }
  return { line, pen: line }
}

const setFont = (name: unknown, size: unknown, fonts: ReadonlyMap<string, Font>): Partial<State> =>
  ({ font: fonts.get(String(name)) ?? {}, size: Number(size) })

const CHANGES: Readonly<Record<string, Change>> = {
  transform: (state, args) => ({ matrix: multiply(toMatrix(args as number[]), state.matrix) }),
  paintFormXObjectBegin: (state, [matrix]) => ({ matrix: multiply(toMatrix(matrix as number[] | null), state.matrix) }),
  // Notes and fields are placed on the page, wherever that has left its own coordinates.
  beginAnnotation: (_state, [id, , placed, matrix]) => ({
    ...START,
    annotation: String(id),
    matrix: multiply(toMatrix(matrix as number[]), toMatrix(placed as number[]))
  }),
  endAnnotation: () => START,
  beginText: () => ({ textMatrix: IDENTITY, pen: ORIGIN, line: ORIGIN }),
  setTextMatrix: (_state, [matrix, ...more]) => ({
    textMatrix: toMatrix(typeof matrix === 'number' ? [matrix, ...more as number[]] : matrix as number[]),
    pen: ORIGIN,
    line: ORIGIN
  }),
  moveText: (state, args) => move(state, point(args)),
  setLeadingMoveText: (state, args) => ({ leading: Number(args[1]), ...move(state, point(args)) }),
  nextLine: (state) => move(state, { x: 0, y: state.leading }),
  setLeading: (_state, [leading]) => ({ leading: -Number(leading) }),
  setCharSpacing: (_state, [spacing]) => ({ charSpacing: Number(spacing) }),
  setWordSpacing: (_state, [spacing]) => ({ wordSpacing: Number(spacing) }),
  setHScale: (_state, [scale]) => ({ scale: Number(scale) / 100 }),
  setTextRise: (_state, [rise]) => ({ rise: Number(rise) }),
  setFont: (_state, [name, size], fonts) => setFont(name, size, fonts),
  setGState: (_state, [changes], fonts) => {
    const [, given] = (changes as Array<[string, unknown]>).find(([key]) => key === 'Font') ?? []
    return Array.isArray(given) ? setFont(given[0], given[1], fonts) : {}
  }
}

/** Each glyph of one text, and the state after it. */
function * show (state: State, glyphs: Array<FontGlyph | number>, isShown: boolean): Generator<Glyph, State> {
  const { font, size, charSpacing, wordSpacing, scale, rise, textMatrix, matrix } = state
  const isVertical = font.vertical === true
  const unit = toMatrix(font.fontMatrix ?? FONT_UNITS)[0] * size
  const toPage = multiply(textMatrix, matrix)
  const height = heightOf(toPage, size)
  let { pen } = state
  const after = (by: number): Point => isVertical ? { x: pen.x, y: pen.y + by } : { x: pen.x + by * scale, y: pen.y }
  for (const glyph of glyphs) {
    if (typeof glyph === 'number') {
      pen = after(-glyph * size / 1000)
      continue
    }
    const width = isVertical ? (glyph.vmetric ?? font.defaultVMetrics ?? [-1000])[0] ?? -1000 : glyph.width
    const end = after(width * unit)
    if (isShown && size !== 0) {
      const [from, to] = [transform(pen.x, pen.y + rise, toPage), transform(end.x, end.y + rise, toPage)]
      const direction = directionOf(toPage, size * scale, isVertical)
      yield { text: textOf(glyph, font), size: height, from, to, direction, font, annotation: state.annotation }
    }
    const spacing = charSpacing + (glyph.isSpace ? wordSpacing : 0)
    pen = after(width * unit + (isVertical ? -spacing : spacing))
  }
  return { ...state, pen }
}

/** Where the font does not tell which character a code is, pdf.js takes the code for it. */
function textOf ({ originalCharCode: code, unicode }: FontGlyph, { characters, vertical }: Font): string {
  if (characters === undefined) return unicode
  const text = characters.get(code) ?? ''
  if (text === '') return UNKNOWN
  return vertical === true ? text.replace(VERTICAL_FORMS, (form) => form.normalize('NFKC')) : text
}

/** How large the letters are on the page. */
const heightOf = ([a, b, c, d]: Matrix, size: number): number => Math.sqrt(Math.abs(a * d - b * c)) * Math.abs(size)

function directionOf ([a, b, c, d]: Matrix, sign: number, isVertical: boolean): Point {
  const [x, y] = isVertical ? [-c, -d] : [a * Math.sign(sign), b * Math.sign(sign)]
  const length = Math.hypot(x, y)
  return length === 0 ? { x: 1, y: 0 } : { x: x / length, y: y / length }
}
