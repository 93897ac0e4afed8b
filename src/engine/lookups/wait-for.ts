import { Type } from 'typebox'
import { By, OnTimeout, Within, toTimeout, type Timeout } from './timeout.ts'

const Types = Type.Array(Type.String({ minLength: 1 }), {
  minItems: 1,
  uniqueItems: true,
  description: 'Event types, or names of entries with a match, that a trigger of this type waits for'
})

/** Either `all`, or event types by the type of the trigger that waits for them. */
type WaitForEntry = {
  all?: string[]
  by?: string
  within?: string
  on_timeout?: 'run' | 'fail'
  [type: string]: string | string[] | undefined
}

const shape = Type.Object(
  {
    all: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        minItems: 2,
        uniqueItems: true,
        description: 'Event types, or names of entries with a match, that must all have come'
      })
    ),
    by: By,
    within: Within,
    on_timeout: OnTimeout
  },
  {
    additionalProperties: Types,
    description:
      'Runs once when an event of each of `all` has come; or, by the type of a trigger, when those have come ' +
      'that it waits for: { "new_genebuild": ["new_xrefs"] }'
  }
)

export const WaitForSchema = Type.Unsafe<WaitForEntry>(shape)

/** What a job waits for by the types of events. */
export type WaitFor = Timeout & {
  /** All types, and names of entries with a match, that the rule names. */
  legs: string[]
  /** What each waits for that has come; undefined where all legs must come. */
  expects: ReadonlyMap<string, readonly string[]> | undefined
}

/** @throws Error where the entry has both forms or none, or a type that waits for itself */
export function toWaitFor (entry: WaitForEntry): WaitFor {
  const { all, by, within, on_timeout: onTimeout, ...others } = entry
  const expects = new Map(
    Object.entries(others).flatMap(([type, types]) => Array.isArray(types) ? [[type, types] as const] : [])
  )
  const timeout = toTimeout({ within, on_timeout: onTimeout })
  if (all !== undefined) {
    const [type] = expects.keys()
    if (type !== undefined) throw new Error(`wait_for: all and ${type} cannot stand beside each other`)
    return { ...timeout, legs: all, expects: undefined }
  }
  if (expects.size === 0) throw new Error('wait_for: needs all, or event types with those that they wait for')
  const loop = findLoop(expects)
  if (loop !== undefined) throw new Error(`wait_for: ${loop[0]} waits for itself: ${loop.join(' → ')}`)
  return { ...timeout, legs: [...new Set([...expects].flatMap(([type, types]) => [type, ...types]))], expects }
}

function findLoop (expects: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const isDone = new Set<string>()
  const visit = (type: string, path: string[]): string[] | undefined => {
    if (path.includes(type)) return [...path.slice(path.indexOf(type)), type]
    if (isDone.has(type)) return undefined
    for (const next of expects.get(type) ?? []) {
      const loop = visit(next, [...path, type])
      if (loop !== undefined) return loop
    }
    isDone.add(type)
    return undefined
  }
  for (const type of expects.keys()) {
    const loop = visit(type, [])
    if (loop !== undefined) return loop
  }
  return undefined
}
