import { createRedactor, SHORT, type Redactor } from '../masking/redactor.ts'
import type { BlockKind, Kinds, LoadBlock } from './kind.ts'
import { secretsOf } from './secrets.ts'

export { createRedactor, SHORT, type Redactor }

/** Loads blocks and tells the redactor their secrets before anybody else has seen them. */
export const hiding = (load: LoadBlock, redactor: Pick<Redactor, 'add'>, kinds: Kinds): LoadBlock =>
  (async (kind: BlockKind | string, name: string) => {
    const value = await load(kind as string, name)
    const schema = typeof kind === 'string' ? kinds.get(kind)?.schema : kind.schema
    if (schema !== undefined) redactor.add(secretsOf(schema, value))
    return value
  }) as LoadBlock
