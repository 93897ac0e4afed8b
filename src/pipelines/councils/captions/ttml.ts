import { XMLParser } from 'fast-xml-parser'
import { cue, type Cue } from './cue.ts'
import { readClock, ttmlSeconds, type TtmlClock } from './ttml-time.ts'

type Node = { name: string, attributes: Record<string, string>, children: Node[], text: string | undefined }
type Span = { start: number, end: number | undefined }

export const isTtml = (text: string): boolean =>
  /^\s*<(?:\?xml|!--|!DOCTYPE tt|(?:\w+:)?tt[\s>])/i.test(text) && /<(?:\w+:)?tt[\s>]/.test(text)

// Entities stay as they are: those of captions are decoded later, and a declared one could unfold without end.
const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  removeNSPrefix: true,
  processEntities: false,
  trimValues: false,
  parseTagValue: false,
  parseAttributeValue: false,
  cdataPropName: '#cdata'
})

/**
 * The cues of a TTML or DFXP document in its order: one for each `p`, or for each `span` with times of its own. The
 * times of an element count from the beginning of the one around it. A cue without an end lasts until the next one.
 *
 * @throws where it is not well-formed XML
 */
export function readTtml (text: string): Cue[] {
  const root = (parser.parse(text, true) as unknown[]).map(toNode).find(({ name }) => name === 'tt')
  if (root === undefined) return []
  const cues: Array<{ span: Span, text: string }> = []
  collect(root, { start: 0, end: undefined }, readClock(root.attributes), (span, text) => { cues.push({ span, text }) })
  return cues.map(({ span: { start, end }, text }, i) =>
    cue(start, end ?? cues[i + 1]?.span.start ?? start, text, String(i + 1))
  )
}

function collect (node: Node, around: Span, clock: TtmlClock, add: (span: Span, text: string) => void): void {
  const span = spanOf(node, around, clock)
  if (node.name !== 'p') {
    for (const child of node.children) collect(child, span, clock, add)
    return
  }
  let text = ''
  const flush = (): void => {
    if (text.trim() !== '') add(span, text.trim())
    text = ''
  }
  for (const child of node.children) {
    if (child.name === 'span' && isTimed(child)) {
      flush()
      add(spanOf(child, span, clock), textOf(child).trim())
    } else text += textOf(child)
  }
  flush()
}

const isTimed = ({ attributes }: Node): boolean =>
  ['begin', 'end', 'dur'].some((name) => attributes[name] !== undefined)

function spanOf ({ attributes: { begin, end, dur } }: Node, around: Span, clock: TtmlClock): Span {
  const start = around.start + (ttmlSeconds(begin, clock) ?? 0)
  const lasts = ttmlSeconds(dur, clock)
  const until = ttmlSeconds(end, clock)
  const ends = [
    lasts === undefined ? undefined : start + lasts,
    until === undefined ? undefined : around.start + until,
    around.end
  ].filter((one) => one !== undefined)
  return { start, end: ends.length === 0 ? undefined : Math.min(...ends) }
}

/** White space counts as one blank; a line ends at `br`. */
function textOf ({ name, text, children }: Node): string {
  if (name === 'br') return '\n'
  if (name === 'metadata') return ''
  return text === undefined ? children.map(textOf).join('') : text.replace(/\s+/g, ' ')
}

/** The parser's form of an element is `{ name: children, ':@': attributes }`. */
function toNode (raw: unknown): Node {
  const { ':@': attributes = {}, ...rest } = raw as Record<string, unknown>
  const [name = '', value] = Object.entries(rest)[0] ?? []
  if (name === '#text') return { name, attributes: {}, children: [], text: String(value) }
  const children = Array.isArray(value) ? value.map(toNode) : []
  const text =
    name === '#cdata'
      ? children
        .map((child) => child.text ?? '')
        .join('')
        .replaceAll('&', '&amp;')
        .replaceAll('<', '&lt;')
      : undefined
  return { name, attributes: attributes as Record<string, string>, children, text }
}
