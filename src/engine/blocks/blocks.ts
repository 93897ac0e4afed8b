import { isDeepStrictEqual } from 'node:util'
import { errors } from '../../base/errors.ts'
import { Type } from 'typebox'
import type { Ledger } from '../../ledger/contract.ts'
import type { BlockChange, BlockView } from '../../schemas/blocks.ts'
import { checkBlock, type Problem } from '../../sdk/blocks/check.ts'
import { BLOCK_NAME, type BlockKind, type Kinds, type LoadBlock } from '../../sdk/blocks/kind.ts'
import type { Redactor } from '../../sdk/blocks/redactor.ts'
import { maskBlock, secretsOf } from '../../sdk/blocks/secrets.ts'
import { StoredActsSchema, toActs, withAct, type StoredAct } from '../documents/acts.ts'
import { createDocuments, type Documents } from '../documents/change.ts'
import { checkAllowed, type Allowed } from './allowed.ts'
import type { Keys, Sealed } from './seal.ts'
import { usersOf, type Use } from './uses.ts'

export const BLOCKS = 'blocks'
/** All of them lie in one document, so that a change is one step and a look at them one read. */
const MOST = 200
const MAX_BYTES = 16 * 1024

type Stored = { sealed: Sealed, updated: string, acts?: StoredAct[] | undefined }
const Text = Type.String()
const SealedSchema = Type.Object({ key: Text, iv: Text, tag: Text, data: Text })
/** By `kind/name`. */
const BlocksSchema = Type.Object({
  v: Type.Literal(1),
  blocks: Type.Record(Text, Type.Object({ sealed: SealedSchema, updated: Text, acts: Type.Optional(StoredActsSchema) }))
})
type Places = Map<string, Stored>

/** Named, typed configuration, kept encrypted in the datastore: every role and process sees the value of now. */
export interface Blocks {
  kinds: Kinds
  get: LoadBlock
  list: () => Promise<BlockView[]>
  view: (kind: string, name: string) => Promise<BlockView>
  /** Harmless when repeated. */
  put: (kind: string, name: string, value: unknown, by?: string) => Promise<BlockView>
  /** What is used by something is removed by `force` only. */
  remove: (kind: string, name: string, force: boolean) => Promise<BlockView>
  /** Encrypts with the current key what is still encrypted with the one before. Answers how many those were. */
  rekey: () => Promise<number>
  /** Rejects where a stored block cannot be opened. */
  check: () => Promise<void>
}

type Store = Pick<Ledger, 'get' | 'commit'>

type Dependencies = {
  ledger: Store
  keys: Keys
  redactor: Pick<Redactor, 'add'>
  kinds: Kinds
  /** What a block that is put may run and reach; anything without it. */
  allowed?: Allowed
  /** What refers to blocks now. */
  uses?: () => readonly Use[]
}

export function createBlocks (given: Dependencies): Blocks {
  return {
    kinds: given.kinds,
    get: get.bind(null, given) as LoadBlock,
    list: async () => [...await read(given)].map(([place, stored]) => toView(given, place, stored)),
    view: (kind, name) => view(given, kind, name),
    put: (kind, name, value, by) => put(given, kind, { name, value, by }),
    remove: (kind, name, force) => remove(given, kind, name, force),
    rekey: () => rekey(given),
    check: async () => { for (const [place, { sealed }] of await read(given)) given.keys.open(place, sealed) }
  }
}

function documentsOf (ledger: Store): Documents<{ v: 1, blocks: Record<string, Stored> }> {
  return createDocuments(ledger, BlocksSchema, 'list of blocks')
}

/** The blocks that there are, as `kind/name`. */
export async function listPlaces (ledger: Store): Promise<Set<string>> {
  return new Set((await read({ ledger })).keys())
}

/** In the order of their names, which not every datastore keeps. */
async function read ({ ledger }: Pick<Dependencies, 'ledger'>): Promise<Places> {
  const [found] = await documentsOf(ledger).read([BLOCKS])
  return new Map(Object.entries(found?.blocks ?? {}).sort(([a], [b]) => a < b ? -1 : 1))
}

/** Changes all of them in one step; what `change` answers undefined for is left as it is. */
async function write ({ ledger }: Dependencies, change: (blocks: Places) => Places | undefined): Promise<void> {
  await documentsOf(ledger).change(BLOCKS, (before) => {
    const next = change(new Map(Object.entries(before?.blocks ?? {})))
    return next === undefined ? before : { v: 1, blocks: Object.fromEntries(next) }
  })
}

/** Undefined where it cannot be opened: it can still be seen that it is there, replaced and removed. */
function tryOpen ({ keys }: Dependencies, place: string, { sealed }: Stored): unknown {
  try {
    return keys.open(place, sealed)
  } catch {
    return undefined
  }
}

function toView (given: Dependencies, place: string, stored: Stored): BlockView {
  const [kind = '', name = ''] = place.split('/')
  const schema = given.kinds.get(kind)?.schema
  const value = tryOpen(given, place, stored)
  // Of a kind that is known no more nothing is known to be no secret.
  const shown = schema === undefined || value === undefined ? {} : maskBlock(schema, value)
  return {
    kind,
    name,
    updated: stored.updated,
    acts: toActs(stored.acts),
    key: value === undefined ? 'unreadable' : given.keys.isCurrent(stored.sealed) ? 'current' : 'old',
    value: shown as Record<string, unknown>,
    used_by: usersOf(given.uses?.() ?? [], kind, name)
  }
}

async function view (given: Dependencies, kind: string, name: string): Promise<BlockView> {
  const place = `${kindNamed(kind, given.kinds).kind}/${name}`
  const stored = (await read(given)).get(place)
  if (stored === undefined) throw errors.blockNotFound(kind, name)
  return toView(given, place, stored)
}

async function get (given: Dependencies, wanted: BlockKind | string, name: string): Promise<Record<string, unknown>> {
  const { kinds, keys, redactor } = given
  const asked = typeof wanted === 'string' ? wanted : wanted.kind
  const kind = kinds.get(asked)
  if (kind === undefined) {
    throw errors.final(
      `there is no kind of block ${JSON.stringify(asked)}; there are ${[...kinds.keys()].join(', ')}`
    )
  }
  const blocks = await read(given)
  const place = `${kind.kind}/${name}`
  const stored = blocks.get(place)
  if (stored === undefined) throw absent(kind, name, blocks)
  const checked = checkBlock(kind, keys.open(place, stored.sealed))
  if ('problems' in checked) throw errors.final(`block ${place} does not fit its kind: ${describe(checked.problems)}`)
  redactor.add(secretsOf(kind.schema, checked.value))
  return checked.value
}

function absent ({ kind }: BlockKind, name: string, blocks: Places): Error {
  const others = [...blocks.keys()].filter((place) => place.startsWith(`${kind}/`)).map((place) => place.split('/')[1])
  const rest = others.length === 0 ? ', nor any other of that kind' : `; there are ${others.sort().join(', ')}`
  return errors.final(`there is no block ${JSON.stringify(name)} of the kind ${kind}${rest}`, {
    cause: errors.blockNotFound(kind, name)
  })
}

type Putting = { name: string, value: unknown, by: string | undefined }

async function put (given: Dependencies, kindName: string, { name, value: wanted, by }: Putting): Promise<BlockView> {
  const { kinds, keys, redactor, allowed } = given
  const kind = kindNamed(kindName, kinds)
  const value = checkGiven(kind, name, wanted)
  redactor.add(secretsOf(kind.schema, value))
  if (Buffer.byteLength(JSON.stringify(value)) > MAX_BYTES) {
    throw errors.invalidBlock('', `is larger than ${MAX_BYTES} bytes`)
  }
  const place = `${kind.kind}/${name}`
  const stored: Stored = { sealed: keys.seal(place, value), updated: new Date().toISOString() }
  let change: BlockChange = 'created'
  let now = stored
  await write(given, (blocks) => {
    const before = blocks.get(place)
    if (before === undefined && blocks.size >= MOST) throw errors.tooManyBlocks(MOST)
    const old = before === undefined ? undefined : tryOpen(given, place, before)
    if (allowed !== undefined) checkAllowed(kind.schema, value, old, allowed)
    const isSame = before !== undefined && keys.isCurrent(before.sealed) && isDeepStrictEqual(old, value)
    change = before === undefined ? 'created' : isSame ? 'unchanged' : 'changed'
    now = isSame ? before : { ...stored, acts: actsOf(before, by) }
    return isSame ? undefined : blocks.set(place, now)
  })
  return { ...toView(given, place, now), change }
}

function actsOf (before: Stored | undefined, by: string | undefined): StoredAct[] | undefined {
  return by === undefined ? before?.acts : withAct(before?.acts, { act: 'put', by, at: Date.now() })
}

function checkGiven (kind: BlockKind, name: string, wanted: unknown): Record<string, unknown> {
  if (!BLOCK_NAME.test(name)) throw errors.invalidBlock('name', `must match ${BLOCK_NAME.source}`)
  const checked = checkBlock(kind, wanted)
  if ('problems' in checked) {
    throw errors.invalidBlock(checked.problems[0]?.field ?? '', describe(checked.problems), true)
  }
  return checked.value
}

async function remove (given: Dependencies, kind: string, name: string, force: boolean): Promise<BlockView> {
  const place = `${kind}/${name}`
  const users = usersOf(given.uses?.() ?? [], kind, name)
  let removed: Stored | undefined
  await write(given, (blocks) => {
    removed = blocks.get(place)
    if (removed !== undefined && users.length > 0 && !force) throw errors.blockInUse(place, users)
    return blocks.delete(place) ? blocks : undefined
  })
  if (removed === undefined) throw errors.blockNotFound(kind, name)
  return { ...toView(given, place, removed), change: 'removed' }
}

async function rekey (given: Dependencies): Promise<number> {
  const { keys } = given
  let count = 0
  await write(given, (blocks) => {
    const old = [...blocks].filter(([, { sealed }]) => !keys.isCurrent(sealed))
    count = old.length
    for (const [place, stored] of old) {
      blocks.set(place, { ...stored, sealed: keys.seal(place, keys.open(place, stored.sealed)) })
    }
    return count === 0 ? undefined : blocks
  })
  return count
}

/** For one who has lost the key: without it no role starts while there are blocks. Answers how many there were. */
export async function forgetBlocks (ledger: Store): Promise<number> {
  let count = 0
  await createDocuments(ledger, BlocksSchema, 'list of blocks').change(BLOCKS, (before) => {
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

export const describe = (problems: Problem[]): string =>
  problems.map(({ field, message }) => `${field === '' ? 'it' : field} ${message}`).join('; ')
