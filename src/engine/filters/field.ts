import type { Clause } from './clause.ts'
import type { Facts } from './facts.ts'

/** As much of a sender's text as a reason shows. */
const SHOWN = 60

export type Comparison = 'exact' | 'prefix' | 'suffix'

const COMPARISONS: Record<
  Comparison,
  { test: (text: string, operand: string) => boolean, says: string, denies: string }
> = {
  exact: { test: (text, operand) => text === operand, says: 'is', denies: 'not' },
  prefix: { test: (text, operand) => text.startsWith(operand), says: 'has the prefix', denies: 'without the prefix' },
  suffix: { test: (text, operand) => text.endsWith(operand), says: 'has the suffix', denies: 'without the suffix' }
}

/** A field of the event compared with a text. A field that is not there, or is no text, is not equal to any. */
export function compare (field: string, comparison: Comparison, operand: string): Clause {
  const { test, says, denies } = COMPARISONS[comparison]
  const yes = { holds: true, reason: `${field} ${says} ${clip(operand)}` }
  return {
    decide: (facts) => {
      const text = textOf(facts, field)
      if (text !== undefined && test(text, operand)) return yes
      return {
        holds: false,
        reason: text === undefined ? missing(facts, field) : `${field} is ${clip(text)}, ${denies} ${clip(operand)}`
      }
    },
    ofType: (type) => field === 'type' ? test(type, operand) : undefined,
    types: field === 'type' && comparison === 'exact' ? [operand] : undefined,
    costly: false
  }
}

/** The field is there, whatever its value. */
export function present (field: string): Clause {
  return {
    decide: (facts) =>
      isThere(facts, field)
        ? { holds: true, reason: `there is a ${field}` }
        : { holds: false, reason: `there is no ${field}` },
    ofType: () => field === 'type' ? true : undefined,
    types: undefined,
    costly: false
  }
}

/** Own fields only: what every object has is not in the event. */
function isThere ({ event }: Facts, field: string): boolean {
  return Object.hasOwn(event, field) && event[field] !== undefined && event[field] !== null
}

/** Numbers and booleans in the form that CloudEvents gives them in a header. */
function textOf (facts: Facts, field: string): string | undefined {
  const value = isThere(facts, field) ? facts.event[field] : undefined
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}

const missing = (facts: Facts, field: string): string =>
  isThere(facts, field) ? `${field} is no text` : `there is no ${field}`

const clip = (text: string): string => text.length <= SHOWN ? text : `${text.slice(0, SHOWN).toWellFormed()}…`
