import type { ProcessView } from '../../schemas/lookups.ts'

/** A field of the data of an event, as the processes that it starts describe it. */
export type Field = {
  name: string
  kind: 'text' | 'number' | 'integer' | 'yes' | 'choice' | 'json'
  choices: string[]
  description: string
  isNeeded: boolean
  fallback: unknown
  /** The processes that read it. */
  of: string[]
}

type Schema = Record<string, unknown>

const schemaOf = (value: unknown): Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Schema) : {}
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

/** The fields that an event of a type may bring: those of all its processes, but for what the operator has fixed. */
export function fieldsOf (processes: ProcessView[]): Field[] {
  const fields = new Map<string, Field>()
  for (const { process, params: described } of processes) {
    const params = schemaOf(described)
    const data = schemaOf(schemaOf(schemaOf(params['schema'])['properties'])['data'])
    const needed = new Set(listOf(data['required']))
    const fixed = schemaOf(params['fixed'])
    const fallback = schemaOf(params['default'])
    for (const [name, schema] of Object.entries(schemaOf(data['properties']))) {
      if (Object.hasOwn(fixed, name)) continue
      const known = fields.get(name)
      if (known !== undefined) {
        known.of.push(process)
        known.isNeeded ||= needed.has(name)
      } else {
        fields.set(name, {
          ...toField(name, schemaOf(schema)),
          isNeeded: needed.has(name),
          fallback: fallback[name],
          of: [process]
        })
      }
    }
  }
  return [...fields.values()].sort((a, b) => Number(b.isNeeded) - Number(a.isNeeded))
}

function toField (name: string, schema: Schema): Pick<Field, 'name' | 'kind' | 'choices' | 'description'> {
  const description = typeof schema['description'] === 'string' ? schema['description'] : ''
  const choices = choicesOf(schema)
  return { name, description, choices, kind: choices.length > 0 ? 'choice' : kindOf(schema) }
}

function choicesOf (schema: Schema): string[] {
  const given = Array.isArray(schema['enum'])
    ? schema['enum']
    : listOf(schema['anyOf']).map((one) => schemaOf(one)['const'])
  return given.length > 0 && given.every((one) => typeof one === 'string') ? (given as string[]) : []
}

const KINDS: Record<string, Field['kind']> = {
  string: 'text',
  number: 'number',
  integer: 'integer',
  boolean: 'yes'
}

function kindOf ({ type }: Schema): Field['kind'] {
  const types = [type].flat().filter((one) => one !== 'null')
  return types.length === 1 ? (KINDS[String(types[0])] ?? 'json') : 'json'
}
