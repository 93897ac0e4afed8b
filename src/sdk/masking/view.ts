/** Start and end in a text. */
export type Span = [start: number, end: number]

/** A text with some encoding undone, and where each part of it stands in the text that it was made of. */
export type View = { text: string, spanOf: (start: number, end: number) => Span }

/** Puts a view together from pieces of a source. */
export interface ViewBuilder {
  /** `text` stands for the source from `start` to `end`; nothing of it can be told apart. */
  add: (text: string, start: number, end: number) => void
  /** A part of the source as it is. */
  copy: (source: string, start: number, end: number) => void
  done: () => View
}

export function createViewBuilder (): ViewBuilder {
  const parts: string[] = []
  /** Where each character begins and ends in the source. */
  const starts: number[] = []
  const ends: number[] = []
  return {
    add: (text, start, end) => {
      parts.push(text)
      for (let i = 0; i < text.length; i++) {
        starts.push(start)
        ends.push(end)
      }
    },
    copy: (source, start, end) => {
      if (start < end) parts.push(source.slice(start, end))
      for (let at = start; at < end; at++) {
        starts.push(at)
        ends.push(at + 1)
      }
    },
    done: () => ({ text: parts.join(''), spanOf: (start, end) => [starts[start] ?? 0, ends[end - 1] ?? 0] })
  }
}

/** The second view was made of the text of the first. */
export const composed = (first: View, second: View): View => ({
  text: second.text,
  spanOf: (start, end) => first.spanOf(...second.spanOf(start, end))
})

/** Adds bytes, each with its place in the source: as UTF-8, or one character each where they are none. */
export function addBytes (builder: ViewBuilder, bytes: number[], spans: Span[]): void {
  const buffer = Buffer.from(bytes)
  const text = buffer.toString()
  if (Buffer.compare(Buffer.from(text), buffer) !== 0) {
    for (const [i, byte] of bytes.entries()) builder.add(String.fromCharCode(byte), ...spanAt(spans, i, i))
    return
  }
  let at = 0
  for (const char of text) {
    const length = Buffer.byteLength(char)
    builder.add(char, ...spanAt(spans, at, at + length - 1))
    at += length
  }
}

const spanAt = (spans: Span[], first: number, last: number): Span => [spans[first]?.[0] ?? 0, spans[last]?.[1] ?? 0]
