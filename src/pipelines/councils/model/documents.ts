import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { Store } from '../../../sdk/store/open.ts'
import { COLLECTIONS, type CollectionName, type DocumentFields, type StoredDocument } from './collections.ts'
import { documentId, type KeyPart } from './document-id.ts'

/** `documents/<collection>/<id>.json` in the store, one JSON object each. */
export interface Documents {
  /**
   * Stores a document under the id of its key. Where there is one already, the fields that say something replace its
   * own and the others stay, so that storing the same again changes nothing. Two writers of one document at the same
   * moment must be kept apart by the one who starts them: the last would win.
   */
  upsert: <Name extends CollectionName>(
    collection: Name,
    fields: DocumentFields<Name>,
    signal?: AbortSignal
  ) => Promise<{ id: string, changed: boolean }>
  /** Likewise under a given id, which the document keeps when its key changes. */
  put: <Name extends CollectionName>(
    collection: Name,
    id: string,
    fields: DocumentFields<Name>,
    signal?: AbortSignal
  ) => Promise<{ id: string, changed: boolean }>
  get: <Name extends CollectionName>(collection: Name, id: string) => Promise<StoredDocument<Name> | undefined>
  /** The ids of a collection, sorted. */
  ids: (collection: CollectionName) => Promise<string[]>
  /** All documents of a collection, one after the other, by id. One that is removed meanwhile is left out. */
  all: <Name extends CollectionName>(collection: Name) => AsyncIterable<StoredDocument<Name>>
  remove: (collection: CollectionName, id: string) => Promise<void>
}

/** The id that a document has or will have: that of the original. */
export function idOf<Name extends CollectionName> (collection: Name, fields: DocumentFields<Name>): string {
  const values = fields as Record<string, unknown>
  return documentId(COLLECTIONS[collection].key.map((name) => values[name] as KeyPart))
}

export function createDocuments (store: Store): Documents {
  const fileOf = (collection: string, id: string): string => `documents/${collection}/${id}.json`

  async function get<Name extends CollectionName> (
    collection: Name,
    id: string
  ): Promise<StoredDocument<Name> | undefined> {
    return (await readJson(store, fileOf(collection, id))) as StoredDocument<Name> | undefined
  }

  const ids = async (collection: CollectionName): Promise<string[]> =>
    (await store.list(`documents/${collection}`)).map((name) =>
      name.slice(name.lastIndexOf('/') + 1, -'.json'.length)
    )

  async function * all<Name extends CollectionName> (collection: Name): AsyncGenerator<StoredDocument<Name>> {
    for (const id of await ids(collection)) {
      const found = await get(collection, id)
      if (found !== undefined) yield found
    }
  }

  async function put<Name extends CollectionName> (
    collection: Name,
    id: string,
    fields: DocumentFields<Name>,
    signal?: AbortSignal
  ): Promise<{ id: string, changed: boolean }> {
    const before = await get(collection, id)
    // A part of the key that is null is a part of the key.
    const key: ReadonlySet<string> = new Set(COLLECTIONS[collection].key)
    const said = Object.fromEntries(
      Object.entries(fields).filter(([name, value]) => value !== undefined && (value !== null || key.has(name)))
    )
    const after = { id, ...before, ...said }
    const changed = JSON.stringify(after) !== JSON.stringify(before)
    if (changed) await writeJson(store, fileOf(collection, id), after, signal)
    return { id, changed }
  }

  return {
    get,
    ids,
    all,
    put,
    upsert: async (collection, fields, signal) => await put(collection, idOf(collection, fields), fields, signal),
    remove: async (collection, id) => { await store.remove(fileOf(collection, id)) }
  }
}

/** Undefined where there is no such file. */
export async function readJson (store: Store, name: string): Promise<unknown> {
  try {
    return JSON.parse(await text(Readable.from(store.read(name))))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

export async function writeJson (store: Store, name: string, value: unknown, signal?: AbortSignal): Promise<void> {
  await store.write(name, Readable.from([`${JSON.stringify(value, null, 2)}\n`]), signal)
}
