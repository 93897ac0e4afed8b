import { keyOfTerm, termsOf } from './terms.ts'

/** What a line of a meeting is: something that was said, or a text of its record. */
export type Field = 'item' | 'matter' | 'person' | 'body'

export type SpokenLine = {
  text: string
  start: number
  end: number
  speaker: string | null
  session: number
  index: number
}
export type FieldLine = { field: Field, text: string }

/** A session of a meeting, as a moment of it is found again. */
export type SpokenSession = { session_id: string, session_index: number, video_uri: string, transcript_id: string }

export type SpokenMeeting = {
  event_id: string
  /** Seconds since 1970. */
  event_datetime: number
  body: string
  sessions: SpokenSession[]
  lines: SpokenLine[]
  fields: FieldLine[]
}

type Header = Omit<SpokenMeeting, 'lines'> & {
  speakers: string[]
  lines: number
  terms: number
  postings: number
  textBytes: number
  words: number
}

/** A meeting that can be searched: its lines, and where each term stands. The bytes are those of its file. */
export interface Spoken {
  readonly meeting: Omit<SpokenMeeting, 'lines'>
  readonly bytes: Uint8Array
  /** How many were said. Behind them come the lines of the record. */
  readonly lines: number
  readonly words: number
  readonly keys: Float64Array
  /** The lines with the term at a place of `keys`, in order. */
  linesOf: (place: number) => Uint32Array
  /** The place of a term among `keys`, or -1. */
  find: (key: number) => number
  text: (line: number) => string
  line: (line: number) => SpokenLine
}

const padded = (bytes: number): number => Math.ceil(bytes / 8) * 8
const HEAD = 8

type Layout = {
  keys: number
  offsets: number
  postings: number
  starts: number
  ends: number
  places: number
  texts: number
  text: number
  end: number
}

function layoutOf (headLength: number, { terms, postings, lines, textBytes }: Header): Layout {
  let at = HEAD + padded(headLength)
  const take = (bytes: number): number => {
    const start = at
    at += padded(bytes)
    return start
  }
  const layout = {
    keys: take(8 * terms),
    offsets: take(4 * (terms + 1)),
    postings: take(4 * postings),
    starts: take(4 * lines),
    ends: take(4 * lines),
    places: take(12 * lines),
    texts: take(4 * (lines + 1)),
    text: take(textBytes)
  }
  return { ...layout, end: at }
}

/** The file of a meeting. Pure: the same gives the same bytes. */
export function makeSpoken ({ lines, ...meeting }: SpokenMeeting): Uint8Array {
  const postings = collect([...lines.map(({ text }) => text), ...meeting.fields.map(({ text }) => text)])
  const keys = [...postings.keys()].sort((a, b) => a - b)
  const speakers = [...new Set(lines.flatMap(({ speaker }) => speaker ?? []))]
  const texts = lines.map(({ text }) => Buffer.from(text, 'utf8'))
  const words = lines.reduce((sum, { text }) => sum + text.split(' ').length, 0)
  const count = keys.reduce((sum, key) => sum + (postings.get(key)?.length ?? 0), 0)
  const header: Header = {
    ...meeting,
    speakers,
    lines: lines.length,
    terms: keys.length,
    postings: count,
    textBytes: texts.reduce((sum, one) => sum + one.length, 0),
    words
  }
  const head = Buffer.from(JSON.stringify(header))
  const layout = layoutOf(head.length, header)
  const bytes = new Uint8Array(layout.end)
  new DataView(bytes.buffer).setUint32(0, head.length, true)
  bytes.set(head, HEAD)
  const view = viewsOf(bytes.buffer, layout, header)
  view.keys.set(keys)
  let at = 0
  for (const [i, key] of keys.entries()) {
    const own = postings.get(key) ?? []
    view.postings.set(own, at)
    at += own.length
    view.offsets[i + 1] = at
  }
  let offset = 0
  for (const [i, { start, end, speaker, session, index }] of lines.entries()) {
    view.starts[i] = start
    view.ends[i] = end
    view.places.set([speaker === null ? 0 : speakers.indexOf(speaker) + 1, session, index], 3 * i)
    bytes.set(texts[i] ?? [], layout.text + offset)
    offset += texts[i]?.length ?? 0
    view.texts[i + 1] = offset
  }
  return bytes
}

function collect (texts: string[]): Map<number, number[]> {
  const postings = new Map<number, number[]>()
  for (const [line, text] of texts.entries()) {
    for (const term of termsOf(text)) {
      const key = keyOfTerm(term)
      const own = postings.get(key)
      if (own === undefined) postings.set(key, [line])
      else own.push(line)
    }
  }
  return postings
}

function viewsOf (buffer: ArrayBufferLike, layout: Layout, { terms, postings, lines }: Header) {
  return {
    keys: new Float64Array(buffer, layout.keys, terms),
    offsets: new Uint32Array(buffer, layout.offsets, terms + 1),
    postings: new Uint32Array(buffer, layout.postings, postings),
    starts: new Float32Array(buffer, layout.starts, lines),
    ends: new Float32Array(buffer, layout.ends, lines),
    /** Of each line: its speaker from 1, its session, its number in the transcript. */
    places: new Uint32Array(buffer, layout.places, 3 * lines),
    texts: new Uint32Array(buffer, layout.texts, lines + 1)
  }
}

/** @throws where the bytes are not those of such a file, or are cut off */
export function openSpoken (bytes: Uint8Array): Spoken {
  const { buffer } = bytes
  const headLength = new DataView(buffer).getUint32(0, true)
  const header = JSON.parse(Buffer.from(buffer, HEAD, headLength).toString('utf8')) as Header
  const layout = layoutOf(headLength, header)
  if (layout.end !== bytes.length) throw new Error('a file of the search is cut off')
  const view = viewsOf(buffer, layout, header)
  const { speakers, lines, terms: _terms, postings: _postings, textBytes: _bytes, words, ...meeting } = header
  const text = (line: number): string => {
    if (line >= lines) return meeting.fields[line - lines]?.text ?? ''
    const [from = 0, to = 0] = [view.texts[line], view.texts[line + 1]]
    return Buffer.from(buffer, layout.text + from, to - from).toString('utf8')
  }
  return {
    meeting,
    bytes,
    lines,
    words,
    keys: view.keys,
    text,
    linesOf: (place) => view.postings.subarray(view.offsets[place], view.offsets[place + 1]),
    find: (key) => findKey(view.keys, key),
    line: (line) => ({
      text: text(line),
      start: view.starts[line] ?? 0,
      end: view.ends[line] ?? 0,
      speaker: speakers[(view.places[3 * line] ?? 0) - 1] ?? null,
      session: view.places[3 * line + 1] ?? 0,
      index: view.places[3 * line + 2] ?? 0
    })
  }
}

function findKey (keys: Float64Array, key: number): number {
  let [from, to] = [0, keys.length - 1]
  while (from <= to) {
    const middle = (from + to) >>> 1
    const found = keys[middle] ?? 0
    if (found === key) return middle
    if (found < key) from = middle + 1
    else to = middle - 1
  }
  return -1
}
