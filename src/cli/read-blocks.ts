import { checkBlock } from '../sdk/blocks/check.ts'
import { BLOCK_NAME, variableOf, type BlockKind, type Kinds } from '../sdk/blocks/kind.ts'

type Environment = Record<string, string | undefined>

/** A block that is to be stored. */
export type GivenBlock = { kind: string, name: string, value: Record<string, unknown> }

/**
 * The blocks of a file, `{ "<kind>": { "<name>": { … } } }`, and those whose fields stand in the variables of their
 * kind (`fromEnvironment`: `kind/name`). `{ "env": "NAME" }` in the place of a value is the variable of that name, and
 * `{ "text": "s3://${NAME}/data" }` a text with variables in it. `problems` are all there are.
 */
export function readBlocks (
  file: unknown,
  fromEnvironment: string[],
  env: Environment,
  kinds: Kinds
): { blocks: GivenBlock[], problems: string[] } {
  const problems: string[] = []
  const blocks: GivenBlock[] = []
  const seen = new Set<string>()
  const take = (kindName: string, name: string, read: (kind: BlockKind, place: string) => unknown): void => {
    const place = `${kindName}/${name}`
    const kind = kinds.get(kindName)
    const before = problems.length
    if (kind === undefined) {
      problems.push(
        `${place}: there is no kind of block ${JSON.stringify(kindName)}; there are ${[...kinds.keys()].join(', ')}`
      )
    } else if (!BLOCK_NAME.test(name)) problems.push(`${place}: the name must match ${BLOCK_NAME.source}`)
    else if (seen.has(place)) problems.push(`${place}: is given twice`)
    seen.add(place)
    if (kind === undefined || problems.length > before) return
    const value = read(kind, place)
    // What is missing is said by the name of its variable, not again by that of the field.
    if (problems.length > before) return
    const checked = checkBlock(kind, value)
    if ('problems' in checked) {
      problems.push(
        ...checked.problems.map(({ field, message }) => `${place}: ${field === '' ? 'it' : field} ${message}`)
      )
    } else blocks.push({ kind: kindName, name, value: checked.value })
  }

  if (!isObject(file)) problems.push('the file must be an object: { "<kind>": { "<name>": { … } } }')
  else {
    for (const [kindName, named] of Object.entries(file)) {
      if (!isObject(named)) problems.push(`${kindName}: must be an object of blocks by name`)
      else {
        for (const [name, value] of Object.entries(named)) {
          take(kindName, name, (kind, place) => resolve(value, kind.schema, place, env, problems))
        }
      }
    }
  }
  for (const address of fromEnvironment) {
    const [kindName = '', name = ''] = address.split(/\/(.*)/s)
    take(kindName, name, (kind, place) => fromVariables(kind, name, place, env, problems))
  }
  return { blocks, problems }
}

type Shape = { type?: string, properties?: Record<string, Shape>, required?: string[], default?: unknown }

/** Replaces the references to variables, wherever they stand. */
function resolve (
  value: unknown,
  shape: Shape | undefined,
  place: string,
  env: Environment,
  problems: string[]
): unknown {
  if (Array.isArray(value)) return value.map((child) => resolve(child, undefined, place, env, problems))
  if (!isObject(value)) return value
  const { env: variable, text: template } = value
  if (typeof template === 'string' && Object.keys(value).length === 1) return filled(template, place, env, problems)
  if (typeof variable === 'string' && Object.keys(value).length === 1) {
    const text = env[variable]
    if (text === undefined || text === '') problems.push(`${place}: ${variable} is not set`)
    return typed(text, shape)
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, child]) => [
      name,
      resolve(child, shape?.properties?.[name], place, env, problems)
    ])
  )
}

/** `${NAME}` in a text is the variable of that name. */
function filled (template: string, place: string, env: Environment, problems: string[]): string {
  return template.replace(/\$\{(\w+)\}/g, (_, variable: string) => {
    const text = env[variable]
    if (text === undefined || text === '') problems.push(`${place}: ${variable} is not set`)
    return text ?? ''
  })
}

function fromVariables (
  kind: BlockKind,
  name: string,
  place: string,
  env: Environment,
  problems: string[]
): Record<string, unknown> {
  const { properties = {}, required = [] } = kind.schema as Shape
  return Object.fromEntries(
    Object.entries(kind.env).flatMap(([field, end]) => {
      const variable = variableOf(name, end)
      const text = env[variable]
      if (text !== undefined && text !== '') return [[field, typed(text, properties[field])]]
      if (required.includes(field) && properties[field]?.default === undefined) {
        problems.push(`${place}: ${variable} is not set`)
      }
      return []
    })
  )
}

/** A text that does not read as what is wanted stays text, so that the check refuses it by its field. */
function typed (text: string | undefined, shape: Shape | undefined): unknown {
  if (shape?.type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  if ((shape?.type === 'integer' || shape?.type === 'number') && text?.trim() !== '' && Number.isFinite(Number(text))) {
    return Number(text)
  }
  if (shape?.type === 'array' && text?.trimStart().startsWith('[') === true) return parsed(text)
  return text
}

function parsed (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
