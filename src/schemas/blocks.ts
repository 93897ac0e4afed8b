import { Type, type Static } from 'typebox'
import { actsField, closed, instant, onePage, oneOf, refTo } from './parts.ts'

const anything = (description: string) =>
  Type.Unsafe<Record<string, unknown>>(Type.Object({}, { additionalProperties: true, description }))

export const BlockSchema = Type.Object({
  kind: Type.String(),
  name: Type.String(),
  updated: instant('When it was last changed'),
  acts: actsField,
  key: oneOf(['current', 'old', 'unreadable'], {
    description:
      'Which key it is encrypted with: SIGNALBOX_SECRET_KEY, SIGNALBOX_SECRET_KEY_OLD, or one that is not known ' +
      'here'
  }),
  value: anything('Its fields; *** in the place of every secret'),
  used_by: Type.Array(Type.String(), { description: 'What refers to it: processes, notices, settings' }),
  change: Type.Optional(oneOf(['created', 'changed', 'unchanged', 'removed'], { description: 'What the request did' }))
}, { $id: 'Block', ...closed, description: 'Named, typed configuration' })
/** A block as people may see it. */
export type BlockView = Static<typeof BlockSchema>
export type BlockChange = NonNullable<BlockView['change']>

export const BlockListSchema = Type.Object({
  items: Type.Array(refTo<BlockView>('Block')),
  next: onePage
}, { $id: 'BlockList', ...closed })

const BlockKindSchema = Type.Object({
  kind: Type.String(),
  description: Type.String(),
  schema: anything('JSON Schema of its blocks; `writeOnly` marks the secrets'),
  env: Type.Record(Type.String(), Type.String(), {
    description: 'Field → the end of its environment variable, which begins with the name of the block'
  })
}, closed)

export type BlockKindView = Static<typeof BlockKindSchema>

export const BlockKindListSchema = Type.Object({
  items: Type.Array(BlockKindSchema),
  next: onePage
}, { $id: 'BlockKindList', ...closed })

export const BlockRekeySchema = Type.Object({
  rekeyed: Type.Integer({ description: 'How many blocks were encrypted with another key' })
}, { $id: 'BlockRekey', ...closed })

export const blockSchemas = [BlockSchema, BlockListSchema, BlockKindListSchema, BlockRekeySchema]
