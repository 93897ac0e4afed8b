import { Type, type Static } from 'typebox'

const closed = { additionalProperties: false }
const onePage = Type.Null({ description: 'There is one page' })
const anything = (description: string) => Type.Object({}, { additionalProperties: true, description })

export const BlockSchema = Type.Object({
  kind: Type.String(),
  name: Type.String(),
  updated: Type.String({ format: 'date-time', description: 'When it was last changed' }),
  key: Type.Union(['current', 'old', 'unreadable'].map((word) => Type.Literal(word)), { description: 'Which key it is encrypted with: SIGNALBOX_SECRET_KEY, SIGNALBOX_SECRET_KEY_OLD, or one that is not known here' }),
  value: anything('Its fields; *** in the place of every secret'),
  change: Type.Optional(Type.Union(['created', 'changed', 'unchanged', 'removed'].map((word) => Type.Literal(word)), { description: 'What the request did' }))
}, { $id: 'Block', ...closed, description: 'Named, typed configuration' })
export type BlockChange = 'created' | 'changed' | 'unchanged' | 'removed'
/** A block as people may see it. */
export type BlockView = Omit<Static<typeof BlockSchema>, 'key' | 'change' | 'value'> & { key: 'current' | 'old' | 'unreadable', value: Record<string, unknown>, change?: BlockChange }

export const BlockListSchema = Type.Object({ items: Type.Array(Type.Ref('Block')), next: onePage }, { $id: 'BlockList', ...closed })

export const BlockKindListSchema = Type.Object({
  items: Type.Array(Type.Object({
    kind: Type.String(),
    description: Type.String(),
    schema: anything('JSON Schema of its blocks; `writeOnly` marks the secrets'),
    env: Type.Record(Type.String(), Type.String(), { description: 'Field → the end of its environment variable, which begins with the name of the block' })
  }, closed)),
  next: onePage
}, { $id: 'BlockKindList', ...closed })

export const BlockRekeySchema = Type.Object({ rekeyed: Type.Integer({ description: 'How many blocks were encrypted with another key' }) }, { $id: 'BlockRekey', ...closed })

export const blockSchemas = [BlockSchema, BlockListSchema, BlockKindListSchema, BlockRekeySchema]
