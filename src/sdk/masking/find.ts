import { undoEscapes, undoQuotedPrintable } from './escapes.ts'
import type { Needles } from './needles.ts'
import { type Run, runsIn } from './runs.ts'
import type { Span, View } from './view.ts'

/** Base64 of JSON with base64 in it. */
const MAX_DEPTH = 3
/** A longer run is more than a token: of it only the part with the secret is taken. */
const MAX_TOKEN = 4096

/** Where secrets stand in a text, with all encodings of it undone. In no order; they may overlap. */
export function findSecrets (text: string, needles: Needles, depth = 0): Span[] {
  const found: Span[] = []
  for (const view of viewsOf(text)) {
    for (const span of needles.search(view.text, true)) found.push(view.spanOf(...span))
    if (depth < MAX_DEPTH) for (const span of findInRuns(view.text, needles, depth)) found.push(view.spanOf(...span))
  }
  return found
}

function viewsOf (text: string): View[] {
  const asItIs: View = { text, spanOf: (start, end) => [start, end] }
  return [asItIs, undoEscapes(text), undoQuotedPrintable(text)].filter((view) => view !== undefined)
}

function * findInRuns (text: string, needles: Needles, depth: number): Generator<Span> {
  for (const run of runsIn(text)) {
    if (run.isWhole && needles.isPieceOfBytes(run.text)) {
      yield run.span
      continue
    }
    const readable = isReadable(run.text)
    const inside = readable ? findSecrets(run.text, needles, depth + 1) : needles.search(run.text, false)
    for (const [start, end] of inside) yield readable && isToken(run) ? run.span : run.spanOf(start, end)
    for (const view of wideViews(run.text)) {
      for (const span of needles.search(view.text, false)) yield run.spanOf(...view.spanOf(...span))
    }
  }
}

const isToken = ({ isWhole, isDigits, span: [start, end] }: Run): boolean =>
  isWhole && !isDigits && end - start <= MAX_TOKEN

/** Noise has bytes that no text has. */
const isReadable = (bytes: string): boolean =>
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  bytes.length > 0 && !/[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f]/.test(bytes.slice(0, 200))

/** Of bytes with many zeros: as UTF-16, in which PowerShell encodes its commands. */
function * wideViews (bytes: string): Generator<View> {
  if (!/[^\0]\0[^\0]\0/.test(bytes)) return
  for (const parity of [0, 1]) {
    const text = Buffer.from(bytes.slice(parity), 'latin1').toString('utf16le')
    yield { text, spanOf: (start, end) => [parity + 2 * start, parity + 2 * end] }
  }
}
