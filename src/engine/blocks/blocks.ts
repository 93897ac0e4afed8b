import { errors } from '../../base/errors.ts'
import { Type } from 'typebox'
import type { Ledger } from '../../ledger/contract.ts'
import { createDocuments } from '../documents/change.ts'
import { checkBlock, type Problem } from '../../sdk/blocks/check.ts'
import { BLOCK_NAME, type BlockKind, type Kinds, type LoadBlock } from '../../sdk/blocks/kind.ts'
import type { Keys, Sealed } from './seal.ts'
import type { Redactor } from '../../sdk/blocks/redactor.ts'
import type { BlockChange, BlockView } from '../../schemas/blocks.ts'
import { maskBlock, secretsOf } from '../../sdk/blocks/secrets.ts'

const DOC = 'blocks'
/** All of them lie in one document, so that a change is one step and a look at them one read. */
const MOST = 200
const MAX_BYTES = 16 * 1024

type Stored = { sealed: Sealed, updated: string }
const Text = Type.String()
const SealedSchema = Type.Object({ key: Text, iv: Text, tag: Text, data: Text })
/** By `kind/name`. */
const BlocksSchema = Type.Object({ v: Type.Literal(1), blocks: Type.Record(Text, Type.Object({ sealed: SealedSchema, updated: Text })) })

/** Named, typed configuration, kept encrypted in the datastore: every role and process sees the value of now. */
export interface Blocks {
  kinds: Kinds
  get: LoadBlock
  list: () => Promise<BlockView[]>
  view: (kind: string, name: string) => Promise<BlockView>
  /** Harmless when repeated. */
  put: (kind: string, name: string, value: unknown) => Promise<BlockView>
  remove: (kind: string, name: string) => Promise<BlockView>
  /** Encrypts with the current key what is still encrypted with the one before. Answers how many those were. */
  rekey: () => Promise<number>
  /** Rejects where a stored block cannot be opened. */
  check: () => Promise<void>
}

type Store = Pick<Ledger, 'get' | 'commit'>
type Dependencies = { ledger: Store, keys: Keys, redactor: Pick<Redactor, 'add'>, kinds: Kinds }

export function createBlocks ({ ledger, keys, redactor, kinds }: Dependencies): Blocks {
  const documents = createDocuments(ledger, BlocksSchema, 'list of blocks')

  /** In the order of their names, which not every datastore keeps. */
  const read = async (): Promise<Map<string, Stored>> => {
    const [found] = await documents.read([DOC])
    return new Map(Object.entries(found?.blocks ?? {}).sort(([a], [b]) => a < b ? -1 : 1))
  }

  /** Changes all of them in one step; what `change` answers undefined for is left as it is. */
  async function write (change: (blocks: Map<string, Stored>) => Map<string, Stored> | undefined): Promise<void> {
    await documents.change(DOC, (before) => {
      const next = change(new Map(Object.entries(before?.blocks ?? {})))
      return next === undefined ? before : { v: 1, blocks: Object.fromEntries(next) }
    })
  }

  /** Undefined where it cannot be opened: it can still be seen that it is there, replaced and removed. */
  function tryOpen (place: string, { sealed }: Stored): unknown {
    try {
      return keys.open(place, sealed)
    } catch {
      return undefined
    }
  }

  function toView (place: string, stored: Stored): BlockView {
    const [kind = '', name = ''] = place.split('/')
    const schema = kinds.get(kind)?.schema
    const value = tryOpen(place, stored)
    // Of a kind that is known no more nothing is known to be no secret.
    const shown = schema === undefined || value === undefined ? {} : maskBlock(schema, value)
    return { kind, name, updated: stored.updated, key: value === undefined ? 'unreadable' : keys.isCurrent(stored.sealed) ? 'current' : 'old', value: shown as Record<string, unknown> }
  }

  async function get (given: BlockKind | string, name: string): Promise<Record<string, unknown>> {
    const asked = typeof given === 'string' ? given : given.kind
    const kind = kinds.get(asked)
    if (kind === undefined) throw errors.final(`there is no kind of block ${JSON.stringify(asked)}; there are ${[...kinds.keys()].join(', ')}`)
    const blocks = await read()
    const stored = blocks.get(`${kind.kind}/${name}`)
    if (stored === undefined) {
      const others = [...blocks.keys()].filter((place) => place.startsWith(`${kind.kind}/`)).map((place) => place.split('/')[1])
      throw errors.final(`there is no block ${JSON.stringify(name)} of the kind ${kind.kind}${others.length === 0 ? ', nor any other of that kind' : `; there are ${others.sort().join(', ')}`}`, { cause: errors.blockNotFound(kind.kind, name) })
    }
    const checked = checkBlock(kind, keys.open(`${kind.kind}/${name}`, stored.sealed))
    if ('problems' in checked) throw errors.final(`block ${kind.kind}/${name} does not fit its kind: ${describe(checked.problems)}`)
    redactor.add(secretsOf(kind.schema, checked.value))
    return checked.value
  }

  async function put (kindName: string, name: string, given: unknown): Promise<BlockView> {
    const kind = kindNamed(kindName, kinds)
    if (!BLOCK_NAME.test(name)) throw errors.invalidBlock('name', `must match ${BLOCK_NAME.source}`)
    const checked = checkBlock(kind, given)
    if ('problems' in checked) throw errors.invalidBlock(checked.problems[0]?.field ?? '', describe(checked.problems), true)
    const { value } = checked
    redactor.add(secretsOf(kind.schema, value))
    if (Buffer.byteLength(JSON.stringify(value)) > MAX_BYTES) throw errors.invalidBlock('', `is larger than ${MAX_BYTES} bytes`)
    const place = `${kind.kind}/${name}`
    const stored: Stored = { sealed: keys.seal(place, value), updated: new Date().toISOString() }
    let change: BlockChange = 'created'
    let now = stored
    await write((blocks) => {
      const before = blocks.get(place)
      if (before === undefined && blocks.size >= MOST) throw errors.tooManyBlocks(MOST)
      const same = before !== undefined && keys.isCurrent(before.sealed) && JSON.stringify(sorted(tryOpen(place, before))) === JSON.stringify(sorted(value))
      change = before === undefined ? 'created' : same ? 'unchanged' : 'changed'
      now = same ? before : stored
      return same ? undefined : blocks.set(place, stored)
    })
    return { ...toView(place, now), change }
  }

  async function remove (kind: string, name: string): Promise<BlockView> {
    const place = `${kind}/${name}`
    let removed: Stored | undefined
    await write((blocks) => {
      removed = blocks.get(place)
      return blocks.delete(place) ? blocks : undefined
    })
    if (removed === undefined) throw errors.blockNotFound(kind, name)
    return { ...toView(place, removed), change: 'removed' }
  }

  async function rekey (): Promise<number> {
    let count = 0
    await write((blocks) => {
      const old = [...blocks].filter(([, { sealed }]) => !keys.isCurrent(sealed))
      count = old.length
      for (const [place, stored] of old) blocks.set(place, { ...stored, sealed: keys.seal(place, keys.open(place, stored.sealed)) })
      return count === 0 ? undefined : blocks
    })
    return count
  }

  return {
    kinds,
    get: get as LoadBlock,
    list: async () => [...await read()].map(([place, stored]) => toView(place, stored)),
    view: async (kind, name) => {
      const stored = (await read()).get(`${kindNamed(kind, kinds).kind}/${name}`)
      if (stored === undefined) throw errors.blockNotFound(kind, name)
      return toView(`${kind}/${name}`, stored)
    },
    put,
    remove,
    rekey,
    check: async () => { for (const [place, { sealed }] of await read()) keys.open(place, sealed) }
  }
}

/** For one who has lost the key: without it no role starts while there are blocks. Answers how many there were. */
export async function forgetBlocks (ledger: Store): Promise<number> {
  let count = 0
  await createDocuments(ledger, BlocksSchema, 'list of blocks').change(DOC, (before) => {
    count = Object.keys(before?.blocks ?? {}).length
    return undefined
  })
  return count
}

function kindNamed (name: string, kinds: Kinds): BlockKind {
  const kind = kinds.get(name)
  if (kind === undefined) throw errors.unknownKind(name, [...kinds.keys()])
  return kind
}

export const describe = (problems: Problem[]): string => problems.map(({ field, message }) => `${field === '' ? 'it' : field} ${message}`).join('; ')

/** The order of fields is no difference. */
function sorted (value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1).map(([name, child]) => [name, sorted(child)]))
}
