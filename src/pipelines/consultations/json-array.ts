const [QUOTE, BACKSLASH, OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT, COMMA] = Buffer.from('"\\[]{},')
/** The longest string that JavaScript makes has half a gigabyte. */
const MAX_ELEMENT_BYTES = 128 * 1024 * 1024

/**
 * The elements of a JSON array that is too large to be parsed in one piece, one after the other; each must be an object.
 * Only where an element ends is found out here, by bytes: what is inside of it is left to JSON.parse.
 *
 * @throws where the text is not one whole array of objects
 */
export async function * readJsonArray (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Record<string, unknown>> {
  let depth = 0
  let inString = false
  let escaped = false
  let ended = false
  let isFirst = true
  let isAfterComma = false
  let parts: Uint8Array[] = []
  let held = 0
  for await (const chunk of chunks) {
    let start = 0
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] as number
      if (inString) {
        if (escaped) escaped = false
        else if (byte === BACKSLASH) escaped = true
        else if (byte === QUOTE) inString = false
      } else if (depth >= 2) {
        if (byte === QUOTE) inString = true
        else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth++
        else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
          depth--
          if (depth > 1) continue
          yield parseObject([...parts, chunk.subarray(start, at + 1)])
          parts = []
          held = 0
          isFirst = false
          isAfterComma = false
        }
      } else if (isSpace(byte)) {
        continue
      } else if (ended) {
        throw new Error('the answer goes on after the end of its array')
      } else if (depth === 0) {
        if (byte !== OPEN_ARRAY) throw new Error('the answer is not a JSON array')
        depth = 1
      } else if (byte === OPEN_OBJECT && (isFirst || isAfterComma)) {
        depth = 2
        start = at
      } else if (byte === COMMA && !isFirst && !isAfterComma) {
        isAfterComma = true
      } else if (byte === CLOSE_ARRAY && !isAfterComma) {
        depth = 0
        ended = true
      } else {
        throw new Error('the answer is not a JSON array of objects')
      }
    }
    if (depth < 2) continue
    held += chunk.length - start
    if (held > MAX_ELEMENT_BYTES) throw new Error(`the answer has an object of more than ${MAX_ELEMENT_BYTES} bytes`)
    parts.push(chunk.subarray(start))
  }
  if (!ended) throw new Error('the answer ends before its array does')
}

function parseObject (parts: Uint8Array[]): Record<string, unknown> {
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8')) as Record<string, unknown>
  } catch (cause) {
    // What V8 says may quote the text.
    throw new Error('the answer is not valid JSON', { cause })
  }
}

const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
