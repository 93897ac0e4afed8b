import { Type, type TProperties, type TSchema } from 'typebox'

type About = {
  /** The variable that stands over the file. */
  env: string
  description: string
  /** Other names of the variable, read where it is not set. */
  aliases?: readonly string[]
  /** Its value may hold a secret, and is told to nobody. */
  hidden?: boolean
}

/** A setting: what it may be, and what is known of it. Its place in the file is that in its group. */
export const setting = <T extends TSchema>(schema: T, { env, description, aliases = [], hidden = false }: About): T =>
  ({ ...schema, env, description, aliases, hidden })

export const group = <T extends TProperties>(properties: T) => Type.Object(properties, { additionalProperties: false })

/** What a timer can wait. */
export const milliseconds = (minimum = 1) => Type.Integer({ minimum, maximum: 2 ** 31 - 1 })

/** One of a few words. */
export const oneOf = <const W extends readonly string[]>(words: W) =>
  Type.Unsafe<W[number]>(Type.Union(words.map((word) => Type.Literal(word))))
