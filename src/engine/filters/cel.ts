import { CelScalar, celEnv, celFunc, isCelError, mapType, parse, plan, type CelResult } from '@bufbuild/cel'
import { strings } from '@bufbuild/cel/ext'
import { checkExpression, type Expression } from './cel-limits.ts'
import type { Clause, Truth } from './clause.ts'
import type { Facts } from './facts.ts'

/** Characters of an expression. */
const MAX_LENGTH = 1000
/**
 * Values of the event times parts of the expression that are asked of each: about as long as the
 * reading of a large event takes.
 */
const MAX_WORK = 50_000
const SHOWN = 200

/** Text of digits grows dear to read as it grows long; no integer of CEL has more than these. */
const INTEGER = /^[+-]?\d{1,19}$/

const env = celEnv({
  variables: { event: mapType(CelScalar.STRING, CelScalar.DYN) },
  funcs: [...strings, celFunc('int', [CelScalar.STRING], CelScalar.INT, (text) => {
    if (!INTEGER.test(text) || BigInt(text) !== BigInt.asIntN(64, BigInt(text))) {
      throw new Error('the text is no integer')
    }
    return BigInt(text)
  })]
})

/** Compiles an expression over `event`, or says what is wrong with it and where. */
export function compileCel (text: unknown): Clause | string {
  if (typeof text !== 'string' || text === '' || text.length > MAX_LENGTH) {
    return `must be an expression of 1 to ${MAX_LENGTH} characters`
  }
  const parsed = tryParse(text)
  if (typeof parsed === 'string') return parsed
  const checked = checkExpression(parsed)
  if ('problem' in checked) return checked.problem
  const run = plan(env, parsed)
  const shown = `cel ${clip(text)}`
  return {
    decide: (facts) => {
      const { holds, says } = evaluate(run, checked.repeated, facts)
      return { holds, reason: `${shown} ${says}` }
    },
    ofType: () => undefined,
    types: undefined,
    costly: true
  }
}

function tryParse (text: string): Expression | string {
  try {
    return parse(text)
  } catch (error) {
    const { message, location } = error as Error & { location?: { start: { offset: number } } }
    if (error instanceof RangeError) return 'is nested too deep'
    return `at character ${(location?.start.offset ?? 0) + 1}: ${message.replace(/^<input>:\d+:\d+: /, '')}`
  }
}

function evaluate (
  run: (context: { event: ReturnType<Facts['json']>['event'] }) => CelResult,
  repeated: number,
  facts: Facts
): { holds: Truth, says: string } {
  try {
    const { event, values } = facts.json()
    if (repeated * values > MAX_WORK) {
      return { holds: undefined, says: `is not asked: the event has too many values (${values}) for it` }
    }
    const result = run({ event })
    if (typeof result === 'boolean') return { holds: result, says: `is ${result}` }
    return {
      holds: undefined,
      says: isCelError(result) ? `fails: ${clip(result.message)}` : 'fails: it gives neither true nor false'
    }
  } catch (error) {
    return { holds: undefined, says: `fails: ${clip((error as Error).message)}` }
  }
}

const clip = (text: string): string => text.length <= SHOWN ? text : `${text.slice(0, SHOWN).toWellFormed()}…`
