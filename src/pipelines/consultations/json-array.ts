const [QUOTE, BACKSLASH, OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT, COMMA] = Buffer.from('"\\[]{},')
/** The longest string that JavaScript makes has half a gigabyte. */
const MAX_ELEMENT_BYTES = 128 * 1024 * 1024

type JsonRow = Record<string, unknown>

/** A JSON array that is too large to be parsed in one piece, piece by piece. */
export interface JsonArrayReader {
  /** The elements that end in this piece. */
  push: (chunk: Uint8Array) => JsonRow[]
  /** @throws where the array has not ended */
  end: () => void
}

type State = {
  /** Brackets that are open: 1 in the array, 2 and more in an element. */
  depth: number
  inString: boolean
  isEscaped: boolean
  hasEnded: boolean
  isFirst: boolean
  isAfterComma: boolean
  /** What is there of an element that has not ended. */
  parts: Uint8Array[]
  held: number
}

/**
 * The elements of a JSON array, one after the other; each must be an object.
 *
 * @throws where the text is not one whole array of objects
 */
export async function * readJsonArray (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<JsonRow> {
  const reader = createJsonArrayReader()
  for await (const chunk of chunks) yield * reader.push(chunk)
  reader.end()
}

/** Finds out by bytes where an element ends: what is inside of it is left to JSON.parse. */
export function createJsonArrayReader (): JsonArrayReader {
  const state: State = {
    depth: 0,
    inString: false,
    isEscaped: false,
    hasEnded: false,
    isFirst: true,
    isAfterComma: false,
    parts: [],
    held: 0
  }
  return { push: push.bind(null, state), end: end.bind(null, state) }
}

function push (state: State, chunk: Uint8Array): JsonRow[] {
  const rows: JsonRow[] = []
  let start = 0
  for (let at = 0; at < chunk.length; at++) {
    if (state.inString) {
      at = skipString(state, chunk, at)
    } else if (state.depth >= 2) {
      if (!endsElement(state, chunk[at] as number)) continue
      rows.push(parseObject([...state.parts, chunk.subarray(start, at + 1)]))
      Object.assign(state, { parts: [], held: 0, isFirst: false, isAfterComma: false })
    } else if (beginsElement(state, chunk[at] as number)) {
      start = at
    }
  }
  if (state.depth >= 2) hold(state, chunk.subarray(start))
  return rows
}

function end (state: State): void {
  if (!state.hasEnded) throw new Error('the answer ends before its array does')
}

/** Where the string ends, or the last byte of the chunk. */
function skipString (state: State, chunk: Uint8Array, from: number): number {
  for (let at = from; at < chunk.length; at++) {
    if (state.isEscaped) {
      state.isEscaped = false
      continue
    }
    const byte = chunk[at]
    if (byte === BACKSLASH) state.isEscaped = true
    else if (byte === QUOTE) {
      state.inString = false
      return at
    }
  }
  return chunk.length
}

/** Takes a byte of an element, and says whether it is its last. */
function endsElement (state: State, byte: number): boolean {
  if (byte === QUOTE) state.inString = true
  else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) state.depth++
  else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) return --state.depth === 1
  return false
}

/** Takes a byte between two elements, and says whether an element begins with it. */
function beginsElement (state: State, byte: number): boolean {
  if (isSpace(byte)) return false
  if (state.hasEnded) throw new Error('the answer goes on after the end of its array')
  if (state.depth === 0) {
    if (byte !== OPEN_ARRAY) throw new Error('the answer is not a JSON array')
    state.depth = 1
  } else if (byte === OPEN_OBJECT && (state.isFirst || state.isAfterComma)) {
    state.depth = 2
    return true
  } else if (byte === COMMA && !state.isFirst && !state.isAfterComma) {
    state.isAfterComma = true
  } else if (byte === CLOSE_ARRAY && !state.isAfterComma) {
    state.depth = 0
    state.hasEnded = true
  } else {
    throw new Error('the answer is not a JSON array of objects')
  }
  return false
}

function hold (state: State, part: Uint8Array): void {
  state.held += part.length
  if (state.held > MAX_ELEMENT_BYTES) {
    throw new Error(`the answer has an object of more than ${MAX_ELEMENT_BYTES} bytes`)
  }
  state.parts.push(part)
}

function parseObject (parts: Uint8Array[]): JsonRow {
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8')) as JsonRow
  } catch (cause) {
    // What V8 says may quote the text.
    throw new Error('the answer is not valid JSON', { cause })
  }
}

const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
