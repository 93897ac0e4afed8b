import { XMLParser } from 'fast-xml-parser'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { cue, type Cue } from './cue.ts'

const Json3Schema = Type.Object({
  events: Type.Array(Type.Object({
    tStartMs: Type.Optional(Type.Number()),
    dDurationMs: Type.Optional(Type.Number()),
    segs: Type.Optional(Type.Array(Type.Object({ utf8: Type.Optional(Type.String()) })))
  }))
})

export const isJson3 = (text: string): boolean =>
  /^\s*\{/.test(text) && text.includes('"events"') && text.includes('"segs"')
export const isYoutubeXml = (text: string): boolean =>
  /^\s*(?:<\?xml[^>]*>\s*)?<(?:transcript|timedtext)[\s>]/.test(text)

/** The cues of YouTube's json3 in its order; undefined where it is none. `<` and `&` are letters in it. */
export function readJson3 (text: string): Cue[] | undefined {
  const given = parse(text)
  if (!Value.Check(Json3Schema, given)) return undefined
  const shown = given.events.flatMap(({ tStartMs: start = 0, dDurationMs: duration = 0, segs = [] }) => {
    const said = segs.map(({ utf8 = '' }) => utf8).join('')
    return said.trim() === ''
      ? []
      : [{ start: start / 1000, end: (start + duration) / 1000, said: escaped(said.trim()) }]
  })
  return shown.map(({ start, end, said }, i) => {
    const next = shown[i + 1]?.start ?? end
    return cue(start, Math.max(start, Math.min(end, next)), said, String(i + 1))
  })
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  processEntities: false,
  trimValues: false,
  parseTagValue: false,
  parseAttributeValue: false,
  preserveOrder: true
})

type Raw = Record<string, unknown> & { ':@'?: Record<string, string> }

/**
 * The cues of YouTube's srv1 (`text` with seconds), srv2 and srv3 (`p` or `text` with milliseconds) in their order.
 *
 * @throws where it is not well-formed XML
 */
export function readYoutubeXml (text: string): Cue[] {
  const shown = collect(parser.parse(text, true) as Raw[])
  return shown.map(({ start, end, said }, i) =>
    cue(start, Math.max(start, Math.min(end, shown[i + 1]?.start ?? end)), said, String(i + 1))
  )
}

type Shown = { start: number, end: number, said: string }

function collect (nodes: Raw[]): Shown[] {
  return nodes.flatMap((node): Shown[] => {
    const [name = ''] = Object.keys(node).filter((key) => key !== ':@')
    const children = node[name]
    if (!Array.isArray(children)) return []
    if (name !== 'text' && name !== 'p') return collect(children as Raw[])
    const { start, dur, t, d } = node[':@'] ?? {}
    const begin = start === undefined ? Number(t) / 1000 : Number(start)
    const length = dur === undefined ? Number(d ?? 0) / 1000 : Number(dur)
    const said = textOf(children as Raw[]).trim()
    return said === '' || Number.isNaN(begin) ? [] : [{ start: begin, end: begin + length, said }]
  })
}

const textOf = (nodes: Raw[]): string => nodes.map((node) => {
  if (node['#text'] !== undefined) return String(node['#text'])
  const [inner] = Object.values(node).filter(Array.isArray)
  return inner === undefined ? '' : textOf(inner as Raw[])
}).join('')

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

function parse (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
