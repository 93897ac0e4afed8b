import type { Item } from './cue-text.ts'

/** What is known of who may speak: the full names of the persons of the meeting. */
export type KnownPersons = readonly string[]

const TITLES = new Set(
  `
    mayor chair chairman chairwoman chairperson president vice councilmember councilman councilwoman councillor
    councilor council clerk member commissioner supervisor alderman alderwoman alderperson senator representative
    director chief secretary treasurer moderator attorney speaker reverend judge superintendent manager trustee
    boardmember mr mrs ms mx dr hon deputy sheriff interpreter translator staff
  `.trim().split(/\s+/)
)
/** No name begins with, or has in it, one of these. */
const NEVER = new Set(`
  the a an and or but so to of in on at by for from with is are was were be it its this that these those we i you he
  she they my your our his her their not no yes aye nay if as then than when what who how why where there here all
  any question answer note item items motion resolved whereas example reminder update agenda vote votes roll first
  second third next last one two three again also now well okay ok please thank thanks because
`.trim().split(/\s+/))
const PARTICLES = new Set('de la del van von der den da di dos el al bin ibn y'.split(' '))
const MOST_WORDS = 5

/**
 * The items of a line with the name of its speaker before it, where the line or a mark is followed by `NAME:`. The
 * words of the name stay. Without a mark it has to be written in capitals among small letters, begin with a title, or
 * be known.
 */
export function nameSpeakers (
  line: Item[],
  { capitals, persons }: { capitals: boolean, persons: KnownPersons }
): Item[] {
  return line.flatMap((item, i) => {
    const before = line[i - 1]
    const marked = before !== undefined && 'mark' in before
    if (i > 0 && !marked) return [item]
    const name = nameAt(line, i)
    return name !== undefined && isName(name, { marked, capitals, persons })
      ? [{ voice: name.join(' ') }, item]
      : [item]
  })
}

/** The words up to a colon, without it; undefined where none comes soon. */
function nameAt (line: Item[], from: number): string[] | undefined {
  const words: string[] = []
  for (const item of line.slice(from, from + MOST_WORDS)) {
    if (!('word' in item)) return undefined
    const { word } = item
    if (word.endsWith(':')) return [...words, word.slice(0, -1)].map((one) => one.replace(/^\[|\]$/g, ''))
    words.push(word)
  }
  return undefined
}

function isName (
  words: string[],
  { marked, capitals, persons }: { marked: boolean, capitals: boolean, persons: KnownPersons }
): boolean {
  const plain = words.map((word) => word.toLowerCase().replace(/[.,]/g, ''))
  if (!words.every((word) => /^\p{L}[\p{L}\p{M}.'’,-]*$/u.test(word)) || plain.some((word) => NEVER.has(word))) {
    return false
  }
  if (!words.every((word, i) => /^\p{Lu}/u.test(word) || PARTICLES.has(plain[i] ?? ''))) return false
  const isTitled = TITLES.has(plain[0] ?? '')
  const stands = words.every((word) => word === word.toUpperCase()) && words.join('').length > 1
  return marked || isTitled || (stands && !capitals) || matchPerson(words.join(' '), persons) !== undefined
}

export type MatchedPerson = { name: string, confidence: number }

/**
 * Who of the known persons is meant by a name: all of it is surer than the last name, which must be that of one alone.
 */
export function matchPerson (said: string, persons: KnownPersons): MatchedPerson | undefined {
  const words = namesIn(said).filter((word) => !TITLES.has(word))
  if (words.length === 0) return undefined
  const found = persons.filter((person) => {
    const parts = namesIn(person)
    return (
      words.every((word) => parts.includes(word)) &&
      words.some((word) => parts.indexOf(word) > 0 || parts.length === 1)
    )
  })
  const [name] = found
  if (name === undefined || new Set(found).size > 1) return undefined
  return { name, confidence: words.length >= namesIn(name).length ? 1 : words.length > 1 ? 0.95 : 0.9 }
}

/** Small letters without accents; what stands behind a comma, such as Jr., is no name. */
export const namesIn = (text: string): string[] =>
  text
    .replace(/,.*$/, '')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .split(/[^\p{L}'’]+/u)
    .filter((word) => word.length > 1)

export const isTitle = (word: string): boolean => TITLES.has(word.toLowerCase().replace(/[^\p{L}]/gu, ''))
