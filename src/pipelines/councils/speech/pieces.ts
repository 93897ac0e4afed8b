import type { Span } from './wav.ts'
import type { Voice } from './voice.ts'

/** What is heard at once: spans of the whole, one behind the other. */
export type Piece = { spans: Span[], seconds: number }

/** What is to be heard in pieces of at most `most` seconds, cut in the middle of quiets where there are any. */
export function makePieces ({ spans, cuts }: Voice, most: number): Piece[] {
  const pieces: Piece[] = []
  for (const span of spans.flatMap((one) => cutSpan(one, most, cuts))) {
    const last = pieces.at(-1)
    const seconds = span.end - span.start
    if (last === undefined || last.seconds + seconds > most) pieces.push({ spans: [span], seconds })
    else {
      last.spans.push(span)
      last.seconds += seconds
    }
  }
  return pieces
}

function cutSpan ({ start, end }: Span, most: number, cuts: number[]): Span[] {
  const within = cuts.filter((at) => at > start && at < end).map((at) => at - start)
  return choosePieces(end - start, most, within).map((piece) => ({
    start: start + piece.start,
    end: start + piece.end
  }))
}

/** Each piece ends at the last silence that it reaches, but not before half of what it may have. */
export function choosePieces (seconds: number, most: number, silences: number[]): Span[] {
  const pieces: Span[] = []
  let start = 0
  while (seconds - start > most) {
    const end = silences.findLast((at) => at <= start + most && at >= start + most / 2) ?? start + most
    pieces.push({ start, end })
    start = end
  }
  return [...pieces, { start, end: seconds }]
}

/** The time in the whole of a time in a piece. */
export function timeInWhole ({ spans }: Piece, time: number): number {
  let left = time
  for (const { start, end } of spans) {
    if (left <= end - start) return start + left
    left -= end - start
  }
  return spans.at(-1)?.end ?? time
}
