import type { Static, TSchema } from 'typebox'

/** What a block is called: (kind, name). In small letters, so that its environment variables are told apart. */
export const BLOCK_NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/

/** A type of configuration objects. Its secrets are marked in the schema with `secret(…)`, at any depth. */
export interface BlockKind<S extends TSchema = TSchema> {
  readonly kind: string
  readonly description: string
  readonly schema: S
  /** Field → the end of its environment variable, which begins with the name of the block: `demokratis_api` + `PASSWORD` is `DEMOKRATIS_API_PASSWORD`. */
  readonly env: Readonly<Record<string, string>>
}

/** The kinds that a service knows, by name. */
export type Kinds = ReadonlyMap<string, BlockKind>

/** Marks what must be shown to nobody. `writeOnly` is the word of JSON Schema for it. */
export const secret = <T extends TSchema>(schema: T): T =>
  // Not a spread: what makes a schema optional is a property that a spread does not see.
  Object.defineProperties({}, { ...Object.getOwnPropertyDescriptors(schema), writeOnly: { value: true, enumerable: true } }) as T

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
