import { decodeEntities } from './entities.ts'
import { takeSounds, type Sounds } from './sounds.ts'

/** What a cue says, in order: a word, a mark of a new speaker, the name of who speaks, or a sound that is no word. */
export type Item = { word: string } | { mark: true } | { voice: string } | { sound: string }

/** A tag, the `.class` of `<v.loud Name>` included; a `<` before anything else is a character. */
const TAGS = /<(?:(v)(?:\.[^\s<>]*)?\s+([^<>]*)|\/?[a-z][^<>]*|\d[\d:.]*|\/?)>/gi
const BREAKS = /<br\s*\/?>/gi
/** What SubStation and MicroDVD say of place and style within a text: `{\an8}`, `{y:i}`. */
const OVERRIDES = /\{\\[^{}]*\}|\{an?\d{1,2}\}|\{[a-z]:[^{}]*\}/gi
/** `>>` raw or escaped, also escaped twice, and the signs for it. A whole run is one mark; a lone `>` is text. */
const MARKS = /((?:>|&gt;){2,}|\u226b+|\u00bb+)/
const BLANKS = /[\s\u200b\u200e\u200f\ufeff]+/
const MUSIC = /[\u266a-\u266c\u{1f3b5}\u{1f3b6}]/gu

/**
 * The lines of a cue as items: tags and music signs taken out, entities decoded, speaker marks,
 * names and sounds set apart.
 */
export function readCueText (text: string): Item[][] {
  const { rest, sounds } = takeSounds(text.replace(OVERRIDES, ' ').replace(BREAKS, '\n'))
  return rest.split('\n').map((line) => readLine(line, sounds, isQuoted(text))).filter((items) => items.length > 0)
}

/** In a text with `«` a `»` is its end, and no mark. */
const isQuoted = (text: string): boolean => /«|&laquo;/.test(text)

function readLine (line: string, sounds: Sounds, quoted: boolean): Item[] {
  const items: Item[] = []
  let plain = ''
  const flush = (): void => {
    items.push(...readPlain(plain, sounds, quoted))
    plain = ''
  }
  let at = 0
  for (const match of line.matchAll(TAGS)) {
    const [tag, voice, name = ''] = match
    plain += line.slice(at, match.index)
    at = match.index + tag.length
    if (voice === undefined) continue
    flush()
    items.push({ voice: decodeEntities(name).replace(/\s+/g, ' ').trim() })
  }
  plain += line.slice(at)
  flush()
  return items
}

function readPlain (text: string, sounds: Sounds, quoted: boolean): Item[] {
  return decodeEntities(text).replace(MUSIC, ' ').split(MARKS).flatMap((part, i): Item[] => {
    if (i % 2 === 1 && !(quoted && part.includes('\u00bb'))) return [{ mark: true }]
    const words = part.replaceAll('&gt;', '>').split(BLANKS).filter((word) => word !== '' && word !== '-')
    return words.map((word) => sounds.has(word) ? { sound: sounds.get(word) ?? '' } : { word })
  })
}
