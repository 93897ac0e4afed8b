type Environment = Record<string, string | undefined>

/**
 * `{ "env": "NAME" }` stands for the value of a variable: text, or what `type` says; `default`
 * where it is not set or empty.
 */
type Reference = { env: string, type?: 'string' | 'boolean' | 'integer' | 'number', default?: unknown }

/** The value with its references replaced, and which variable stands behind which place of it. */
export type Resolved = { value: unknown, variables: Map<string, string> }

const KEYS = new Set(['env', 'type', 'default'])
const TYPES = new Set(['string', 'boolean', 'integer', 'number'])
const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['1', true],
  ['true', true],
  ['yes', true],
  ['0', false],
  ['false', false],
  ['no', false]
])

/**
 * Replaces every reference to the environment in a JSON value. What is not set and has no default is left out, as if it
 * had not been written. A value that does not parse as its type is told in `problems` by the name of its variable.
 */
export function fromEnvironment (value: unknown, env: Environment, problems: string[], path = ''): Resolved {
  const variables = new Map<string, string>()
  const below = (name: string): string => path === '' ? name : `${path}/${name}`
  const resolve = (child: unknown, name: string): unknown => {
    const resolved = fromEnvironment(child, env, problems, below(name))
    for (const [place, variable] of resolved.variables) variables.set(place, variable)
    return resolved.value
  }
  if (isReference(value)) {
    variables.set(path, value.env)
    return { value: read(value, env, problems), variables }
  }
  if (Array.isArray(value)) {
    return {
      value: value.map((child, i) => resolve(child, String(i))).filter((child) => child !== undefined),
      variables
    }
  }
  if (typeof value !== 'object' || value === null) return { value, variables }
  const entries = Object.entries(value).map(([name, child]) => [name, resolve(child, name)] as const)
  return { value: Object.fromEntries(entries.filter(([, child]) => child !== undefined)), variables }
}

function isReference (value: unknown): value is Reference {
  if (typeof value !== 'object' || value === null || !('env' in value) || typeof value.env !== 'string') return false
  return Object.keys(value).every((key) => KEYS.has(key)) && (!('type' in value) || TYPES.has(String(value.type)))
}

function read (
  { env: name, type = 'string', default: fallback }: Reference,
  env: Environment,
  problems: string[]
): unknown {
  const text = env[name]?.trim() ?? ''
  if (text === '') return fallback
  if (type === 'string') return text
  const parsed = type === 'boolean' ? BOOLEANS.get(text.toLowerCase()) : Number(text)
  if (parsed === undefined || Number.isNaN(parsed) || (type === 'integer' && !Number.isSafeInteger(parsed))) {
    problems.push(`${name}: ${JSON.stringify(text)} must be ${type}`)
  }
  return parsed
}
