import type { Facts } from './facts.ts'

/** True, false, or undefined where it cannot be told. */
export type Truth = boolean | undefined

/** What came of a clause for an event, and the fact that decided. */
export type Verdict = { holds: Truth, reason: string }

/**
 * A condition on an event. It applies where it holds; what cannot be told does not apply, and
 * neither does its opposite.
 */
export interface Clause {
  decide: (facts: Facts) => Verdict
  /** What the type of an event says alone; undefined where that is not all. */
  ofType: (type: string) => Truth
  /** The only types for which it can hold; undefined where they cannot be listed. */
  types: readonly string[] | undefined
  /** Costs more than to look at a field: asked last. */
  costly: boolean
}

/** Holds where all of them do. The first that does not decides. */
export function all (clauses: readonly Clause[]): Clause {
  const [only] = clauses
  if (only !== undefined && clauses.length === 1) return only
  const inOrder = clauses.toSorted((a, b) => Number(a.costly) - Number(b.costly))
  return {
    decide: (facts) => until(false, inOrder, facts),
    ofType: (type) => foldTruth(false, inOrder.map((one) => one.ofType(type))),
    types: fewest(inOrder),
    costly: inOrder.some((one) => one.costly)
  }
}

/** Holds where one of them does. The first that does decides. */
export function any (clauses: readonly Clause[]): Clause {
  const [only] = clauses
  if (only !== undefined && clauses.length === 1) return only
  const types = clauses.map((one) => one.types)
  return {
    decide: (facts) => until(true, clauses, facts),
    ofType: (type) => foldTruth(true, clauses.map((one) => one.ofType(type))),
    types: types.includes(undefined) ? undefined : [...new Set(types.flatMap((some) => some ?? []))],
    costly: clauses.some((one) => one.costly)
  }
}

/** The reason is a fact, and stays one. */
export function not (clause: Clause): Clause {
  return {
    decide: (facts) => {
      const { holds, reason } = clause.decide(facts)
      return { holds: opposite(holds), reason }
    },
    ofType: (type) => opposite(clause.ofType(type)),
    types: undefined,
    costly: clause.costly
  }
}

const opposite = (truth: Truth): Truth => truth === undefined ? undefined : !truth

/** Asks in order until one gives `end`, which then is the verdict; else one that cannot be told, else all together. */
function until (end: boolean, clauses: readonly Clause[], facts: Facts): Verdict {
  const reasons: string[] = []
  let untold: Verdict | undefined
  for (const clause of clauses) {
    const verdict = clause.decide(facts)
    if (verdict.holds === end) return verdict
    if (verdict.holds === undefined) untold ??= verdict
    reasons.push(verdict.reason)
  }
  return untold ?? { holds: !end, reason: reasons.join(' and ') }
}

function foldTruth (end: boolean, truths: readonly Truth[]): Truth {
  if (truths.includes(end)) return end
  return truths.includes(undefined) ? undefined : !end
}

function fewest (clauses: readonly Clause[]): readonly string[] | undefined {
  const lists = clauses.flatMap(({ types }) => types === undefined ? [] : [types])
  return lists.sort((a, b) => a.length - b.length)[0]
}
