import { tokensOf } from './clean.ts'
import { contextSpan } from './context-span.ts'
import { halvesOf } from './key.ts'
import { LENGTHS, type Length } from './lengths.ts'
import { stemmedGrams } from './stem.ts'

export { LENGTHS, type Length } from './lengths.ts'

/** The grams of one length in a meeting: each once, sorted by key. */
export interface Grams {
  readonly rows: number
  /** With repetitions. */
  readonly total: number
  /** The row of a gram by the halves of its key, or -1. */
  find: (high: number, low: number) => number
  tf: (row: number) => number
  /** The place of its first occurrence among all grams of the meeting, from 0. */
  first: (row: number) => number
  /** Rows in the order of their first occurrence. */
  inOrder: () => Uint32Array
  /** Pairs of 32 bits, the low half first, sorted. */
  readonly keys: Uint32Array
}

/** What is known of one meeting: its sentences, and its grams. 16 bytes a gram, and the text. */
export interface Segment {
  readonly bytes: Uint8Array
  readonly sentences: number
  sentence: (index: number) => string
  grams: (length: Length) => Grams
  /** The texts of the gram that occurs at a place. */
  textsAt: (length: Length, place: number) => { unstemmed: string, stemmed: string, contextSpan: string }
}

type Header = { sentences: number, textBytes: number, grams: Array<{ rows: number, total: number }> }

const HEADER_BYTES = 8
const padded = (bytes: number): number => Math.ceil(bytes / 8) * 8

/** Makes the segment of a meeting from its sentences. Pure. */
export function makeSegment (sentences: string[]): Segment {
  const tokens = sentences.map(tokensOf)
  const grams = LENGTHS.map((length) => collect(tokens, length))
  const texts = sentences.map((sentence) => Buffer.from(sentence, 'utf8'))
  const header: Header = {
    sentences: sentences.length,
    textBytes: texts.reduce((sum, one) => sum + one.length, 0),
    grams: grams.map(({ rows, total }) => ({ rows: rows.length, total }))
  }
  const head = Buffer.from(JSON.stringify(header))
  const layout = layoutOf(head.length, header)
  const bytes = new Uint8Array(layout.end)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, head.length, true)
  bytes.set(head, HEADER_BYTES)
  const counts = new Uint32Array(bytes.buffer, layout.counts, sentences.length)
  const offsets = new Uint32Array(bytes.buffer, layout.offsets, sentences.length + 1)
  let offset = 0
  for (const [i, text] of texts.entries()) {
    counts[i] = (tokens[i] as string[]).length
    bytes.set(text, layout.texts + offset)
    offset += text.length
    offsets[i + 1] = offset
  }
  for (const [g, { rows }] of grams.entries()) {
    const { keys, tf, first } = layout.grams[g] as GramLayout
    const pairs = new Uint32Array(bytes.buffer, keys, rows.length * 2)
    const frequencies = new Uint32Array(bytes.buffer, tf, rows.length)
    const firsts = new Uint32Array(bytes.buffer, first, rows.length)
    for (const [i, row] of rows.entries()) {
      pairs[2 * i] = row.low
      pairs[2 * i + 1] = row.high
      frequencies[i] = row.tf
      firsts[i] = row.first
    }
  }
  return openSegment(bytes)
}

type Row = { high: number, low: number, tf: number, first: number }

function collect (tokens: string[][], length: number): { rows: Row[], total: number } {
  const found = new Map<string, Row>()
  let total = 0
  for (const sentence of tokens) {
    for (const gram of stemmedGrams(sentence, length)) {
      const row = found.get(gram)
      if (row === undefined) found.set(gram, { ...halvesOf(gram), tf: 1, first: total })
      else row.tf++
      total++
    }
  }
  return { rows: [...found.values()].sort((a, b) => a.high - b.high || a.low - b.low), total }
}

type GramLayout = { keys: number, tf: number, first: number }

function layoutOf (
  headLength: number,
  { sentences, textBytes, grams }: Header
): { counts: number, offsets: number, grams: GramLayout[], texts: number, end: number } {
  let at = HEADER_BYTES + padded(headLength)
  const take = (bytes: number): number => {
    const start = at
    at += padded(bytes)
    return start
  }
  const counts = take(4 * sentences)
  const offsets = take(4 * (sentences + 1))
  const places = grams.map(({ rows }) => ({ keys: take(8 * rows), tf: take(4 * rows), first: take(4 * rows) }))
  const texts = take(textBytes)
  return { counts, offsets, grams: places, texts, end: at }
}

/** @throws where the bytes are not those of a segment */
export function openSegment (bytes: Uint8Array): Segment {
  const { buffer } = bytes
  const headLength = new DataView(buffer).getUint32(0, true)
  const header = JSON.parse(Buffer.from(buffer, HEADER_BYTES, headLength).toString('utf8')) as Header
  const layout = layoutOf(headLength, header)
  if (layout.end !== bytes.length) throw new Error('a segment of the index is cut off')
  const counts = new Uint32Array(buffer, layout.counts, header.sentences)
  const offsets = new Uint32Array(buffer, layout.offsets, header.sentences + 1)
  const grams = layout.grams.map(({ keys, tf, first }, g) => openGrams(header.grams[g] as Header['grams'][number], {
    keys: new Uint32Array(buffer, keys, 2 * (header.grams[g]?.rows ?? 0)),
    tf: new Uint32Array(buffer, tf, header.grams[g]?.rows ?? 0),
    first: new Uint32Array(buffer, first, header.grams[g]?.rows ?? 0)
  }))
  const sentence = (index: number): string =>
    Buffer.from(
      buffer,
      layout.texts + (offsets[index] as number),
      (offsets[index + 1] as number) - (offsets[index] as number)
    ).toString('utf8')

  // Asked in order, as an export does, each sentence is read once.
  let last = { length: 0, index: 0, before: 0, tokens: [] as string[], text: '' }

  function sentenceAt (length: Length, place: number): typeof last {
    let { index, before } = last.length === length && last.before <= place ? last : { index: 0, before: 0 }
    for (;;) {
      const inSentence = Math.max(0, (counts[index] as number) - length + 1)
      if (place < before + inSentence) break
      before += inSentence
      index++
    }
    if (last.length === length && last.index === index) return last
    const text = sentence(index)
    last = { length, index, before, text, tokens: tokensOf(text) }
    return last
  }

  function textsAt (length: Length, place: number): { unstemmed: string, stemmed: string, contextSpan: string } {
    const { before, tokens, text } = sentenceAt(length, place)
    const gram = tokens.slice(place - before, place - before + length)
    return {
      unstemmed: gram.join(' '),
      stemmed: stemmedGrams(gram, length)[0] ?? '',
      contextSpan: contextSpan(text, gram[0] ?? '')
    }
  }

  return {
    bytes,
    sentences: header.sentences,
    sentence,
    grams: (length) => grams[LENGTHS.indexOf(length)] as Grams,
    textsAt
  }
}

function openGrams (
  { rows, total }: { rows: number, total: number },
  { keys, tf, first }: { keys: Uint32Array, tf: Uint32Array, first: Uint32Array }
): Grams {
  return {
    rows,
    total,
    keys,
    find: (high, low) => findKey(keys, high, low),
    tf: (row) => tf[row] as number,
    first: (row) => first[row] as number,
    inOrder: () =>
      Uint32Array.from({ length: rows }, (_, row) => row).sort((a, b) => (first[a] as number) - (first[b] as number))
  }
}

/** The index of a key in sorted pairs, or -1. */
export function findKey (keys: Uint32Array, high: number, low: number): number {
  let [from, to] = [0, keys.length / 2 - 1]
  while (from <= to) {
    const middle = (from + to) >>> 1
    const h = keys[2 * middle + 1] as number
    const l = keys[2 * middle] as number
    if (h === high && l === low) return middle
    if (h < high || (h === high && l < low)) from = middle + 1
    else to = middle - 1
  }
  return -1
}
