import { type Static, Type } from 'typebox'
import { errors } from '../base/errors.ts'
import { isSecretName } from '../base/mask.ts'
import { BLOCK_NAME, type Kinds, type LoadBlock } from '../sdk/blocks/kind.ts'
import type { Redactor } from '../sdk/masking/redactor.ts'

const closed = { additionalProperties: false }

const EnvSchema = Type.Object({
  env: Type.String({ minLength: 1, description: 'Name of a variable in the environment of the worker' })
}, closed)

const BlockSchema = Type.Object(
  {
    block: Type.String({
      pattern: BLOCK_NAME.source,
      description: 'Name of a block, with the value that it has when the job runs'
    }),
    field: Type.String({ minLength: 1, description: 'A field of it, such as `password`' }),
    kind: Type.Optional(
      Type.String({ minLength: 1, description: 'Its kind, where blocks of several kinds have that name' })
    )
  },
  closed
)

export const ValueSchema = Type.Union([Type.String(), EnvSchema, BlockSchema], {
  description:
    'A text; or { "env": "NAME" } or { "block": "NAME", "field": "password" } for what must not stand in the ' +
    'file, such as a token'
})

export type Value = Static<typeof ValueSchema>

/** Environment variables as the entry point read them. */
export type Environment = Readonly<Record<string, string | undefined>>

export type Sources = { env: Environment, block: LoadBlock, kinds: Kinds, redactor: Pick<Redactor, 'add'> }

/**
 * The values in clear, and the redactor told of those that are secret.
 *
 * @throws FINAL naming what the worker does not have
 */
export async function readValues (
  values: Record<string, Value> | undefined,
  sources: Sources
): Promise<Map<string, string>> {
  const read = new Map<string, string>()
  for (const [name, value] of Object.entries(values ?? {})) {
    const text = await readValue(name, value, sources)
    if (typeof value !== 'string' || isSecretName(name)) sources.redactor.add(secretParts(text))
    read.set(name, text)
  }
  return read
}

async function readValue (name: string, value: Value, { env, block, kinds }: Sources): Promise<string> {
  if (typeof value === 'string') return value
  if ('block' in value) return await readField(name, value, { block, kinds })
  const found = env[value.env]
  if (found !== undefined) return found
  throw errors.final(`${name} needs the environment variable ${value.env}, which the worker does not have`)
}

type BlockValue = Static<typeof BlockSchema>

async function readField (name: string, value: BlockValue, sources: Pick<Sources, 'block' | 'kinds'>): Promise<string> {
  const { kind, found } = await findBlock(name, value, sources)
  const text = Object.hasOwn(found, value.field) ? found[value.field] : undefined
  if (typeof text === 'string' || typeof text === 'number' || typeof text === 'boolean') return String(text)
  throw errors.final(`${name} needs the field ${value.field} of block ${kind}/${value.block}, which ${text === undefined ? 'has none' : 'is no text there'}`)
}

/** By its kind where one is given, else among all kinds that have the field. */
async function findBlock (
  name: string,
  { block: blockName, field, kind }: BlockValue,
  { block, kinds }: Pick<Sources, 'block' | 'kinds'>
) {
  const asked = kind === undefined ? kindsWith(field, kinds) : [kind]
  const found: Array<{ kind: string, found: Record<string, unknown> }> = []
  for (const one of asked) {
    const value = await block(one, blockName).catch((error: unknown) => absentOnly(error, kind))
    if (value !== undefined) found.push({ kind: one, found: value })
  }
  const [first, second] = found
  if (second !== undefined) {
    throw errors.final(
      `${name}: there is a block ${blockName} of the kinds ${found.map((one) => one.kind).join(', ')}; say which by "kind"`
    )
  }
  if (first !== undefined) return first
  throw errors.final(
    `${name}: there is no block ${JSON.stringify(blockName)} with a field ${field}${asked.length === 0 ? ', and no kind that has one' : ` (kinds ${asked.join(', ')})`}`
  )
}

export function kindsWith (field: string, kinds: Kinds): string[] {
  return [...kinds.values()]
    .filter(({ schema }) => Object.hasOwn((schema as { properties?: object }).properties ?? {}, field))
    .map(({ kind }) => kind)
}

function absentOnly (error: unknown, kind: string | undefined): undefined {
  const { cause } = error as { cause?: { code?: unknown } }
  if (kind !== undefined || cause?.code !== 'BLOCK_NOT_FOUND') throw error
}

/** Shorter values say `1`, `yes` or `eu`, and are no secrets. */
const LEAST = 4

/** A value, and what stands behind the scheme of a header: of Basic the password, too. */
function secretParts (text: string): string[] {
  const [, scheme = '', rest = ''] = /^(bearer|basic|token|digest|apikey)\s+(.+)$/i.exec(text.trim()) ?? []
  const password =
    scheme.toLowerCase() === 'basic' ? (Buffer.from(rest, 'base64').toString().split(/:(.*)/s)[1] ?? '') : ''
  return [text, rest, password].filter((one) => one.length >= LEAST)
}
