import { characterOf } from './entities.ts'
import { addBytes, composed, createViewBuilder, type Span, type View, type ViewBuilder } from './view.ts'

/** JSON within JSON within JSON, and some more. */
const MAX_PASSES = 6

/* eslint-disable no-control-regex -- control characters are what is looked for */

/** A text without any of these has no escapes. */
const MARKS = /[\\%&\u001b\u200b-\u200d\ufeff\u00ad\0\r]|''|""|'"'"'/

const ESCAPE = new RegExp([
  /(?<bytes>(?:\\x[0-9a-fA-F]{2})+|(?:\\[0-3][0-7]{2})+|(?:%[0-9a-fA-F]{2})+)/,
  /(?:\\u\{(?<point>[0-9a-fA-F]{1,6})\}|(?:\\u|%u)(?<unit>[0-9a-fA-F]{4})|\\U(?<long>[0-9a-fA-F]{8}))/,
  /(?<quote>'\\''|'"'"'|''|"")/,
  /(?<gone>\\\r?\n|\u001b\[[0-9;]*[A-Za-z]|[\u200b-\u200d\ufeff\u00ad\0]|\r(?=\n))/,
  /\\(?<letter>[nrtbf0])/,
  /\\(?<itself>[^\p{L}\p{N}\0\u001b\u200b-\u200d\ufeff\u00ad])/u,
  /(?<entity>&#?[A-Za-z0-9]{1,8};)/
].map(({ source }) => source).join('|'), 'gu')

const LETTERS: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['b', '\b'],
  ['f', '\f'],
  ['0', '\0']
])

/** Quoted-printable, of mail. Apart from the others, as `=` and two digits stand in many texts that are none. */
const QUOTED_PRINTABLE = /(?<bytes>(?:=[0-9a-fA-F]{2})+)|(?<gone>=\r?\n)/gu

/**
 * The text with its escapes undone, until there is none left: those of JSON and of programming languages, of shells, of
 * addresses and forms, of HTML, and the colours of a terminal. Undefined where it has none.
 */
export function undoEscapes (text: string): View | undefined {
  let view: View | undefined
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    const given = view?.text ?? text
    const next = MARKS.test(given) ? undo(given, ESCAPE) : undefined
    if (next === undefined) break
    view = view === undefined ? next : composed(view, next)
  }
  return view
}

/** The same after quoted-printable. */
export function undoQuotedPrintable (text: string): View | undefined {
  const view = text.includes('=') ? undo(text, QUOTED_PRINTABLE) : undefined
  if (view === undefined) return undefined
  const next = undoEscapes(view.text)
  return next === undefined ? view : composed(view, next)
}

function undo (text: string, pattern: RegExp): View | undefined {
  const builder = createViewBuilder()
  let at = 0
  let changed = false
  for (const match of text.matchAll(pattern)) {
    const end = match.index + match[0].length
    builder.copy(text, at, match.index)
    if (undoOne(builder, match, match.index, end)) changed = true
    else builder.copy(text, match.index, end)
    at = end
  }
  if (!changed) return undefined
  builder.copy(text, at, text.length)
  return builder.done()
}

function undoOne (builder: ViewBuilder, match: RegExpMatchArray, start: number, end: number): boolean {
  const { bytes, point, unit, long, quote, gone, letter, itself, entity } = match.groups ?? {}
  if (bytes !== undefined) addBytes(builder, ...readBytes(bytes, start))
  else if (unit !== undefined) builder.add(String.fromCharCode(Number.parseInt(unit, 16)), start, end)
  else if (quote !== undefined) builder.add(quote.charAt(0), start, end)
  else if (letter !== undefined) builder.add(LETTERS.get(letter) ?? '', start, end)
  else if (itself !== undefined) builder.add(itself, start, end)
  else if (gone === undefined) {
    const character = entity === undefined ? characterOf(`#x${point ?? long ?? ''}`) : characterOf(entity.slice(1, -1))
    if (character === undefined) return false
    builder.add(character, start, end)
  }
  return true
}

/** `\x41`, `\101`, `%41` and `=41`: the bytes, and where each stands. */
function readBytes (text: string, start: number): [bytes: number[], spans: Span[]] {
  const isOctal = /^\\[0-3]/.test(text)
  const width = /^[%=]/.test(text) ? 3 : 4
  const bytes: number[] = []
  const spans: Span[] = []
  for (let at = 0; at < text.length; at += width) {
    const digits = text.slice(at, at + width)
    bytes.push(isOctal ? Number.parseInt(digits.slice(1), 8) : Number.parseInt(digits.slice(-2), 16))
    spans.push([start + at, start + at + width])
  }
  return [bytes, spans]
}
