const SIMPLE: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['\\', '\\'],
  ["'", "'"],
  ['"', '"'],
  ['a', '\x07'],
  ['b', '\b'],
  ['f', '\f'],
  ['v', '\v'],
  ['0', '\0']
])
const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\s\S]))/g

/**
 * The text that Python's `repr` has written, with its quotes and escapes taken off; undefined where
 * it is none. People paste the JSON of a meeting so, because an interpreter prints it so.
 */
export function readRepr (text: string): string | undefined {
  const [, quote, inner = ''] = /^\s*(['"])([\s\S]*)\1\s*$/.exec(text) ?? []
  if (quote === undefined || isClosedWithin(inner, quote)) return undefined
  let isKnown = true
  const read = inner.replace(ESCAPE, (whole: string, hex?: string, short?: string, long?: string, one?: string) => {
    if (one !== undefined) {
      isKnown &&= SIMPLE.has(one)
      return SIMPLE.get(one) ?? whole
    }
    const code = Number.parseInt(hex ?? short ?? long ?? '', 16)
    isKnown &&= code <= 0x10ffff
    return isKnown ? String.fromCodePoint(code) : whole
  })
  return isKnown ? read : undefined
}

/** Whether the quote ends before the end of the text, or stands behind an escape that takes it. */
function isClosedWithin (inner: string, quote: string): boolean {
  const rest = inner.replace(/\\[\s\S]/g, '')
  return rest.includes(quote) || rest.endsWith('\\')
}

/** The object in a text that is the repr of its JSON; undefined where it is none. */
export function readReprObject (text: string): Record<string, unknown> | undefined {
  const json = readRepr(text)?.trim()
  if (json === undefined || !json.startsWith('{')) return undefined
  try {
    return JSON.parse(json) as Record<string, unknown>
  } catch {
    return undefined
  }
}
