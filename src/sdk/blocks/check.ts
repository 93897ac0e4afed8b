import type { ErrorObject, ValidateFunction } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { MASK } from './secrets.ts'
import type { BlockKind } from './kind.ts'

export type Problem = { field: string, message: string }

const ajv = new Ajv2020({ allErrors: true, strict: false, useDefaults: true, verbose: true })
const checks = new WeakMap<BlockKind, ValidateFunction>()

/** A copy with the defaults of its kind, or all that is wrong with it. What a problem says never holds a value. */
export function checkBlock (
  kind: BlockKind,
  given: unknown
): { value: Record<string, unknown> } | { problems: Problem[] } {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    return { problems: [{ field: '', message: 'must be an object' }] }
  }
  const value = structuredClone(given) as Record<string, unknown>
  let check = checks.get(kind)
  if (check === undefined) checks.set(kind, (check = ajv.compile(kind.schema)))
  if (!check(value)) return { problems: readProblems(check.errors ?? []) }
  const masks = maskedFields(value)
  return masks.length === 0
    ? { value }
    : { problems: masks.map((field) => ({ field, message: 'is the mask of a secret, not the secret' })) }
}

function readProblems (found: ErrorObject[]): Problem[] {
  const alternatives = found.filter(({ keyword }) => keyword === 'anyOf')
  return found.flatMap((error) => {
    const { keyword, instancePath, params, message = 'is not valid' } = error
    const at = instancePath.split('/').slice(1).join('.')
    const below = (name: unknown): string => [at, String(name)].filter((part) => part !== '').join('.')
    if (keyword === 'anyOf') return [{ field: at, message: describeAnyOf(error) }]
    if (alternatives.some((one) => error.schemaPath.startsWith(`${one.schemaPath}/`))) return []
    if (keyword === 'required') return [{ field: below(params['missingProperty']), message: 'is missing' }]
    if (keyword === 'dependentRequired') {
      return [{ field: below(params['missingProperty']), message: `is needed with ${String(params['property'])}` }]
    }
    if (keyword === 'additionalProperties') {
      return [{ field: below(params['additionalProperty']), message: 'is not a field of this kind' }]
    }
    return [{ field: at, message }]
  })
}

/** Of alternatives, those that can be said: each by the fields that it needs, or by its one value. */
function describeAnyOf ({ schema, parentSchema }: ErrorObject): string {
  const options = (
    Array.isArray(schema) ? schema : ((parentSchema as { anyOf?: unknown[] } | undefined)?.anyOf ?? [])
  ) as Array<{ required?: string[], const?: unknown }>
  const said = options.flatMap(({ required, const: only }) =>
    required !== undefined ? [required.join(' and ')] : only === undefined ? [] : [JSON.stringify(only)]
  )
  return said.length === 0
    ? 'is not valid'
    : `must ${options.every(({ required }) => required !== undefined) ? 'have' : 'be'} ${said.join(' or ')}`
}

function maskedFields (value: unknown, path = ''): string[] {
  if (value === MASK) return [path]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, child]) => maskedFields(child, path === '' ? name : `${path}.${name}`))
}
