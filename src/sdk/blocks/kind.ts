import type { Static, TSchema } from 'typebox'

/** What a block is called: (kind, name). In small letters, so that its environment variables are told apart. */
export const BLOCK_NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/

/** A type of configuration objects. Its secrets are marked in the schema with `secret(…)`, at any depth. */
export interface BlockKind<S extends TSchema = TSchema> {
  readonly kind: string
  readonly description: string
  readonly schema: S
  /**
   * Field → the end of its environment variable, which begins with the name of the block:
   * `demokratis_api` + `PASSWORD` is `DEMOKRATIS_API_PASSWORD`.
   */
  readonly env: Readonly<Record<string, string>>
}

/** The kinds that a service knows, by name. */
export type Kinds = ReadonlyMap<string, BlockKind>

/** Not a spread: what makes a schema optional is a property that a spread does not see. */
const withKeyword = <T extends TSchema>(schema: T, name: string, value: unknown): T =>
  Object.defineProperties({}, { ...Object.getOwnPropertyDescriptors(schema), [name]: { value, enumerable: true } }) as T

/** Marks what must be shown to nobody. `writeOnly` is the word of JSON Schema for it. */
export const secret = <T extends TSchema>(schema: T): T => withKeyword(schema, 'writeOnly', true)

/**
 * What a block over HTTP may only pick from what the operator's files allow: a program, a path, a
 * host or an address with one.
 */
export type Reach = 'command' | 'path' | 'address'

/** Marks a field that decides what is run or reached. */
export const reaching = <T extends TSchema>(reach: Reach, schema: T): T => withKeyword(schema, REACH, reach)

/** Marks a parameter of a process that names a block of this kind. */
export const namesBlock = <T extends TSchema>(kind: string, schema: T): T => withKeyword(schema, NAMES_BLOCK, kind)

/** A certificate, or several one after the other. */
export const PEM = '^-----BEGIN CERTIFICATE-----[\\s\\S]+-----END CERTIFICATE-----\\s*$'

export const REACH = 'x-reach'
export const NAMES_BLOCK = 'x-block'

/**
 * Loads a block by its name, with the value that it has now.
 *
 * @throws FINAL naming kind and name, where there is none or it does not fit the kind
 */
export interface LoadBlock {
  <S extends TSchema>(kind: BlockKind<S>, name: string): Promise<Static<S>>
  /** For modules that do not import the kinds. */
  (kind: string, name: string): Promise<Record<string, unknown>>
}

/** The environment variable of a field of a block. */
export const variableOf = (name: string, end: string): string => `${name.toUpperCase().replaceAll('-', '_')}_${end}`
