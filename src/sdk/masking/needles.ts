import type { Span } from './view.ts'
import { undoEscapes, undoQuotedPrintable } from './escapes.ts'

/** Shorter secrets are parts of many words: they are taken only where they stand alone. */
export const SHORT = 6
/** A line of a secret, or a piece of one, that is shorter says nothing. */
const LEAST_PIECE = 16
const ARMOUR = /^-----(BEGIN|END) [A-Z0-9 ]+-----$/

/** What is looked for. Bytes are texts of which each character is one byte. */
export type Needles = {
  /** Where they stand; `words`: also the short ones, which need to stand alone. */
  search: (text: string, words: boolean) => Span[]
  /** Whether a text is a part of a secret and nothing else. */
  isPiece: (text: string) => boolean
  isPieceOfBytes: (text: string) => boolean
}

export function createNeedles (secrets: Iterable<string>): Needles {
  const whole = [...secrets].flatMap(partsOf)
  const bytes = whole.map(toBytes)
  return {
    search: createSearch(whole.flatMap(formsOf)),
    isPiece: (text) => text.length >= LEAST_PIECE && !ARMOUR.test(text) && whole.some((one) => one.includes(text)),
    isPieceOfBytes: (text) =>
      text.length >= SHORT && bytes.some((one) => one.length > text.length && one.includes(text))
  }
}

/** The value itself, without the line feed at its end, and each of its lines: a key is printed line by line. */
function partsOf (secret: string): string[] {
  const lines = secret.split(/[\r\n]+/).map((line) => line.trim())
  const telling = lines.length > 1 ? lines.filter((line) => line.length >= SHORT && !ARMOUR.test(line)) : []
  return [...new Set([secret, secret.trim(), ...telling])].filter((one) => one !== '')
}

/**
 * As it is, as it is once its own escapes are undone, with its accents as one character or two; and the bytes of each.
 */
function formsOf (part: string): string[] {
  const undone = [undoEscapes(part)?.text, undoQuotedPrintable(part)?.text].filter((one) => one !== undefined)
  const forms = [part, ...undone.filter((one) => one.length >= SHORT)]
  return forms
    .flatMap((form) => [form, form.normalize('NFC'), form.normalize('NFD')])
    .flatMap((form) => [form, toBytes(form)])
}

const toBytes = (text: string): string => Buffer.from(text.toWellFormed()).toString('latin1')

const WORD = /[\p{L}\p{N}]/u
const KEYS = 1 << 16

/** Finds forms by their first two characters: a text is gone through once, however many forms there are. */
function createSearch (forms: string[]): Needles['search'] {
  const buckets = new Map<number, string[]>()
  const isKey = new Uint8Array(KEYS)
  for (const form of new Set(forms.map(fold))) {
    const key = form.length === 1 ? form.charCodeAt(0) : keyAt(form, 0)
    isKey[key] = 1
    buckets.set(key, [...buckets.get(key) ?? [], form])
  }
  return (given, words) => {
    const text = fold(given)
    const found: Span[] = []
    for (let at = 0; at < text.length; at++) {
      const [one, two] = [text.charCodeAt(at), keyAt(text, at)]
      if (isKey[one] === 0 && isKey[two] === 0) continue
      for (const form of [...buckets.get(two) ?? [], ...buckets.get(one) ?? []]) {
        if (text.startsWith(form, at) && isMeant(text, form, at, words)) found.push([at, at + form.length])
      }
    }
    return found
  }
}

const keyAt = (text: string, at: number): number => (text.charCodeAt(at) + (text.charCodeAt(at + 1) << 8)) % KEYS

/** In a form a plus stands for a blank. */
const fold = (text: string): string => text.replaceAll('+', ' ')

function isMeant (text: string, form: string, at: number, words: boolean): boolean {
  if (form.length >= SHORT) return true
  const before = [...text.slice(Math.max(0, at - 2), at)].at(-1) ?? ''
  const [after = ''] = text.slice(at + form.length, at + form.length + 2)
  return words && !WORD.test(before) && !WORD.test(after)
}
