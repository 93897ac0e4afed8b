import type { BlockKind, Kinds, LoadBlock } from './kind.ts'
import { MASK, secretsOf } from './secrets.ts'

/** Shorter ones are parts of many words: they are taken only where they stand alone. */
export const SHORT = 6

/** Takes secrets out of texts, once it has been told them. */
export interface Redactor {
  add: (secrets: string[]) => void
  text: (text: string) => string
  /** Of any JSON value, the names of its fields too. The value itself where nothing was found. */
  value: <T>(value: T) => T
}

/** `least`: what is shorter is left. In lines of JSON a short one could be a number or a word of JSON itself. */
export function createRedactor (least = 1): Redactor {
  const known = new Set<string>()
  let pattern: RegExp | undefined

  const text = (given: string): string => pattern === undefined ? given : given.replace(pattern, MASK)
  const walk = (value: unknown): unknown => {
    if (typeof value === 'string') return text(value)
    if (Array.isArray(value)) return value.map(walk)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, child]) => [text(name), walk(child)]))
  }
  return {
    add: (secrets) => {
      const before = known.size
      for (const one of secrets) if (one.length >= least) known.add(one)
      if (known.size === before) return
      // The longest first, so that no rest of one stays behind that begins with another.
      const longestFirst = [...known].sort((a, b) => b.length - a.length)
      pattern = new RegExp(longestFirst.map((one) => one.length < SHORT ? `(?<![\\p{L}\\p{N}])${escape(one)}(?![\\p{L}\\p{N}])` : escape(one)).join('|'), 'gu')
    },
    text,
    value: <T>(value: T) => (pattern === undefined ? value : walk(value)) as T
  }
}

const escape = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')

/** Loads blocks and tells the redactor their secrets before anybody else has seen them. */
export const hiding = (load: LoadBlock, redactor: Pick<Redactor, 'add'>, kinds: Kinds): LoadBlock => (async (kind: BlockKind | string, name: string) => {
  const value = await load(kind as string, name)
  const schema = typeof kind === 'string' ? kinds.get(kind)?.schema : kind.schema
  if (schema !== undefined) redactor.add(secretsOf(schema, value))
  return value
}) as LoadBlock
