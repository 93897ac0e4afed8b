import { decodeEntities } from './entities.ts'

/** What a cue says, in order: a word, a mark of a new speaker, or the name of who speaks. */
export type Item = { word: string } | { mark: true } | { voice: string }

/** A tag, the `.class` of `<v.loud Name>` included; a `<` before anything else is a character. */
const tags = /<(?:(v)(?:\.[^\s<>]*)?\s+([^<>]*)|\/?[a-z][^<>]*|\d[\d:.]*|\/?)>/gi
const breaks = /<br\s*\/?>/gi
/** `>>` raw or escaped, also escaped twice. A whole run is one mark. */
const marks = /(?:>|&gt;)+/g

/** The lines of a cue as items: tags and music signs taken out, entities decoded, speaker marks and names set apart. */
export function readCueText (text: string): Item[][] {
  return text.replace(breaks, '\n').split('\n').map(readLine).filter((items) => items.length > 0)
}

function readLine (line: string): Item[] {
  const items: Item[] = []
  let plain = ''
  const flush = (): void => {
    items.push(...readPlain(plain))
    plain = ''
  }
  let at = 0
  for (const match of line.matchAll(tags)) {
    plain += line.slice(at, match.index)
    at = match.index + match[0].length
    if (match[1] === undefined) continue
    flush()
    items.push({ voice: decodeEntities(match[2]!).replace(/\s+/g, ' ').trim() })
  }
  plain += line.slice(at)
  flush()
  return items
}

function readPlain (text: string): Item[] {
  return decodeEntities(text).replace(/[\u266a-\u266c\u{1f3b5}\u{1f3b6}]/gu, ' ').split(/((?:>|&gt;)+)/).flatMap((part): Item[] => {
    if (part.replace(marks, '') === '' && part !== '') return [{ mark: true }]
    return part.split(/[\s\u200b\u200e\u200f\ufeff]+/).filter((word) => word !== '' && word !== '-').map((word) => ({ word }))
  })
}
