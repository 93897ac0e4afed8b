import type { Token } from '../model/tokens.ts'
import { isTitle, namesIn, type KnownPersons } from './speakers.ts'

const ALWAYS_CAPITAL = new Set(
  `i i'm i'd i'll i've monday tuesday wednesday thursday friday saturday sunday january february april june july
  august september october november december`.split(/\s+/)
)
/** Names that are words, too: they are taken for a name only beside a title or another part of it. */
const ALSO_WORDS = new Set(
  `
    long young green park parks hill rice price brown white black gray king bishop cook baker banks bell wood woods
    may march grant law lake rose stone street west north day read reed gates field fields church hall house case
    cross chase will mark bill art grace hope faith joy sue rob pat gene jack miles drew dean summer rich best good
    short small sharp swift wise strong major power powers mills miller carpenter farmer fisher hunter mason page
    porter potter singer smith taylor walker ward warren wolf fox bird love lane ford bridges brooks rivers moon
    star snow winter frost tree bush flowers land holland england french english marsh forest noble savage blunt
    moody dear grove temple abbott pope knight judge chance sterling gold silver diamond
  `.trim().split(/\s+/)
)

/** Captions in capitals are written small, but for what is a name by any account, or one of a person who is known. */
export function toSmall (tokens: Token[], persons: KnownPersons): Token[] {
  const parts = partsOf(persons)
  const plain = tokens.map(({ text }) => namesIn(text)[0] ?? '')
  return tokens.map((token, i) => {
    const text = token.text.toLowerCase()
    const part = parts.get(plain[i] ?? '')
    if (part !== undefined && isNameHere(part, plain, i, tokens)) {
      return { ...token, text: capitalized(text, part.written) }
    }
    const isCapital = ALWAYS_CAPITAL.has(text.replace(/[’ʼ]/g, "'").replace(/[^\p{L}']/gu, ''))
    return isCapital ? { ...token, text: text.replace(/\p{L}/u, (letter) => letter.toUpperCase()) } : { ...token, text }
  })
}

type Part = { plain: string, written: string, others: Set<string> }

/** The parts of all names, with those that they stand beside. */
function partsOf (persons: KnownPersons): Map<string, Part> {
  const parts = new Map<string, Part>()
  for (const person of persons) {
    const written = person.replace(/,.*$/, '').split(/[^\p{L}\p{M}'’]+/u)
    for (const word of written) {
      const [plain] = namesIn(word)
      if (plain === undefined) continue
      const others = parts.get(plain)?.others ?? new Set()
      parts.set(plain, {
        plain,
        written: word,
        others: new Set([...others, ...namesIn(person).filter((one) => one !== plain)])
      })
    }
  }
  return parts
}

function isNameHere ({ plain: word, others }: Part, plain: string[], at: number, tokens: Token[]): boolean {
  if (!ALSO_WORDS.has(word)) return true
  const [before, after] = [plain[at - 1] ?? '', plain[at + 1] ?? '']
  return others.has(before) || others.has(after) || isTitle(tokens[at - 1]?.text ?? '')
}

/** The letters of the name as it is written, in the place that they have in the text: `(ITO,` is `(Ito,`. */
function capitalized (text: string, written: string): string {
  const at = text.search(/\p{L}/u)
  const length = [...written].length
  const same =
    text
      .slice(at, at + length)
      .normalize('NFKD')
      .replace(/\p{M}/gu, '') === written.toLowerCase().normalize('NFKD').replace(/\p{M}/gu, '')
  return same
    ? text.slice(0, at) + written + text.slice(at + length)
    : text.replace(/\p{L}/u, (letter) => letter.toUpperCase())
}
